"""Authenticates clients and limits their rate: by key, by address, or on this machine."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Self

from services.predict_api.problems import ApiKeyRejected, PushRejected, TooManyRequests, UnknownHost
from services.predict_api.serving.cache import Cache
from services.predict_api.web.addresses import client_address, host_name, is_from_this_machine
from services.predict_api.web.api_keys import ApiKeyStore, RateLimits
from services.predict_api.web.openapi import ENDPOINTS
from services.predict_api.web.request import Request
from shared.runtime.settings import Settings

PushVerifier = Callable[[str | None], None]

# Admitted without a key or a limit: probes, style and script.
PUBLIC_PATHS = frozenset({"/health", "/healthz", "/readyz"})
STATIC_PREFIX = "/static/"
EVENTS_PATH = "/events"  # where the bus pushes to
# Everything else is a page, even a wrong address: no key, but limited by address.
_NEEDS_KEY = frozenset(one.path.split("/")[1] for one in ENDPOINTS if one.needs_key)
RATE_WINDOWS: tuple[tuple[Literal["minute", "hour"], int], ...] = (("minute", 60), ("hour", 3600))


@dataclass(frozen=True)
class AuthConfig:
    """How a deployment authenticates and limits clients.

    `trusted_proxies` is how many trusted proxies append to X-Forwarded-For (Cloud Run: 1).
    `is_behind_iam`: Cloud Run's IAM admits only invited clients, so no key is needed.
    `trust_loopback`: clients on this machine need no key. `has_local_bus`: only they may push.
    `hosts`: names under which the API is served; empty: any.
    """

    keys: str = ""
    trust_loopback: bool = True
    is_behind_iam: bool = False
    has_local_bus: bool = True
    trusted_proxies: int = 0
    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    redis_url: str = ""
    address_limits: RateLimits = field(default_factory=lambda: RateLimits(10, 100))
    page_limits: RateLimits = field(default_factory=lambda: RateLimits(60, 1000))
    push_limits: RateLimits = field(default_factory=lambda: RateLimits(1200, 40_000))

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Return a deployment's configuration: in the cloud no client is trusted for its address."""
        proxies = (
            int(settings.in_cloud) if settings.trusted_proxy_hops is None else settings.trusted_proxy_hops
        )
        opens = not settings.api_keys if settings.api_open_loopback is None else settings.api_open_loopback
        return cls(
            keys=settings.api_keys,
            trust_loopback=opens and not settings.in_cloud,
            is_behind_iam=settings.api_auth == "iam",
            has_local_bus=not settings.in_cloud,
            trusted_proxies=proxies,
            hosts=frozenset(map(host_name, _split_list(settings.api_hosts))),
            origins=frozenset(_split_list(settings.cors_origins)),
            redis_url=settings.redis_url,
        )


@dataclass(frozen=True, slots=True)
class Client:
    """A client: a key's name, an address, or this machine; `limits` None: unlimited."""

    name: str
    limits: RateLimits | None = None


ANONYMOUS = Client("anybody")
LOOPBACK = Client("loopback")


class Authenticator:
    """Authenticates clients by a deployment's configuration; `now` is in seconds, the same for all instances.

    `verify_push` takes the Authorization header of a push and raises when it is invalid.
    """

    def __init__(
        self,
        config: AuthConfig,
        cache: Cache,
        now: Callable[[], float],
        verify_push: PushVerifier = lambda _header: None,
    ) -> None:
        self._config, self._cache, self._now, self._verify_push = config, cache, now, verify_push
        self._api_keys = ApiKeyStore(config.keys)

    def reload_keys(self) -> None:
        """Read the keys again where the last read is some time ago; may wait for a file or a secret."""
        self._api_keys.reload_keys()

    def may_wait(self, request: Request) -> bool:
        """Return whether `authenticate` may wait: for a certificate, or for Redis."""
        return request.path == EVENTS_PATH or self._cache.is_remote

    def authenticate(self, request: Request) -> Client:
        """Return the caller of a request, before its body is read.

        Raises UnknownHost, ApiKeyRejected, TooManyRequests, PushRejected, Unavailable.
        """
        path = request.path
        if path in PUBLIC_PATHS or path.startswith(STATIC_PREFIX) or is_preflight(request):
            return ANONYMOUS
        self._check_host(request)
        client = self._authenticate_push(request) if path == EVENTS_PATH else self._identify_client(request)
        if client.limits is not None:
            self._enforce_limits(client, client.limits)
        return client

    def _check_host(self, request: Request) -> None:
        hosts = self._config.hosts
        if (
            hosts
            and host_name(request.headers.get("host", "")) not in hosts
            and not is_from_this_machine(request)
        ):
            raise UnknownHost

    def _authenticate_push(self, request: Request) -> Client:
        self._verify_push(request.headers.get("authorization"))
        if not self._config.has_local_bus:
            return Client("bus")
        if not is_from_this_machine(request):
            raise PushRejected
        return Client("local bus", self._config.push_limits)

    def _identify_client(self, request: Request) -> Client:
        if self._config.trust_loopback and is_from_this_machine(request):
            return LOOPBACK
        where = client_address(request, self._config.trusted_proxies)
        if is_page(request.path):
            return Client(f"page {where}", self._config.page_limits)
        secret = request.headers.get("x-api-key")
        key = self._api_keys.find_key(secret) if secret else None
        if key is not None:
            return Client(f"key {key.name}", key.rate_limits)
        by_address = Client(f"address {where}", self._config.address_limits)
        if self._config.is_behind_iam:
            return by_address
        self._enforce_limits(
            by_address, self._config.address_limits
        )  # so that keys cannot be guessed by trying
        raise ApiKeyRejected("none came" if not secret else "this one is not known or was revoked")

    def _enforce_limits(self, client: Client, limits: RateLimits) -> None:
        now = int(self._now())
        for (window, seconds), most in zip(RATE_WINDOWS, (limits.per_minute, limits.per_hour), strict=True):
            began = now // seconds * seconds
            left = began + seconds - now
            if self._cache.increment(f"requests/{client.name}/{window}/{began}", left) > most:
                raise TooManyRequests(most, window, left)


def is_page(path: str) -> bool:
    """Return whether a path is a page: no route for programs begins so."""
    return path.lstrip("/").partition("/")[0] not in _NEEDS_KEY


def is_preflight(request: Request) -> bool:
    """Return whether this is a browser's CORS preflight request."""
    return request.method == "OPTIONS" and "access-control-request-method" in request.headers


def _split_list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
