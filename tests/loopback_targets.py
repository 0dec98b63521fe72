"""Targets of notifications on this machine: an HTTP server and an SMTP server that keep what they get."""

import json
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


@dataclass
class HttpTarget:
    """Keeps (path, JSON body) of every POST, and answers with `status`, after `released` where it hangs."""

    status: int = 200
    answer: bytes = b"{}"
    hangs: bool = False
    port: int = 0
    received: list[tuple[str, Any]] = field(default_factory=list)
    released: Event = field(default_factory=Event)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextmanager
def http_target(**how: Any) -> Iterator[HttpTarget]:
    target = HttpTarget(**how)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            target.received.append((self.path, json.loads(body)))
            if target.hangs:
                target.released.wait()
            with suppress(BrokenPipeError, ConnectionResetError):  # who sent it may have left
                self.send_response(target.status)
                self.send_header("Content-Length", str(len(target.answer)))
                self.end_headers()
                self.wfile.write(target.answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    target.port = server.server_address[1]
    with _served(server):
        yield target
        target.released.set()


@dataclass
class SmtpTarget:
    """Keeps every mail; with `refuses` no login is accepted."""

    refuses: bool = False
    port: int = 0
    received: list[EmailMessage] = field(default_factory=list)


@contextmanager
def smtp_target(**how: Any) -> Iterator[SmtpTarget]:
    target = SmtpTarget(**how)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._answer("220 loopback")
            while line := self.rfile.readline():
                match line.split()[0].upper():
                    case b"EHLO":
                        self._answer("250-loopback\r\n250 AUTH PLAIN")
                    case b"AUTH":
                        self._answer("535 no such user" if target.refuses else "235 welcome")
                    case b"DATA":
                        self._answer("354 go on")
                        target.received.append(message_from_bytes(self._read_mail(), policy=policy.default))
                        self._answer("250 kept")
                    case b"QUIT":
                        self._answer("221 bye")
                        return
                    case _:
                        self._answer("250 yes")

        def _read_mail(self) -> bytes:
            lines = iter(self.rfile.readline, b".\r\n")
            return b"".join(lines)

        def _answer(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    target.port = server.server_address[1]
    with _served(server):
        yield target


@contextmanager
def _served(server: socketserver.TCPServer) -> Iterator[None]:
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
