"""A request as the server hands it over: its head, before anybody is admitted and before its body is read."""

from collections.abc import Iterable, Mapping
from io import BytesIO
from sys import stderr
from typing import Any, Self

import msgspec


class Request(msgspec.Struct):
    """One request's head.

    `peer` is the address of the connection. `headers` have lower-case names. One with an underscore is
    dropped: WSGI spells it like the one with a hyphen, so it could pass for a header that a proxy sets.
    """

    method: str
    path: str
    query: str
    peer: str
    headers: dict[str, str]

    @classmethod
    def from_environ(cls, environ: Mapping[str, Any]) -> Self:
        """Return the request of a WSGI host, which has dropped or merged underscores already."""
        given = [
            (name[5:].replace("_", "-").lower(), value)
            for name, value in environ.items()
            if name.startswith("HTTP_")
        ]
        plain = (
            ("content-type", environ.get("CONTENT_TYPE")),
            ("content-length", environ.get("CONTENT_LENGTH")),
        )
        return cls(
            environ["REQUEST_METHOD"].upper(),
            environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace"),
            environ.get("QUERY_STRING", ""),
            environ.get("REMOTE_ADDR", ""),
            merge_headers([*given, *((name, value) for name, value in plain if value is not None)]),
        )

    @property
    def announces_body(self) -> bool:
        """Return whether the head announces a body."""
        return "transfer-encoding" in self.headers or self.headers.get("content-length", "0") != "0"

    def to_environ(self, body: bytes) -> dict[str, Any]:
        """Return the request with its body as a WSGI environment."""
        host, _, port = self.headers.get("host", "").rpartition(":")
        environ = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": self.path.encode().decode("latin-1"),
            "QUERY_STRING": self.query,
            "REMOTE_ADDR": self.peer,
            "SERVER_NAME": host or "localhost",
            "SERVER_PORT": port if port.isascii() and port.isdigit() else "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": self.headers.get("content-type", ""),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            if name not in ("content-length", "content-type", "transfer-encoding"):
                environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
        return environ


def merge_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers by name, those with an underscore dropped, and repeated ones joined by a comma."""
    found: dict[str, str] = {}
    for name, value in headers:
        if "_" not in name:
            found[name] = f"{found[name]}, {value}" if name in found else value
    return found
