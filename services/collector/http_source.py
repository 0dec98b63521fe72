"""One source over HTTP: keep-alive, bounded bodies and retries with jitter, a pace, a circuit that opens."""

import ipaddress
import math
import random
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from threading import Lock
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from services.collector.errors import CircuitOpen, EmptyResponse, PermanentError, TransientError
from services.collector.response_body import ENCODINGS, MB, read_body
from shared.errors import SourceUnavailable

T = TypeVar("T")
Clock = Callable[[], float]
Sleep = Callable[[float], None]

MAX_ATTEMPTS = 5
INITIAL_BACKOFF, MAX_BACKOFF = 1.0, 16.0  # seconds; doubles from the first to the longest
MAX_RETRY_AFTER = 60.0
_NOT_IMPLEMENTED = 501  # the server cannot answer this request, now or later
BODY_LIMIT = 8 * MB  # of a body without a limit of its own
DEADLINE = 120.0  # seconds for one try, however slowly its bytes arrive
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)  # between two of them
_SECONDS = re.compile(r"[0-9]+")
_EXCERPT_LENGTH = 400  # characters of an error's body that a message repeats


@dataclass(frozen=True, slots=True)
class FetchedResponse(Generic[T]):
    """A response: the decoded value, its bytes and its address."""

    source: str
    url: str
    status: int
    body: bytes
    value: T


class RateLimiter:
    """Spaces requests evenly over all threads, at most `per_second`; None: no limit. Counts them.

    `requests` leaves out the repeated ones, which `retries` counts.
    """

    def __init__(
        self, per_second: float | None, clock: Clock = time.monotonic, sleep: Sleep = time.sleep
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._lock = Lock()
        self._last_slot = -math.inf
        self.requests = self.retries = 0
        self.set_rate(per_second)

    def set_rate(self, per_second: float | None) -> None:
        """Space the requests that follow at another rate."""
        with self._lock:
            self._interval = 1.0 / per_second if per_second else 0.0

    def wait_for_slot(self) -> None:
        """Sleep until it is this request's turn."""
        with self._lock:
            slot = max(self._last_slot + self._interval, self._clock())
            self._last_slot = slot
            self.requests += 1
        if (delay := slot - self._clock()) > 0:
            self._sleep(delay)

    def record_retry(self) -> None:
        """Count the request that follows as a repeated one."""
        with self._lock:
            self.requests -= 1
            self.retries += 1


class CircuitBreaker:
    """Opens after `threshold` consecutive failed calls; after `cooldown` seconds one call may try."""

    def __init__(self, threshold: int = 3, cooldown: float = 60.0, clock: Clock = time.monotonic) -> None:
        self._threshold, self._cooldown, self._clock = threshold, cooldown, clock
        self._lock = Lock()
        self._failures = 0
        self._opened_at = 0.0

    def check_closed(self, source: str) -> None:
        """Raise CircuitOpen while the breaker is open."""
        with self._lock:
            if self._failures < self._threshold:
                return
            if self._clock() - self._opened_at < self._cooldown:
                message = (
                    f"{source}: {self._failures} calls in a row failed, no request for {self._cooldown:g} s"
                )
                raise CircuitOpen(message)
            self._opened_at = self._clock()  # half open: this call tries, others keep waiting

    def record_success(self) -> None:
        """Close the circuit."""
        with self._lock:
            self._failures = 0

    def record_failure(self) -> None:
        """Count a call that failed after its retries."""
        with self._lock:
            self._failures += 1
            self._opened_at = self._clock()


class HttpSource:
    """GET from one base URL; `rate_limiter` and `breaker` are None where the source is this machine.

    `timeout` bounds the seconds between two pieces of a response, `deadline` those of a whole try by `clock`.
    `transport` replaces sockets, as tests do.
    """

    def __init__(  # noqa: PLR0913 - all but two by keyword, each with its default
        self,
        name: str,
        base_url: str,
        *,
        rate_limiter: RateLimiter | None = None,
        breaker: CircuitBreaker | None = None,
        sleep: Sleep = time.sleep,
        timeout: httpx.Timeout | float = _TIMEOUT,
        deadline: float = DEADLINE,
        clock: Clock = time.monotonic,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.name, self.base_url = name, base_url.rstrip("/")
        self._rate_limiter, self._breaker, self._sleep = rate_limiter, breaker, sleep
        self._deadline, self._clock = deadline, clock
        self._client = httpx.Client(
            base_url=self.base_url,
            headers={"Accept-Encoding": ENCODINGS},
            timeout=timeout,
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=32),
            verify=_ssl_context(),
            transport=transport,
        )

    def get(
        self,
        path: str,
        decode: Callable[[bytes], T],
        params: Mapping[str, Any] | None = None,
        limit: int = BODY_LIMIT,
    ) -> FetchedResponse[T]:
        """Return the decoded answer.

        `decode` is part of each attempt: a TransientError that it raises (a truncated, wrong or empty body)
        is retried, as is a body of more than `limit` bytes, packed or unpacked. Raises PermanentError (4xx),
        TransientError after five tries, CircuitOpen.
        """
        if self._breaker:
            self._breaker.check_closed(self.name)
        try:
            response = self._retry_policy()(self._fetch_once, path, decode, params, limit)
        except (PermanentError, EmptyResponse):
            self._record_success()
            raise
        except SourceUnavailable:
            if self._breaker:
                self._breaker.record_failure()
            raise
        self._record_success()
        return response

    def close(self) -> None:
        """Close the kept connections."""
        self._client.close()

    def _record_success(self) -> None:
        if self._breaker:
            self._breaker.record_success()

    def _retry_policy(self) -> Retrying:
        return Retrying(
            stop=stop_after_attempt(MAX_ATTEMPTS),
            wait=_backoff_seconds,
            retry=retry_if_exception_type(TransientError),
            sleep=self._sleep,
            before_sleep=self._record_retry,
            reraise=True,
        )

    def _record_retry(self, _state: RetryCallState) -> None:
        if self._rate_limiter:
            self._rate_limiter.record_retry()

    def _fetch_once(
        self, path: str, decode: Callable[[bytes], T], params: Mapping[str, Any] | None, limit: int
    ) -> FetchedResponse[T]:
        if self._rate_limiter:
            self._rate_limiter.wait_for_slot()
        deadline_at = self._clock() + self._deadline
        try:
            with self._client.stream("GET", path, params=params) as response:
                url = str(response.url)
                with _prefix_errors(url):
                    body = _read_ok_body(response, limit, lambda: self._clock() > deadline_at)
        except httpx.RequestError as error:
            raise TransientError(f"{self.base_url}{path}: {type(error).__name__}: {error}") from None
        with _prefix_errors(url):
            return FetchedResponse(self.name, url, response.status_code, body, decode(body))


def _read_ok_body(response: httpx.Response, limit: int, is_late: Callable[[], bool]) -> bytes:
    """Return the body of a 200; raises PermanentError or TransientError with the beginning of any other's."""
    code = response.status_code
    if code == 200:
        return read_body(response, limit, is_late)
    try:
        excerpt = read_body(response, limit, is_late).decode(errors="replace")[:_EXCERPT_LENGTH]
    except TransientError as error:
        excerpt = f"with an unreadable body: {error}"
    if code == _NOT_IMPLEMENTED:
        raise PermanentError(f"{code} {excerpt}")
    if code == 429 or code >= 500:
        raise TransientError(f"{code} {excerpt}", retry_after(response.headers.get("Retry-After")))
    raise PermanentError(f"expected 200, got {code} {excerpt}")


@contextmanager
def _prefix_errors(url: str) -> Iterator[None]:
    """Prefix a source's failure with the address."""
    try:
        yield
    except SourceUnavailable as error:
        error.args = (f"{url}: {error}",)
        raise


def retry_after(header: str | None, now: Clock = time.time) -> float | None:
    """Return the seconds of a Retry-After header: a number, or a date; None if neither."""
    if header is None:
        return None
    if _SECONDS.fullmatch(header.strip()):
        return float(header.strip())
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - now())
    except (ValueError, OverflowError):
        return None


def _backoff_seconds(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    requested = error.retry_after if isinstance(error, TransientError) else None
    longest = min(MAX_BACKOFF, INITIAL_BACKOFF * 2 ** (state.attempt_number - 1))
    backoff = random.uniform(max(INITIAL_BACKOFF, longest / 2), longest)  # noqa: S311 - jitter is no secret
    return backoff if requested is None else min(MAX_RETRY_AFTER, max(requested, 0.0))


def is_loopback(base_url: str) -> bool:
    """Return whether a base URL is this machine, which needs no rate limit."""
    host = urlsplit(base_url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@cache
def _ssl_context() -> ssl.SSLContext:
    """Return the certificates to trust, read once: three clients a tick would read them thrice."""
    return httpx.create_ssl_context()
