"""Clients of the API in a process of their own, so that they can stand in another network namespace.

`python -m tests.security.clients hold KIND …` opens connections of one kind and holds them, opening anew what the
server closes, until its input ends, and at most for LONGEST seconds. `… ask …` is somebody with a key and a probe.
"""

import argparse
import json
import os
import resource
import selectors
import socket
import sys
import time
from collections.abc import Sequence
from http.client import HTTPConnection

LONGEST = 120.0  # seconds
TICK = 0.25  # seconds between opening anew and trickling
ANEW = 100  # connections opened in a tick
PATIENCE = 60.0  # seconds for an answer

HOST = b"Host: api.example\r\n"
WRONG = b"X-API-Key: ht_wrong\r\n"
LONG, PADDED, CHUNKED = (
    b"Content-Length: 1000\r\n\r\n{",
    b"Content-Length: 0000000001000\r\n\r\n{",
    b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
)


def post(path: bytes, *rest: bytes) -> bytes:
    return b"POST " + path + b" HTTP/1.1\r\n" + HOST + b"".join(rest)


def kinds(secret: str) -> dict[str, tuple[bytes, bytes]]:
    """Return by name what a connection sends at once, and what it adds each tick."""
    key = f"X-API-Key: {secret}\r\n".encode()
    get = b"GET /health HTTP/1.1\r\n" + HOST
    return {
        "silent": (b"", b""),
        "header trickle": (get, b"X-Slow: 1\r\n"),
        "one byte at a time": (b"", b"G"),
        "HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", b""),
        "upgrade to HTTP/2": (get + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", b""),
        "TLS hello": (bytes.fromhex("16030102000100"), b"\1"),
        "idle after an answer": (get + b"\r\n", b""),
        "giant header": (get + b"X-Large: " + b"x" * 20_000, b"x"),
        "many headers": (get + b"X: y\r\n" * 90, b"X: y\r\n"),
        "answers never read": (get.rstrip(b"\r\n") + b"\r\n\r\n", b""),
        "unfinished body": (post(b"/predict/player", LONG), b" "),
        "unfinished body, wrong key": (post(b"/predict/player", WRONG, LONG), b" "),
        "unfinished body, a key": (post(b"/predict/player", key, LONG), b" "),
        "unfinished push": (post(b"/events", LONG), b" "),
        "padded length": (post(b"/predict/player", PADDED), b" "),
        "padded length, a key": (post(b"/predict/player", key, PADDED), b" "),
        "padded length of a push": (post(b"/events", PADDED), b" "),
        "chunked": (post(b"/predict/player", CHUNKED), b"1\r\na\r\n"),
        "chunked, a key": (post(b"/predict/player", key, CHUNKED), b"1\r\na\r\n"),
        "chunked push": (post(b"/events", CHUNKED), b"1\r\na\r\n"),
        "body nobody wants": (b"GET /health HTTP/1.1\r\n" + HOST + LONG, b" "),
        "body of no route": (b"PUT /nowhere HTTP/1.1\r\n" + HOST + CHUNKED, b"1\r\na\r\n"),
    }


class Holder:
    """Holds `count` connections of one kind."""

    def __init__(self, address: tuple[str, int], source: str, count: int, first: bytes, more: bytes) -> None:
        self.address, self.source, self.count, self.first, self.more = address, source, count, first, more
        self.open: set[socket.socket] = set()
        self.opened = self.closed = 0
        self.selector = selectors.DefaultSelector()

    def fill(self, most: int) -> None:
        for _ in range(min(most, self.count - len(self.open))):
            one = socket.socket()
            one.settimeout(PATIENCE)
            if self.source:
                one.bind((self.source, 0))
            try:
                one.connect(self.address)
                one.sendall(self.first)
            except OSError:
                one.close()
                continue
            one.setblocking(False)
            self.open.add(one)
            self.opened += 1
            self.selector.register(one, selectors.EVENT_READ)

    def drop(self, one: socket.socket) -> None:
        self.selector.unregister(one)
        self.open.discard(one)
        one.close()
        self.closed += 1

    def look(self, seconds: float) -> None:
        """Read what has come and drop what was closed."""
        for key, _ in self.selector.select(seconds):
            one = key.fileobj
            assert isinstance(one, socket.socket)
            try:
                if not one.recv(65536):
                    self.drop(one)
            except BlockingIOError:
                continue
            except OSError:
                self.drop(one)

    def trickle(self) -> None:
        for one in list(self.open) if self.more else ():
            try:
                one.send(self.more)
            except BlockingIOError:
                continue
            except OSError:
                self.drop(one)


def hold(holder: Holder) -> dict[str, int]:
    """Hold until the input ends; say on a line when all were opened."""
    ends = time.monotonic() + LONGEST
    holder.fill(holder.count)
    _say("all opened")
    os.set_blocking(0, False)
    while time.monotonic() < ends and not _input_ended():
        holder.look(TICK)
        holder.trickle()
        holder.fill(ANEW)
    return {"opened": holder.opened, "closed": holder.closed, "held": len(holder.open)}


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _input_ended() -> bool:
    try:
        return os.read(0, 1024) == b""
    except BlockingIOError:
        return False


def ask(address: tuple[str, int], source: str, secret: str, question: str, rounds: int) -> list[int]:
    """Return the statuses of a probe and of a question by a key holder, each on a new connection, by turns."""
    requested = [("GET", "/health", None, {})]
    requested += [("POST", "/predict/player", question.encode(), {"X-API-Key": secret})] if secret else []
    return [_status(address, source, *one) for _ in range(rounds) for one in requested]


def _status(
    address: tuple[str, int], source: str, method: str, path: str, body: bytes | None, headers: dict[str, str]
) -> int:
    connection = HTTPConnection(*address, timeout=PATIENCE, source_address=(source, 0) if source else None)
    try:
        connection.request(method, path, body, headers)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("hold", "ask"))
    parser.add_argument("--kind", default="silent")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--source", default="")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--secret", default="")
    parser.add_argument("--question", default="")
    requested = parser.parse_args(words)
    address = requested.host, requested.port
    if requested.what == "ask":
        result: object = ask(address, requested.source, requested.secret, requested.question, requested.count)
    else:
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        result = hold(
            Holder(address, requested.source, requested.count, *kinds(requested.secret)[requested.kind])
        )
    _say(json.dumps(result))


if __name__ == "__main__":
    main()
