"""Who may ask, and how often: keys, addresses, and the loopback of one machine."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any, Literal, Self

from services.predict_api.keys import KeyRing, Limits
from services.predict_api.memory import Memory
from services.predict_api.openapi import ENDPOINTS
from services.predict_api.problems import KeyRefused, TooMany
from shared.settings import Settings

Environ = Mapping[str, Any]

# Let in without a key and without a count: probes, pushes (which have a gate of their own), style and script.
UNGUARDED = frozenset({"/health", "/healthz", "/readyz", "/events"})
STATIC = "/static/"
# Everything else is a page for people, also an address that does not exist: no key, but counted by address.
_NEEDS_KEY = frozenset(one.path.split("/")[1] for one in ENDPOINTS if one.needs_key)
WINDOWS: tuple[tuple[Literal["minute", "hour"], int], ...] = (("minute", 60), ("hour", 3600))


@dataclass(frozen=True)
class Rules:
    """What a deployment decides about its callers.

    `proxies` is how many proxies that we trust add themselves to X-Forwarded-For (Cloud Run: 1).
    `has_platform_check`: the platform lets only invited callers in, so that no key is asked.
    """

    keys: str = ""
    opens_loopback: bool = True
    has_platform_check: bool = False
    proxies: int = 0
    origins: frozenset[str] = frozenset()
    redis: str = ""
    by_address: Limits = field(default_factory=lambda: Limits(10, 100))
    by_address_on_pages: Limits = field(default_factory=lambda: Limits(60, 1000))

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the rules of a deployment: in the cloud nobody is let in for where he comes from."""
        proxies = int(settings.in_cloud) if settings.api_proxies is None else settings.api_proxies
        return cls(
            keys=settings.api_keys,
            opens_loopback=not settings.in_cloud,
            has_platform_check=settings.api_callers == "platform",
            proxies=proxies,
            origins=frozenset(filter(None, map(str.strip, settings.api_origins.split(",")))),
            redis=settings.redis_url,
        )


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a key's name, an address, or this machine; without limits he may ask as he likes."""

    name: str
    limits: Limits | None = None


LOCAL = Caller("loopback")


class Access:
    """Admits callers by the rules of a deployment; `now` tells seconds, for all instances the same."""

    def __init__(self, rules: Rules, memory: Memory, now: Callable[[], float]) -> None:
        self._rules, self._memory, self._now = rules, memory, now
        self._ring = KeyRing(rules.keys)

    def admit(self, environ: Environ) -> Caller:
        """Return the caller of a request; raises KeyRefused, TooMany."""
        path = environ.get("PATH_INFO", "")
        if path in UNGUARDED or path.startswith(STATIC):
            return LOCAL
        caller = self._caller(environ, is_page=is_page(path))
        if caller.limits is not None:
            self._count(caller, caller.limits)
        return caller

    def _caller(self, environ: Environ, *, is_page: bool) -> Caller:
        if self._rules.opens_loopback and _is_loopback(environ):
            return LOCAL
        where = address(environ, self._rules.proxies)
        if is_page:
            return Caller(f"page {where}", self._rules.by_address_on_pages)
        secret = environ.get("HTTP_X_API_KEY")
        key = self._ring.key(secret) if secret else None
        if key is not None:
            return Caller(f"key {key.name}", key.limits)
        stranger = Caller(f"address {where}", self._rules.by_address)
        if self._rules.has_platform_check:
            return stranger
        self._count(stranger, self._rules.by_address)  # so that keys cannot be guessed at leisure
        raise KeyRefused("none came" if not secret else "this one is not known or was revoked")

    def _count(self, caller: Caller, limits: Limits) -> None:
        now = int(self._now())
        for (window, seconds), most in zip(WINDOWS, (limits.per_minute, limits.per_hour), strict=True):
            began = now // seconds * seconds
            left = began + seconds - now
            if self._memory.count(f"asked/{caller.name}/{window}/{began}", left) > most:
                raise TooMany(most, window, left)


def is_page(path: str) -> bool:
    """Return whether a path is one that people read: no route for programs begins so."""
    return path.lstrip("/").partition("/")[0] not in _NEEDS_KEY


def address(environ: Environ, proxies: int) -> str:
    """Return the caller's address as the outermost proxy we trust saw it; of IPv6, his network of 64 bits."""
    seen = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    told = seen[-proxies] if 0 < proxies <= len(seen) else environ.get("REMOTE_ADDR", "")
    try:
        found = ip_address(told)
    except ValueError:
        return "unknown"
    return str(ip_network(f"{found}/64", strict=False)) if found.version == 6 else str(found)


def _is_loopback(environ: Environ) -> bool:
    """Return whether the caller sits on this machine; one who comes through a proxy does not."""
    if "HTTP_X_FORWARDED_FOR" in environ or "HTTP_FORWARDED" in environ:
        return False
    try:
        return ip_address(environ.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
