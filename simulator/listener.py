"""A threaded WSGI server that keeps connections open, from the standard library's parts."""

from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingMixIn
from typing import IO, cast
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer
from wsgiref.types import WSGIApplication


class ThreadedServer(ThreadingMixIn, WSGIServer):
    """Answers every connection from a thread of its own."""

    daemon_threads = True
    request_queue_size = 128

    @property
    def url(self) -> str:
        """The base URL it listens on."""
        return f"http://{self.server_address[0]!s}:{self.server_port}"


class _ServerHandler(ServerHandler):
    """Runs the application for one request; `finished` tells whether the whole answer was sent."""

    http_version = "1.1"
    finished = False
    request_handler: "_RequestHandler"

    def close(self) -> None:
        self.finished = True
        super().close()


class _RequestHandler(WSGIRequestHandler):
    """Reads requests off one connection until either side has had enough."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536

    def handle(self) -> None:
        """Answer request after request, where wsgiref would hang up after the first."""
        BaseHTTPRequestHandler.handle(self)

    def run_application(self) -> None:
        """Run the application; hang up when its answer broke off."""
        pipes = cast("IO[bytes]", self.rfile), cast("IO[bytes]", self.wfile)
        gateway = _ServerHandler(*pipes, self.get_stderr(), self.get_environ(), multithread=True)
        gateway.request_handler = self
        gateway.run(self.server.get_app())  # type: ignore[attr-defined]
        self.close_connection |= not gateway.finished

    do_GET = do_POST = do_HEAD = run_application  # noqa: N815 - the names http.server looks for

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing: a season is thousands of requests."""


def create_listener(app: WSGIApplication, host: str = "127.0.0.1", port: int = 0) -> ThreadedServer:
    """Return a server bound to a port (0: any free one); `serve_forever` runs it."""
    listener = ThreadedServer((host, port), _RequestHandler)
    listener.set_app(app)
    return listener
