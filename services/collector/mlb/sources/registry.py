"""Lists every source by priority, and opens the clients of one deployment."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from services.collector.http_source import CircuitBreaker, Clock, HttpSource, RateLimiter, Sleep, is_loopback
from services.collector.mlb.sources.mlb_stats_api import MlbStatsApi
from services.collector.mlb.sources.open_meteo import OpenMeteo
from services.collector.mlb.sources.savant import Savant
from shared.runtime.settings import Settings

URL_SETTINGS = {"mlb_stats_api": "mlb_api_url", "savant": "savant_url", "open_meteo": "weather_url"}

GAME_SOURCES = ("mlb_stats_api", "archive")
PITCH_SOURCES = {"feed": ("mlb_stats_api", "savant"), "savant": ("savant", "mlb_stats_api")}


@dataclass(frozen=True, slots=True)
class Sources:
    """The clients of one collection."""

    mlb: MlbStatsApi
    savant: Savant
    weather: OpenMeteo


@contextmanager
def open_sources(
    settings: Settings,
    sleep: Sleep = time.sleep,
    clock: Clock = time.monotonic,
    transport: httpx.BaseTransport | None = None,
    rate_limiter: RateLimiter | None = None,
) -> Iterator[Sources]:
    """Yield the clients for the addresses in `settings`; their connections close with the block.

    `sleep` and `clock` wait and measure in seconds; `transport` replaces sockets, as tests do. With
    `rate_limiter` all clients share its pace, on loopback too.
    """

    def open_client(name: str) -> HttpSource:
        url = getattr(settings, URL_SETTINGS[name])
        if is_loopback(url):
            return HttpSource(
                name, url, rate_limiter=rate_limiter, sleep=sleep, clock=clock, transport=transport
            )
        pace = rate_limiter or RateLimiter(settings.requests_per_second, clock, sleep)
        breaker = CircuitBreaker(clock=clock)
        return HttpSource(
            name, url, rate_limiter=pace, breaker=breaker, sleep=sleep, clock=clock, transport=transport
        )

    clients = {name: open_client(name) for name in URL_SETTINGS}
    try:
        yield Sources(
            MlbStatsApi(clients["mlb_stats_api"]),
            Savant(clients["savant"]),
            OpenMeteo(clients["open_meteo"]),
        )
    finally:
        for one in clients.values():
            one.close()
