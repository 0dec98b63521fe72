"""The layer in front of Flask: admits callers, answers the hot routes itself, and marks every answer.

Flask's own dispatch costs more than a forecast, so POST /predict… is answered here; whatever is not a plain
success goes on to Flask, which knows how to say what is wrong.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from random import getrandbits
from time import perf_counter
from typing import Any

from services.predict_api.serving.cached_answers import KINDS, Desk
from services.predict_api.web.auth import PROBES, Access, Caller, is_preflight
from services.predict_api.web.body_reader import body_length
from services.predict_api.web.metrics import Metrics
from services.predict_api.web.problems import PROBLEM_JSON, Problem
from services.predict_api.web.request import Request
from shared.errors import TokenRefused, Unavailable

log = logging.getLogger("hankstank.access")

ROUTE = "hankstank.route"  # where Flask tells which rule it followed
READY = "/readyz"  # the one probe that may wait: for the first release
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
class Reply:
    """An answer before it is marked."""

    status: int
    headers: Headers
    body: bytes
    route: str


class Front:
    """Admits, answers and marks; `body_routes` are the paths whose POST has a body.

    The gateway calls its parts one after the other. It is a WSGI app too, for hosts that read bodies first.
    """

    def __init__(
        self,
        inner: Wsgi,
        access: Access,
        desk: Desk,
        metrics: Metrics,
        origins: frozenset[str],
        body_routes: Collection[str],
    ) -> None:
        self.access = access
        self._inner, self._desk = inner, desk
        self._metrics, self._origins, self._body_routes = metrics, origins, body_routes

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer one request of a WSGI host."""
        began, request, caller = perf_counter(), Request.from_environ(environ), None
        try:
            caller = self.admit(request)
            length = self.body_length(request)
            reply = self.answer(request, environ["wsgi.input"].read(length) if length else b"")
        except Problem as problem:
            reply = self.refuse(problem)
        status, headers, body = self.finish(request, caller, reply, began)
        start_response(f"{status} {HTTPStatus(status).phrase.upper()}", headers)
        return [body]

    def admit(self, request: Request) -> Caller:
        """Return who asks; raises the Problem for which they are refused."""
        try:
            return self.access.admit(request)
        except TokenRefused as refusal:
            raise Problem(401, "push refused", str(refusal)) from None
        except Unavailable as error:  # who sent a push cannot be known now
            raise Problem(503, "push not checked", str(error)) from None

    def body_length(self, request: Request) -> int:
        """Return how many bytes of body to read; raises the Problem for which it is refused."""
        return body_length(request, self._body_routes)

    def answer(self, request: Request, body: bytes) -> Reply:
        """Return the answer to an admitted request, however long it takes."""
        if is_preflight(request):
            return Reply(204, _PREFLIGHT, b"", "preflight")
        if request.method == "POST" and request.path in KINDS and body:
            try:
                return _forecast(request.path, self._desk.answer(request.path, body))
            except Exception:  # noqa: BLE001, S110 - Flask asks again, and says what is wrong
                pass
        return self._ask_flask(request, body)

    def answer_at_once(self, request: Request, body: bytes) -> Reply | None:
        """Return the answer where it takes well below a millisecond and waits for nothing; None otherwise."""
        if request.path in PROBES and request.path != READY:
            return self._ask_flask(request, body)
        if request.method != "POST" or not body:
            return None
        try:
            told = self._desk.answer_at_once(request.path, body)
        except Exception:  # noqa: BLE001 - Flask asks again, and says what is wrong
            return None
        return None if told is None else _forecast(request.path, told)

    def refuse(self, problem: Problem) -> Reply:
        """Return the answer to a request that is refused, and count it."""
        self._metrics.count("refused", problem.title)
        headers = [("Content-Type", PROBLEM_JSON), ("Cache-Control", "no-store"), *problem.headers.items()]
        return Reply(problem.status, headers, problem.body(), "refused")

    def finish(
        self, request: Request, caller: Caller | None, reply: Reply, began: float
    ) -> tuple[int, Headers, bytes]:
        """Return status, headers and body of an answer, marked, counted and logged."""
        request_id, body, status = _request_id(request), reply.body, reply.status
        headers = [*reply.headers, *SAFE_HEADERS, ("X-Request-ID", request_id), *self._cross_origin(request)]
        if request.method in ("GET", "HEAD") and status == HTTPStatus.OK:
            tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
            headers.append(("ETag", tag))
            if tag in request.headers.get("if-none-match", ""):
                status, body = int(HTTPStatus.NOT_MODIFIED), b""
                headers = [one for one in headers if one[0] not in ("Content-Type", "Content-Length")]
        if status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            headers.append(("Content-Length", str(len(body))))
        self._note(request, reply.route, status, began, (request_id, caller, len(body)))
        return status, headers, b"" if request.method == "HEAD" else body

    def _ask_flask(self, request: Request, body: bytes) -> Reply:
        started: list[Any] = []

        def start(status: str, headers: Headers, _error: Any = None) -> None:
            started[:] = [int(status[:3]), headers]

        environ = request.environ(body)
        parts = self._inner(environ, start)
        try:
            answered = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        headers = [one for one in started[1] if one[0].lower() not in ("content-length", "etag")]
        return Reply(started[0], headers, answered, environ.get(ROUTE, "none"))

    def _cross_origin(self, request: Request) -> Headers:
        origin = request.headers.get("origin")
        if not self._origins or origin is None or origin not in self._origins:
            return []
        return [("Access-Control-Allow-Origin", origin), ("Vary", "Origin")]

    def _note(
        self, request: Request, route: str, status: int, began: float, more: tuple[str, Caller | None, int]
    ) -> None:
        seconds, method = perf_counter() - began, _method(request)
        self._metrics.request(method, route, str(status), seconds)
        if log.isEnabledFor(logging.INFO):
            request_id, caller, size = more
            fields = {
                "method": method,
                "route": route,
                "status": status,
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


def _forecast(path: str, told: bytes) -> Reply:
    return Reply(200, [("Content-Type", JSON), ("Cache-Control", "no-store")], told, path)


def _method(request: Request) -> str:
    return request.method if request.method in _METHODS else "OTHER"


def _request_id(request: Request) -> str:
    given = request.headers.get("x-request-id", "")
    return given if given and REQUEST_ID.fullmatch(given) else f"{getrandbits(64):016x}"
