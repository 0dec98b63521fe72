"""Every source and who is asked first, as data; and the clients for one deployment."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from services.collector.sources.http import Breaker, HttpSource, Pace, Sleep, is_loopback
from services.collector.sources.mlb_stats_api import MlbStatsApi
from services.collector.sources.open_meteo import OpenMeteo
from services.collector.sources.savant import Savant
from shared.settings import Settings

ADDRESSES = {"mlb_stats_api": "mlb_api_url", "savant": "savant_url", "open_meteo": "weather_url"}

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
    settings: Settings, sleep: Sleep = time.sleep, transport: httpx.BaseTransport | None = None
) -> Iterator[Sources]:
    """Yield the clients for the addresses in `settings`; their connections close with the block."""
    clients = {
        name: _client(name, getattr(settings, field), settings.requests_per_second, sleep, transport)
        for name, field in ADDRESSES.items()
    }
    try:
        yield Sources(
            MlbStatsApi(clients["mlb_stats_api"]),
            Savant(clients["savant"]),
            OpenMeteo(clients["open_meteo"]),
        )
    finally:
        for client in clients.values():
            client.close()


def _client(
    name: str, base_url: str, per_second: float, sleep: Sleep, transport: httpx.BaseTransport | None
) -> HttpSource:
    if is_loopback(base_url):
        return HttpSource(name, base_url, sleep=sleep, transport=transport)
    pace, breaker = Pace(per_second, sleep=sleep), Breaker()
    return HttpSource(name, base_url, pace=pace, breaker=breaker, sleep=sleep, transport=transport)
