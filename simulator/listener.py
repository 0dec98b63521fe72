"""A threaded WSGI server with keep-alive connections, built from the standard library."""

import sys
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingMixIn
from typing import IO, Any, cast
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer
from wsgiref.types import WSGIApplication


class ThreadedServer(ThreadingMixIn, WSGIServer):
    """Serves each connection in its own thread."""

    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print what went wrong in a connection, unless its client went away: killed, or interrupted."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        """The base URL it listens on."""
        return f"http://{self.server_address[0]!s}:{self.server_port}"


class _ServerHandler(ServerHandler):
    """Runs the application for one request; `finished` is set once the whole response was sent."""

    http_version = "1.1"
    finished = False
    request_handler: "_RequestHandler"

    def close(self) -> None:
        self.finished = True
        super().close()


class _RequestHandler(WSGIRequestHandler):
    """Serves the requests of one connection until either side closes it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536

    def handle(self) -> None:
        """Serve request after request; wsgiref would close the connection after the first."""
        BaseHTTPRequestHandler.handle(self)

    def run_application(self) -> None:
        """Run the application; close the connection if its response broke off."""
        streams = cast("IO[bytes]", self.rfile), cast("IO[bytes]", self.wfile)
        gateway = _ServerHandler(*streams, self.get_stderr(), self.get_environ(), multithread=True)
        gateway.request_handler = self
        gateway.run(self.server.get_app())  # type: ignore[attr-defined]
        self.close_connection |= not gateway.finished

    do_GET = do_POST = do_HEAD = run_application  # noqa: N815 - the names http.server looks for

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing: a season is thousands of requests."""


def create_listener(app: WSGIApplication, host: str = "127.0.0.1", port: int = 0) -> ThreadedServer:
    """Return a server bound to a port (0: any free one); `serve_forever` runs it."""
    listener = ThreadedServer((host, port), _RequestHandler)
    listener.set_app(app)
    return listener
