"""The layer in front of Flask: authenticates, answers POST /predict… itself, and adds common headers.

Flask's own dispatch costs more than a forecast. A request that does not simply succeed here is passed to
Flask, which describes errors.
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

from services.predict_api.metrics import Metrics
from services.predict_api.problems import PROBLEM_JSON, Problem
from services.predict_api.serving.prediction_cache import PREDICTION_ROUTES, PredictionCache
from services.predict_api.web.auth import PUBLIC_PATHS, Authenticator, Client, is_preflight
from services.predict_api.web.body_reader import body_length
from services.predict_api.web.request import Request
from shared.errors import TokenRefused, Unavailable

log = logging.getLogger("hankstank.access")

ROUTE_KEY = "hankstank.route"  # where Flask stores the matched rule
READINESS_PATH = "/readyz"  # the one probe that may wait: for the first release
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
class RawResponse:
    """A response before the common headers are added."""

    status: int
    headers: Headers
    body: bytes
    route: str


class ApiMiddleware:
    """Authenticates, answers and logs; `body_routes` are the paths whose POST has a body.

    The gateway calls its parts one after the other. It is a WSGI app too, for hosts that read bodies first.
    """

    def __init__(
        self,
        wsgi_app: Wsgi,
        authenticator: Authenticator,
        prediction_cache: PredictionCache,
        metrics: Metrics,
        origins: frozenset[str],
        body_routes: Collection[str],
    ) -> None:
        self.authenticator = authenticator
        self._wsgi_app, self._prediction_cache = wsgi_app, prediction_cache
        self._metrics, self._origins, self._body_routes = metrics, origins, body_routes

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer one request of a WSGI host."""
        began, request, client = perf_counter(), Request.from_environ(environ), None
        try:
            client = self.authenticate(request)
            length = self.body_length(request)
            response = self.respond(request, environ["wsgi.input"].read(length) if length else b"")
        except Problem as problem:
            response = self.reject(problem)
        status, headers, body = self.finish_response(request, client, response, began)
        start_response(f"{status} {HTTPStatus(status).phrase.upper()}", headers)
        return [body]

    def authenticate(self, request: Request) -> Client:
        """Return the client; raises the Problem for which they are refused."""
        try:
            return self.authenticator.authenticate(request)
        except TokenRefused as refusal:
            raise Problem(401, "push refused", str(refusal)) from None
        except Unavailable as error:  # a push's sender cannot be verified now
            raise Problem(503, "push not checked", str(error)) from None

    def body_length(self, request: Request) -> int:
        """Return how many bytes of body to read; raises the Problem for which it is refused."""
        return body_length(request, self._body_routes)

    def respond(self, request: Request, body: bytes) -> RawResponse:
        """Return the answer to an admitted request, however long it takes."""
        if is_preflight(request):
            return RawResponse(204, _PREFLIGHT, b"", "preflight")
        if request.method == "POST" and request.path in PREDICTION_ROUTES and body:
            try:
                return _forecast_response(request.path, self._prediction_cache.respond(request.path, body))
            except Exception:  # noqa: BLE001, S110 - Flask repeats it, and describes the error
                pass
        return self._call_flask(request, body)

    def respond_if_fast(self, request: Request, body: bytes) -> RawResponse | None:
        """Return the answer where it takes well below a millisecond and waits for nothing; None otherwise."""
        if request.path in PUBLIC_PATHS and request.path != READINESS_PATH:
            return self._call_flask(request, body)
        if request.method != "POST" or not body:
            return None
        try:
            answer = self._prediction_cache.respond_if_fast(request.path, body)
        except Exception:  # noqa: BLE001 - Flask repeats it, and describes the error
            return None
        return None if answer is None else _forecast_response(request.path, answer)

    def reject(self, problem: Problem) -> RawResponse:
        """Return the answer to a request that is refused, and count it."""
        self._metrics.increment("refused", problem.title)
        headers = [("Content-Type", PROBLEM_JSON), ("Cache-Control", "no-store"), *problem.headers.items()]
        return RawResponse(problem.status, headers, problem.to_json(), "refused")

    def finish_response(
        self, request: Request, client: Client | None, response: RawResponse, began: float
    ) -> tuple[int, Headers, bytes]:
        """Return status, headers and body of a response with the common headers, counted and logged."""
        request_id, body, status = _request_id(request), response.body, response.status
        headers = [
            *response.headers,
            *SAFE_HEADERS,
            ("X-Request-ID", request_id),
            *self._cross_origin(request),
        ]
        if request.method in ("GET", "HEAD") and status == HTTPStatus.OK:
            tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
            headers.append(("ETag", tag))
            if tag in request.headers.get("if-none-match", ""):
                status, body = int(HTTPStatus.NOT_MODIFIED), b""
                headers = [one for one in headers if one[0] not in ("Content-Type", "Content-Length")]
        if status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            headers.append(("Content-Length", str(len(body))))
        self._log_request(request, response.route, status, began, (request_id, client, len(body)))
        return status, headers, b"" if request.method == "HEAD" else body

    def _call_flask(self, request: Request, body: bytes) -> RawResponse:
        started: list[Any] = []

        def start_response(status: str, headers: Headers, _error: Any = None) -> None:
            started[:] = [int(status[:3]), headers]

        environ = request.to_environ(body)
        parts = self._wsgi_app(environ, start_response)
        try:
            answered = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        headers = [one for one in started[1] if one[0].lower() not in ("content-length", "etag")]
        return RawResponse(started[0], headers, answered, environ.get(ROUTE_KEY, "none"))

    def _cross_origin(self, request: Request) -> Headers:
        origin = request.headers.get("origin")
        if not self._origins or origin is None or origin not in self._origins:
            return []
        return [("Access-Control-Allow-Origin", origin), ("Vary", "Origin")]

    def _log_request(
        self, request: Request, route: str, status: int, began: float, more: tuple[str, Client | None, int]
    ) -> None:
        seconds, method = perf_counter() - began, _known_method(request)
        self._metrics.observe_request(method, route, str(status), seconds)
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


def _forecast_response(path: str, answer: bytes) -> RawResponse:
    return RawResponse(200, [("Content-Type", JSON), ("Cache-Control", "no-store")], answer, path)


def _known_method(request: Request) -> str:
    return request.method if request.method in _METHODS else "OTHER"


def _request_id(request: Request) -> str:
    given = request.headers.get("x-request-id", "")
    return given if given and REQUEST_ID.fullmatch(given) else f"{getrandbits(64):016x}"
