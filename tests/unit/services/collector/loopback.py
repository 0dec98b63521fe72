"""The outside world in a thread: paths to answers, and a list of what was asked."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec


@dataclass
class Reply:
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None  # close the connection after so many bytes of the body
    hang: float = 0.0  # seconds before a word is said


def ok(value: Any) -> Reply:
    return Reply(body=value if isinstance(value, bytes) else msgspec.json.encode(value))


def listed(schedule: dict[str, Any]) -> Callable[[dict[str, str]], Reply]:
    """Return a route that answers with the days of a schedule that are asked for."""

    def answer(query: dict[str, str]) -> Reply:
        first, last = query["startDate"], query["endDate"]
        return ok({"dates": [day for day in schedule["dates"] if first <= day["date"] <= last]})

    return answer


Route = Reply | list[Reply] | Callable[[dict[str, str]], Reply]


@dataclass
class World:
    """Routes are a reply, a list of replies given one after the other (the last for ever), or a function."""

    url: str = ""
    routes: dict[str, Route] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def times_asked(self, path: str) -> int:
        return sum(asked == path for asked, _ in self.asked)

    def answer(self, path: str, query: dict[str, str]) -> Reply:
        self.asked.append((path, query))
        route = self.routes.get(path, Reply(404, b'{"message":"Object not found"}'))
        if isinstance(route, list):
            return route.pop(0) if len(route) > 1 else route[0]
        return route(query) if callable(route) else route


@contextmanager
def world(routes: dict[str, Route] | None = None) -> Iterator[World]:
    outside = World(routes=dict(routes or {}))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            reply = outside.answer(parts.path, dict(parse_qsl(parts.query)))
            outside.stop.wait(reply.hang)
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body[: reply.cut])
            self.close_connection = reply.cut is not None

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    outside.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield outside
    finally:
        outside.stop.set()
        server.shutdown()
        server.server_close()
        thread.join()
