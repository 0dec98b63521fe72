"""A loopback HTTP server that answers as told, to see what a client makes of refusals."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Reply:
    """What is sent back; `status` 0 hangs up without a word."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@contextmanager
def serving(answer: Callable[[Asked], Reply]) -> Iterator[str]:
    """Serve on loopback with `answer` and yield the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            reply = answer(Asked(self.command, self.path, body, dict(self.headers)))
            if not reply.status:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - the names that http.server calls

        def log_message(self, *_):
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request, client_address):
            """Say nothing of clients that hang up."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def google_error(status: int, message: str, reason: str = "") -> Reply:
    """Return an error in the shape of Google's JSON APIs."""
    errors = [{"message": message, "domain": "global", "reason": reason}]
    result = {"error": {"code": status, "message": message, "errors": errors}}
    return Reply(status, json.dumps(result).encode(), {"Content-Type": "application/json"})
