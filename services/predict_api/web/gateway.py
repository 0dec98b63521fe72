"""The API's RSGI app for granian: reads a request's head first, and its body only where a route has one.

One event loop holds every waiting connection, so a slow client takes no thread. Answers that are ready are
sent from the loop; a few threads compute the others.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any, Protocol, TypeVar

from services.predict_api.problems import Problem, ServerBusy
from services.predict_api.web import sockets
from services.predict_api.web.auth import Client
from services.predict_api.web.body_reader import BodyReader
from services.predict_api.web.middleware import ApiMiddleware, Headers, RawResponse
from services.predict_api.web.request import Request, merge_headers

THREADS = 8  # of a worker: answers are Python, more would only take turns
MAX_WAITING = 256  # requests that wait for a thread

Result = TypeVar("Result")


class Scope(Protocol):
    """The head of a request in RSGI."""

    method: str
    path: str
    query_string: str
    client: str
    server: str
    headers: Any


class Exchange(Protocol):
    """RSGI's interface to a request's body and its response."""

    async def __call__(self) -> bytes:
        """Return the complete body; raises RuntimeError where it ends early."""

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """Send the answer."""


class Gateway:
    """One worker's RSGI app."""

    def __init__(
        self, middleware: ApiMiddleware, threads: int = THREADS, max_waiting: int = MAX_WAITING
    ) -> None:
        self._middleware, self._body_reader = middleware, BodyReader()
        self._threads = ThreadPoolExecutor(threads, "answer")
        self._max_waiting, self._waiting = max_waiting, 0
        self._has_send_deadline = False

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        """Answer one request."""
        began, client = perf_counter(), None
        self._set_send_deadline(scope)
        request = _build_request(scope)
        body: bytes | None = None if request.announces_body else b""
        try:
            client = await self._authenticate(request)
            length = self._middleware.body_length(request)
            if length:
                body = await self._body_reader.read_body(exchange, client.name)
            reply = await self._respond(request, body or b"")
        except Problem as problem:
            reply = self._middleware.reject(problem)
        status, headers, content = self._middleware.finish_response(request, client, reply, began)
        if body is None:  # an unread body is still on the connection
            headers.append(("Connection", "close"))
        exchange.response_bytes(status, headers, content)

    async def _authenticate(self, request: Request) -> Client:
        if self._middleware.authenticator.may_wait(request):
            return await self._in_thread(self._middleware.authenticate, request)
        return self._middleware.authenticate(request)

    async def _respond(self, request: Request, body: bytes) -> RawResponse:
        reply = self._middleware.respond_if_fast(request, body)
        if reply is None:
            reply = await self._in_thread(self._middleware.respond, request, body)
        return reply

    async def _in_thread(self, work: Callable[..., Result], *given: Any) -> Result:
        if self._waiting >= self._max_waiting:
            raise ServerBusy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)
        finally:
            self._waiting -= 1

    def _set_send_deadline(self, scope: Scope) -> None:
        """Set it once, when the server surely listens: granian has no hook for it."""
        if not self._has_send_deadline:
            self._has_send_deadline = True
            sockets.set_send_deadline(int(scope.server.rpartition(":")[2]))


def _build_request(scope: Scope) -> Request:
    peer = scope.client.rpartition(":")[0]
    headers = merge_headers(scope.headers.items())
    return Request(scope.method, scope.path, scope.query_string, peer, headers)
