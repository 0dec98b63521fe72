"""Real days from the wire into a warehouse, or on to features: the first rooms alone, in the backfill lane."""

import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
import polars as pl

from hankstank.local.machine import STEPS, SimulatedClock
from hankstank.local.run_plan import DAY, tick_time
from hankstank.local.simulator_process import run_simulator
from shared.adapters.local.durable_queue import LocalBus
from shared.messaging import envelope
from shared.messaging.delivery import PushResponse, handle_delivery
from shared.messaging.events import DataValidated, Event, Ticked
from shared.ports import Ports
from shared.runtime.ports_factory import create_ports
from shared.runtime.settings import Settings
from shared.storage import staging
from shared.storage.staging import Report
from simulator.render import render_season
from simulator.retrosheet import RetrosheetWorld
from tests.data import DATA

E = TypeVar("E", bound=Event)

TO_THE_WAREHOUSE = ("collector", "validator", "loader")
TO_FEATURES = (*TO_THE_WAREHOUSE, "features")


def render(folder: Path, seasons: Sequence[int], first: date, last: date) -> int:
    """Render real seasons' feeds between two dates on both cores; return how many."""
    return render_season(RetrosheetWorld(DATA, seasons), folder, first, last, workers=2)


@dataclass
class Chain:
    """The first rooms on a home of their own, living on the time of a stand-in that is asked over HTTP."""

    url: str
    ports: Ports
    bus: LocalBus
    clock: SimulatedClock
    rooms: tuple[str, ...]
    run_ids: list[str] = field(default_factory=list)
    seconds: Counter[str] = field(default_factory=Counter)

    def collect(self, first: date, last: date) -> None:
        """Collect a range of days, at noon after the last of them: nobody is still playing out west."""
        self.clock.now = tick_time(last) + timedelta(hours=10)
        result = httpx.post(f"{self.url}/simulator/clock", json={"now": self.clock.now.isoformat()})
        result.raise_for_status()
        self.run_ids.append(f"backfill-{first}-{last}")
        tick = Ticked(run_id=self.run_ids[-1], occurred_at=self.clock.now, first=first, last=last)
        self.bus.publish(tick)
        self.bus.run_until_idle({service: self._handler(service) for service in self.rooms}, max_wait=10)

    def collect_by_month(self, first: date, last: date) -> None:
        """Collect a range in calendar months."""
        while first <= last:
            until = min(_end_of_month(first), last)
            self.collect(first, until)
            first = until + DAY

    def speed(self, games: int) -> str:
        """Return how fast each room was, in words."""
        rooms = (
            f"{service} {took:.1f} s ({games / took:.0f} games/s)" for service, took in self.seconds.items()
        )
        return ", ".join(rooms)

    def query(self, sql: str) -> pl.DataFrame:
        """Ask the warehouse."""
        return self.ports.warehouse.query_rows(sql)

    def announced(self, kind: type[E]) -> list[E]:
        """Return the events of a kind, oldest first."""
        return [event for event in self._events() if isinstance(event, kind)]

    def reports(self) -> list[Report]:
        """Return the validator's verdicts."""
        reports = [event.report for event in self.announced(DataValidated)]
        return [staging.read_struct(self.ports.objects, report, Report) for report in reports]

    def dead_letters(self) -> list[str]:
        """Return why deliveries were parked."""
        return [letter.reason for letter in self.bus.list_dead_letters()]

    def _events(self) -> Iterator[Event]:
        for run_id in self.run_ids:
            yield from (envelope.decode_event(one.topic, one.data) for one in self.bus.run_history(run_id))

    def _handler(self, service: str) -> Callable[[bytes], PushResponse]:
        def deliver(body: bytes) -> PushResponse:
            started = time.perf_counter()
            try:
                return handle_delivery(body, STEPS[service], self.ports, self.clock)
            finally:
                self.seconds[service] += time.perf_counter() - started

        return deliver


@contextmanager
def chain(
    home: Path, url: str, rooms: tuple[str, ...] = TO_THE_WAREHOUSE, **settings: Any
) -> Iterator[Chain]:
    """Yield the first rooms in front of a stand-in's address; their warehouse is closed at the end."""
    urls = dict.fromkeys(("mlb_api_url", "savant_url", "weather_url"), url)
    ports = create_ports(Settings(home=home, **urls, **settings))
    bus = LocalBus(home / "queue.sqlite", "backfill", backoff=(0.1, 1.0))
    try:
        yield Chain(url, replace(ports, bus=bus), bus, SimulatedClock(tick_time(date(2000, 1, 1))), rooms)
    finally:
        ports.warehouse.close()  # type: ignore[attr-defined]


@contextmanager
def real_seasons(folder: Path, *seasons: int, rooms: tuple[str, ...] = TO_THE_WAREHOUSE) -> Iterator[Chain]:
    """Yield the first rooms in front of a child process that serves real seasons from `folder`/outside."""
    with (
        run_simulator("retrosheet", seasons, 0, DATA, folder / "outside") as url,
        chain(folder / "home", url, rooms) as held,
    ):
        yield held


def peak_memory_mb() -> float:
    """Return the most memory this process ever held."""
    return (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    )


def _end_of_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - DAY
