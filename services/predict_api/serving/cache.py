"""Caches answers and counters that expire: in this process, or in Redis for all processes."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from heapq import nlargest
from importlib import import_module
from time import monotonic
from typing import Any, Protocol

log = logging.getLogger(__name__)

MAX_BYTES = 64 * 1024 * 1024
MAX_COUNTERS = 100_000
REDIS_TIMEOUT = 0.05  # seconds: beyond this, computing the answer is faster
REDIS_COOLDOWN = 5.0  # seconds without a request to a Redis that failed


class Cache(Protocol):
    """Bytes and counters that expire."""

    def get(self, name: str) -> bytes | None:
        """Return the value of a name, None where there is none."""

    def put(self, name: str, value: bytes, seconds: float) -> None:
        """Store a value for some seconds; it may be evicted sooner."""

    def increment(self, name: str, seconds: float) -> int:
        """Add 1 to a counter that expires after some seconds, and return its new value."""

    @property
    def is_fallback(self) -> bool:
        """Return whether another cache replaces the configured one."""

    @property
    def is_remote(self) -> bool:
        """Return whether a call may wait for another process."""


class InProcessCache:
    """A cache in this process: evicts the least recently used values and the lowest counters first.

    So many clients with one request each cannot evict the counters of busy ones.
    """

    is_fallback = False
    is_remote = False

    def __init__(self, timer: Callable[[], float] = monotonic, max_bytes: int = MAX_BYTES) -> None:
        self._timer, self._max_bytes = timer, max_bytes
        self._lock = threading.Lock()
        self._values: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._bytes = 0
        self._counters: dict[str, tuple[float, int]] = {}

    def get(self, name: str) -> bytes | None:
        """Return the value of a name, None where there is none."""
        with self._lock:
            until, value = self._values.get(name, (0.0, b""))
            if not value or until <= self._timer():
                return None
            self._values.move_to_end(name)
            return value

    def put(self, name: str, value: bytes, seconds: float) -> None:
        """Store a value for some seconds; it may be evicted sooner."""
        with self._lock:
            self._bytes += len(value) - len(self._values.pop(name, (0.0, b""))[1])
            self._values[name] = (self._timer() + seconds, value)
            while self._bytes > self._max_bytes:
                self._bytes -= len(self._values.popitem(last=False)[1][1])

    def increment(self, name: str, seconds: float) -> int:
        """Add 1 to a counter that expires after some seconds, and return its new value."""
        with self._lock:
            now = self._timer()
            until, counted = self._counters.get(name, (0.0, 0))
            if until <= now:
                until, counted = now + seconds, 0
            self._counters[name] = (until, counted + 1)
            if len(self._counters) > MAX_COUNTERS:
                self._evict_counters(now)
            return counted + 1

    def _evict_counters(self, now: float) -> None:
        """Drop expired counters, and the lowest of the others until half of the space is free."""
        live = [(counted, name) for name, (until, counted) in self._counters.items() if until > now]
        heaviest = nlargest(MAX_COUNTERS // 2, live)
        self._counters = {name: self._counters[name] for _, name in heaviest}


class RedisCache:
    """A cache in Redis; in this process, and flagged so, while Redis does not answer."""

    is_remote = True

    def __init__(self, client: Any, timer: Callable[[], float] = monotonic) -> None:
        self._client, self._timer = client, timer
        self._in_process = InProcessCache(timer)
        self._retry_at = float("-inf")

    @property
    def is_fallback(self) -> bool:
        """Return whether Redis failed a moment ago."""
        return self._timer() < self._retry_at

    def get(self, name: str) -> bytes | None:
        """Return the value of a name, None where there is none."""
        value = self._in_process.get(name)
        return value if value is not None else self._try_redis(lambda: self._client.get(name), lambda: None)

    def put(self, name: str, value: bytes, seconds: float) -> None:
        """Store a value for some seconds, here too; it may be evicted sooner."""
        self._in_process.put(name, value, seconds)
        self._try_redis(lambda: self._client.set(name, value, ex=max(1, int(seconds))), lambda: None)

    def increment(self, name: str, seconds: float) -> int:
        """Add 1 to a counter that expires after some seconds, and return its new value."""

        def increment_in_redis() -> int:
            with self._client.pipeline(transaction=True) as pipe:
                pipe.incr(name)
                pipe.expire(name, max(1, int(seconds)), nx=True)
                return int(pipe.execute()[0])

        return int(self._try_redis(increment_in_redis, lambda: self._in_process.increment(name, seconds)))

    def _try_redis(self, operation: Callable[[], Any], fallback: Callable[[], Any]) -> Any:
        if self.is_fallback:
            return fallback()
        try:
            return operation()
        except Exception:
            log.exception("Redis does not answer: caching in this process for %.0f s", REDIS_COOLDOWN)
            self._retry_at = self._timer() + REDIS_COOLDOWN
            return fallback()


def open_cache(url: str) -> Cache:
    """Return the cache at a Redis address such as redis://10.0.0.3:6379/0; in this process without one.

    Raises ImportError where the redis package is not installed.
    """
    if not url:
        return InProcessCache()
    redis: Any = import_module("redis")  # only a deployment that names one has it

    return RedisCache(
        redis.Redis.from_url(url, socket_timeout=REDIS_TIMEOUT, socket_connect_timeout=REDIS_TIMEOUT)
    )
