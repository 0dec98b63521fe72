"""The layer in front of Flask: admits callers, answers the hot routes itself, and marks every answer.

Flask's own dispatch costs more than a forecast, so POST /predict… is answered here; whatever is not a plain
success goes on to Flask, which knows how to say what is wrong.
"""

import hashlib
import logging
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from time import perf_counter
from typing import Any

from services.predict_api.access import Access, Caller
from services.predict_api.bodies import Bodies
from services.predict_api.desk import KINDS, Desk
from services.predict_api.metrics import Metrics
from services.predict_api.problems import (
    PROBLEM_JSON,
    KeyRefused,
    Problem,
    TooMany,
    TooManyBodies,
)

log = logging.getLogger("hankstank.access")

MAX_BODY = 64 * 1024  # bytes: a question with two line-ups has about one thousand
ROUTE = "hankstank.route"  # where Flask tells which rule it followed
JSON = "application/json"
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SAFE_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Content-Security-Policy", _POLICY),
)

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Said:
    """An answer before it is marked."""

    status: str
    headers: Headers
    body: bytes
    route: str


class Front:
    """A WSGI app around another."""

    def __init__(
        self, inner: Wsgi, access: Access, desk: Desk, metrics: Metrics, origins: frozenset[str]
    ) -> None:
        self._inner, self._access, self._desk = inner, access, desk
        self._metrics, self._origins = metrics, origins
        self._bodies = Bodies()

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        began = perf_counter()
        request_id = _request_id(environ)
        caller, said = self._admitted(environ)
        body, status = said.body, said.status
        headers = [*said.headers, *SAFE_HEADERS, ("X-Request-ID", request_id), *self._cross_origin(environ)]
        if environ["REQUEST_METHOD"] in ("GET", "HEAD") and status.startswith("200"):
            tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
            headers.append(("ETag", tag))
            if tag in environ.get("HTTP_IF_NONE_MATCH", ""):
                status, body = "304 NOT MODIFIED", b""
                headers = [one for one in headers if one[0] not in ("Content-Type", "Content-Length")]
        if not status.startswith(("204", "304")):
            headers.append(("Content-Length", str(len(body))))
        start_response(status, headers)
        self._noted(environ, said.route, status[:3], began, (request_id, caller, len(body)))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _admitted(self, environ: Environ) -> tuple[Caller | None, Said]:
        if environ["REQUEST_METHOD"] == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ:
            return None, Said("204 NO CONTENT", _PREFLIGHT, b"", "preflight")
        try:
            caller = self._access.admit(environ)
            body = self._body(environ)
        except (KeyRefused, TooMany, TooManyBodies) as refusal:
            self._metrics.count("refused", refusal.title)
            return None, _refused(refusal)
        return caller, self._hot(environ, body) or self._from_inner(environ)

    def _body(self, environ: Environ) -> bytes | None:
        """Read a request's body, so that nobody behind waits for it; None where its length is none."""
        length = environ.get("CONTENT_LENGTH", "")
        if not (length.isascii() and length.isdigit()) or not 0 < int(length[:9]) <= MAX_BODY:
            return None
        body = self._bodies.read(environ["wsgi.input"], int(length))
        environ["wsgi.input"] = BytesIO(body)
        return body

    def _hot(self, environ: Environ, body: bytes | None) -> Said | None:
        path = environ.get("PATH_INFO", "")
        if body is None or environ["REQUEST_METHOD"] != "POST" or path not in KINDS:
            return None
        try:
            told = self._desk.answer(path, body)
        except Exception:  # noqa: BLE001 - Flask asks again, and says what is wrong
            return None
        return Said("200 OK", [("Content-Type", JSON), ("Cache-Control", "no-store")], told, path)

    def _from_inner(self, environ: Environ) -> Said:
        started: list[Any] = []

        def start(status: str, headers: Headers, _error: Any = None) -> None:
            started[:] = [status, headers]

        parts = self._inner(environ, start)
        try:
            body = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        headers = [one for one in started[1] if one[0].lower() not in ("content-length", "etag")]
        return Said(started[0], headers, body, environ.get(ROUTE, "none"))

    def _cross_origin(self, environ: Environ) -> Headers:
        origin = environ.get("HTTP_ORIGIN")
        if not self._origins or origin is None or origin not in self._origins:
            return []
        return [("Access-Control-Allow-Origin", origin), ("Vary", "Origin")]

    def _noted(
        self, environ: Environ, route: str, status: str, began: float, more: tuple[str, Caller | None, int]
    ) -> None:
        seconds = perf_counter() - began
        self._metrics.request(_method(environ), route, status, seconds)
        if log.isEnabledFor(logging.INFO):
            request_id, caller, size = more
            fields = {
                "method": _method(environ),
                "route": route,
                "status": int(status),
                "seconds": round(seconds, 6),
                "bytes": size,
                "request_id": request_id,
                "caller": caller.name if caller else None,
            }
            log.info("request", extra={"fields": fields})


_PREFLIGHT = [
    ("Access-Control-Allow-Methods", "GET, POST"),
    ("Access-Control-Allow-Headers", "Content-Type, X-API-Key, X-Request-ID"),
    ("Access-Control-Max-Age", "600"),
]
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})


def _method(environ: Environ) -> str:
    method = environ["REQUEST_METHOD"]
    return method if method in _METHODS else "OTHER"


def _request_id(environ: Environ) -> str:
    given = environ.get("HTTP_X_REQUEST_ID", "")
    return given if given and REQUEST_ID.fullmatch(given) else os.urandom(8).hex()


def _refused(refusal: Problem) -> Said:
    headers = [("Content-Type", PROBLEM_JSON), ("Cache-Control", "no-store"), *refusal.headers.items()]
    return Said(
        f"{refusal.status} {HTTPStatus(refusal.status).phrase.upper()}", headers, refusal.body(), "refused"
    )
