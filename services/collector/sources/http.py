"""One source over HTTP: keep-alive, bounded bodies and retries with jitter, a pace, a circuit that opens."""

import ipaddress
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

from services.collector.errors import CircuitOpen, EmptyAnswer, Faltering, Refused
from services.collector.sources.body import ENCODINGS, MB, read_body
from shared.errors import SourceUnavailable

T = TypeVar("T")
Clock = Callable[[], float]
Sleep = Callable[[float], None]

TRIES = 5
FIRST_WAIT, LONGEST_WAIT = 1.0, 16.0  # seconds; doubles from the first to the longest
LONGEST_RETRY_AFTER = 60.0
_NEVER = 501  # the server says that it cannot answer this, now or later
BODY_LIMIT = 8 * MB  # of a body nobody gives another limit
DEADLINE = 120.0  # seconds for one try, however slowly its bytes come
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)  # between two of them
_SECONDS = re.compile(r"[0-9]+")
_EXCERPT = 400  # characters of an error's body that a message repeats


@dataclass(frozen=True, slots=True)
class Fetched(Generic[T]):
    """An answer: what it decoded to, and the bytes and address it came from."""

    source: str
    url: str
    status: int
    body: bytes
    value: T


class Pace:
    """At most so many requests a second, evenly spaced, over all threads."""

    def __init__(self, per_second: float, clock: Clock = time.monotonic, sleep: Sleep = time.sleep) -> None:
        self._gap = 1.0 / per_second
        self._clock, self._sleep = clock, sleep
        self._lock = Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Sleep until it is this request's turn."""
        with self._lock:
            turn = max(self._next, self._clock())
            self._next = turn + self._gap
        if (ahead := turn - self._clock()) > 0:
            self._sleep(ahead)


class Breaker:
    """Opens after `threshold` consecutive failed calls; after `rest` seconds one call may try."""

    def __init__(self, threshold: int = 3, rest: float = 60.0, clock: Clock = time.monotonic) -> None:
        self._threshold, self._rest, self._clock = threshold, rest, clock
        self._lock = Lock()
        self._failures = 0
        self._opened_at = 0.0

    def check(self, source: str) -> None:
        """Raise CircuitOpen while the source is to be left alone."""
        with self._lock:
            if self._failures < self._threshold:
                return
            if self._clock() - self._opened_at < self._rest:
                message = f"{source}: {self._failures} calls in a row failed, left alone for {self._rest:g} s"
                raise CircuitOpen(message)
            self._opened_at = self._clock()  # half open: this call tries, others keep waiting

    def succeeded(self) -> None:
        """Close the circuit."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """Count a call that failed after its retries."""
        with self._lock:
            self._failures += 1
            self._opened_at = self._clock()


class HttpSource:
    """GET from one base URL; `pace` and `breaker` are None where the source is this machine.

    `timeout` bounds the seconds between two pieces of an answer, `deadline` those of a whole try by `clock`.
    `transport` carries the requests another way than over sockets.
    """

    def __init__(  # noqa: PLR0913 - all but two by keyword, each with its default
        self,
        name: str,
        base_url: str,
        *,
        pace: Pace | None = None,
        breaker: Breaker | None = None,
        sleep: Sleep = time.sleep,
        timeout: httpx.Timeout | float = _TIMEOUT,
        deadline: float = DEADLINE,
        clock: Clock = time.monotonic,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.name, self.base_url = name, base_url.rstrip("/")
        self._pace, self._breaker, self._sleep = pace, breaker, sleep
        self._deadline, self._clock = deadline, clock
        self._client = httpx.Client(
            base_url=self.base_url,
            headers={"Accept-Encoding": ENCODINGS},
            timeout=timeout,
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=32),
            verify=_trusted(),
            transport=transport,
        )

    def get(
        self,
        path: str,
        decode: Callable[[bytes], T],
        params: Mapping[str, Any] | None = None,
        limit: int = BODY_LIMIT,
    ) -> Fetched[T]:
        """Return the decoded answer.

        `decode` is part of the try: what it raises as Faltering (a truncated, wrong or empty body) is
        asked for again, as is a body of more than `limit` bytes, packed or unpacked. Raises Refused (4xx),
        Faltering after five tries, CircuitOpen.
        """
        if self._breaker:
            self._breaker.check(self.name)
        try:
            answer = self._retrying()(self._once, path, decode, params, limit)
        except (Refused, EmptyAnswer):
            self._answered()
            raise
        except SourceUnavailable:
            if self._breaker:
                self._breaker.failed()
            raise
        self._answered()
        return answer

    def close(self) -> None:
        """Close the kept connections."""
        self._client.close()

    def _answered(self) -> None:
        if self._breaker:
            self._breaker.succeeded()

    def _retrying(self) -> Retrying:
        return Retrying(
            stop=stop_after_attempt(TRIES),
            wait=_wait,
            retry=retry_if_exception_type(Faltering),
            sleep=self._sleep,
            reraise=True,
        )

    def _once(
        self, path: str, decode: Callable[[bytes], T], params: Mapping[str, Any] | None, limit: int
    ) -> Fetched[T]:
        if self._pace:
            self._pace.wait()
        end = self._clock() + self._deadline
        try:
            with self._client.stream("GET", path, params=params) as response:
                url = str(response.url)
                with _naming(url):
                    body = _body(response, limit, lambda: self._clock() > end)
        except httpx.RequestError as error:
            raise Faltering(f"{self.base_url}{path}: {type(error).__name__}: {error}") from None
        with _naming(url):
            return Fetched(self.name, url, response.status_code, body, decode(body))


def _body(response: httpx.Response, limit: int, is_late: Callable[[], bool]) -> bytes:
    """Return the body of a 200; raises Refused or Faltering with the beginning of any other's."""
    code = response.status_code
    if code == 200:
        return read_body(response, limit, is_late)
    try:
        excerpt = read_body(response, limit, is_late).decode(errors="replace")[:_EXCERPT]
    except Faltering as error:
        excerpt = f"with an unreadable body: {error}"
    if code == _NEVER:
        raise Refused(f"{code} {excerpt}")
    if code == 429 or code >= 500:
        raise Faltering(f"{code} {excerpt}", retry_after(response.headers.get("Retry-After")))
    raise Refused(f"expected 200, got {code} {excerpt}")


@contextmanager
def _naming(url: str) -> Iterator[None]:
    """Put the address before what a source's failure says."""
    try:
        yield
    except SourceUnavailable as error:
        error.args = (f"{url}: {error}",)
        raise


def retry_after(header: str | None, now: Clock = time.time) -> float | None:
    """Return the seconds that a Retry-After header asks for: a number, or a date; None if neither."""
    if header is None:
        return None
    if _SECONDS.fullmatch(header.strip()):
        return float(header.strip())
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - now())
    except (ValueError, OverflowError):
        return None


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, Faltering) else None
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (state.attempt_number - 1))
    backoff = random.uniform(max(FIRST_WAIT, longest / 2), longest)  # noqa: S311 - jitter is no secret
    return backoff if asked is None else min(LONGEST_RETRY_AFTER, max(asked, 0.0))


def is_loopback(base_url: str) -> bool:
    """Return whether a base URL is this machine: nobody to be polite to."""
    host = urlsplit(base_url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@cache
def _trusted() -> ssl.SSLContext:
    """Return the certificates to trust, read once: three clients a tick would read them thrice."""
    return httpx.create_ssl_context()
