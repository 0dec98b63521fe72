"""Who may ask, and how often: keys, addresses, and the loopback of one machine."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Self

from services.predict_api.serving.cache import Memory
from services.predict_api.web.addresses import client_address, host_name, is_from_this_machine
from services.predict_api.web.api_keys import KeyRing, Limits
from services.predict_api.web.openapi import ENDPOINTS
from services.predict_api.web.problems import ForeignHost, KeyRefused, PushRefused, TooMany
from services.predict_api.web.request import Request
from shared.runtime.settings import Settings

Gate = Callable[[str | None], None]

# Let in without a key and without a count: probes, style and script.
PROBES = frozenset({"/health", "/healthz", "/readyz"})
STATIC = "/static/"
EVENTS = "/events"  # where the bus pushes to
# Everything else is a page for people, also an address that does not exist: no key, but counted by address.
_NEEDS_KEY = frozenset(one.path.split("/")[1] for one in ENDPOINTS if one.needs_key)
WINDOWS: tuple[tuple[Literal["minute", "hour"], int], ...] = (("minute", 60), ("hour", 3600))


@dataclass(frozen=True)
class Rules:
    """What a deployment decides about its callers.

    `proxies` is how many proxies that we trust add themselves to X-Forwarded-For (Cloud Run: 1).
    `has_platform_check`: the platform lets only invited callers in, so that no key is asked.
    `opens_loopback`: callers on this machine need no key. `has_local_bus`: only they may push.
    `hosts`: names under which the API is served; empty where any will do.
    """

    keys: str = ""
    opens_loopback: bool = True
    has_platform_check: bool = False
    has_local_bus: bool = True
    proxies: int = 0
    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    redis: str = ""
    by_address: Limits = field(default_factory=lambda: Limits(10, 100))
    by_address_on_pages: Limits = field(default_factory=lambda: Limits(60, 1000))
    of_pushes: Limits = field(default_factory=lambda: Limits(1200, 40_000))

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the rules of a deployment: in the cloud nobody is let in for where they come from."""
        proxies = int(settings.in_cloud) if settings.api_proxies is None else settings.api_proxies
        opens = not settings.api_keys if settings.api_open_loopback is None else settings.api_open_loopback
        return cls(
            keys=settings.api_keys,
            opens_loopback=opens and not settings.in_cloud,
            has_platform_check=settings.api_callers == "platform",
            has_local_bus=not settings.in_cloud,
            proxies=proxies,
            hosts=frozenset(map(host_name, _listed(settings.api_hosts))),
            origins=frozenset(_listed(settings.api_origins)),
            redis=settings.redis_url,
        )


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a key's name, an address, or this machine; without limits they may ask as they like."""

    name: str
    limits: Limits | None = None


ANYBODY = Caller("anybody")
LOCAL = Caller("loopback")


class Access:
    """Admits callers by the rules of a deployment; `now` tells seconds, for all instances the same.

    `gate` takes the Authorization header of a push and raises TokenRefused.
    """

    def __init__(
        self, rules: Rules, memory: Memory, now: Callable[[], float], gate: Gate = lambda _header: None
    ) -> None:
        self._rules, self._memory, self._now, self._gate = rules, memory, now, gate
        self._ring = KeyRing(rules.keys)

    def refresh(self) -> None:
        """Read the keys again where the last look is some time ago; may wait for a file or a secret."""
        self._ring.look()

    def may_wait(self, request: Request) -> bool:
        """Return whether `admit` may wait for something outside this process: a certificate, or Redis."""
        return request.path == EVENTS or self._memory.is_remote

    def admit(self, request: Request) -> Caller:
        """Return the caller of a request, before its body is read.

        Raises ForeignHost, KeyRefused, TooMany, PushRefused, TokenRefused, Unavailable.
        """
        path = request.path
        if path in PROBES or path.startswith(STATIC) or is_preflight(request):
            return ANYBODY
        self._check_host(request)
        caller = self._pusher(request) if path == EVENTS else self._caller(request)
        if caller.limits is not None:
            self._count(caller, caller.limits)
        return caller

    def _check_host(self, request: Request) -> None:
        hosts = self._rules.hosts
        if (
            hosts
            and host_name(request.headers.get("host", "")) not in hosts
            and not is_from_this_machine(request)
        ):
            raise ForeignHost

    def _pusher(self, request: Request) -> Caller:
        self._gate(request.headers.get("authorization"))
        if not self._rules.has_local_bus:
            return Caller("bus")
        if not is_from_this_machine(request):
            raise PushRefused
        return Caller("local bus", self._rules.of_pushes)

    def _caller(self, request: Request) -> Caller:
        if self._rules.opens_loopback and is_from_this_machine(request):
            return LOCAL
        where = client_address(request, self._rules.proxies)
        if is_page(request.path):
            return Caller(f"page {where}", self._rules.by_address_on_pages)
        secret = request.headers.get("x-api-key")
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


def is_preflight(request: Request) -> bool:
    """Return whether a browser asks what another origin may send."""
    return request.method == "OPTIONS" and "access-control-request-method" in request.headers


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
