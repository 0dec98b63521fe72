"""The whole chain for tests: a stand-in on loopback whose clock, faults and editions a test can set, and a machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from hankstank.local.machine import LocalPipeline
from hankstank.local.run_plan import tick_time
from shared.ports import Warehouse
from shared.runtime.settings import Settings
from shared.storage import tables
from simulator.app import create_app
from simulator.faults import ActiveFaults, Fault
from simulator.game_record import World
from simulator.responses import WorldApiBackend
from simulator.season_store import SeasonStore
from simulator.server import running_simulator
from tests.pipeline.worlds import day

UNLIKE = {"run_id", "created_at", "updated_at"}  # of equal tables
COMPUTED = "mlb_features"  # rows collected when they were computed


class Editions:
    """`Bodies` of a world that can turn into a later edition of itself."""

    def __init__(self, folder: Path, worlds: tuple[World, ...]) -> None:
        begins = tick_time(day(0))
        self._editions = [
            WorldApiBackend(SeasonStore(world, folder / str(n)), begins) for n, world in enumerate(worlds)
        ]
        self.edition = 0

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)

        def answer(*requested: Any) -> Any:
            return getattr(self._editions[self.edition], name)(*requested)

        return answer

    @property
    def now(self) -> datetime:
        return self._editions[0].now

    @now.setter
    def now(self, now: datetime) -> None:
        for edition in self._editions:
            edition.now = now


@dataclass
class Outside:
    """A running stand-in."""

    url: str
    bodies: Editions
    faults: ActiveFaults

    def clock(self) -> datetime:
        """Return the world's time."""
        return self.bodies.now

    def dawn_after(self, number: int) -> None:
        """Move the world's time to when a day's games are collected."""
        self.bodies.now = tick_time(day(number))

    def goes_wrong(self, path: str, kind: str, times: int = 1, seconds: float = 1.0) -> None:
        """Let answers to a path go wrong, beside what goes wrong already: see `simulator.faults`."""
        stored = [Fault(**fault) for fault in self.faults.list_faults()]
        self.faults.replace([*stored, Fault(path, kind, times, seconds)])

    def recovers(self) -> None:
        """Let nothing go wrong any more."""
        self.faults.replace([])

    def urls(self) -> dict[str, str]:
        """Return where its sources are, as fields of Settings."""
        return dict.fromkeys(("mlb_api_url", "savant_url", "weather_url"), self.url)


@contextmanager
def outside(folder: Path, *worlds: World) -> Iterator[Outside]:
    """Serve a world, or several editions of it, from a thread."""
    bodies, faults = Editions(folder, worlds), ActiveFaults()
    with running_simulator(create_app(bodies, faults)) as url:
        yield Outside(url, bodies, faults)


@contextmanager
def impatient() -> Iterator[None]:
    """Wait hundredths of a second between tries where the rooms and the queue wait seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("services.collector.http_source.INITIAL_BACKOFF", 0.01)
        patch.setattr("services.collector.http_source.MAX_BACKOFF", 0.02)
        patch.setattr("hankstank.local.machine.BACKOFF", (0.01, 0.02))
        yield


@dataclass
class Machine:
    """A one-machine world that lives on the stand-in's time."""

    rooms: LocalPipeline
    around: Outside

    def collect(self, run_id: str, first: int, last: int) -> list[str]:
        """Tick for a range of days, the morning after the last of them, and return the topics announced."""
        self.around.dawn_after(last)
        self.rooms.run_tick(run_id, day(first), day(last), "daily", "backfill")
        return self.topics(run_id)

    def live(self, number: int, run_id: str = "", lane: str = "live") -> list[str]:
        """Tick daily, the morning after a day, and return the topics announced."""
        self.around.dawn_after(number)
        run_id = run_id or f"daily-{number}"
        self.rooms.run_tick(run_id, None, None, "daily", lane)
        return self.topics(run_id)

    def topics(self, run_id: str) -> list[str]:
        """Return the topics of a run's events, without the tick's."""
        return [event.topic for event in self.rooms.list_events(run_id)][1:]

    def rows(self, table: str) -> pl.DataFrame:
        """Return a table, ordered by its key, without what may differ in equal ones."""
        return rows(self.rooms.ports.warehouse, table)

    def alerts(self) -> list[dict[str, Any]]:
        """Return every alert so far."""
        return self.rooms.ports.notifier.list_alerts()  # type: ignore[attr-defined]

    def reasons(self) -> list[str]:
        """Return why deliveries became dead letters."""
        return [letter.reason for letter in self.rooms.dead_letters()]


@contextmanager
def machine(home: Path, around: Outside, **settings: Any) -> Iterator[Machine]:
    """Hold a folder's machine; its files are whole afterwards."""
    with LocalPipeline(Settings(home=home, **around.urls(), **settings), around.clock) as rooms:
        try:
            yield Machine(rooms, around)
        finally:
            rooms.ports.warehouse.close()  # type: ignore[attr-defined]


def rows(warehouse: Warehouse, name: str) -> pl.DataFrame:
    """Return a table, ordered by its key, without what may differ in equal ones."""
    table = tables.get_table(name)
    found = warehouse.query_rows(f"select * from {table.full_name} order by {', '.join(table.key)}")
    unlike = UNLIKE | {"collected_at"} if table.dataset == COMPUTED else UNLIKE
    return found.drop(unlike)


def assert_equal_tables(
    ours: Warehouse,
    theirs: Warehouse,
    *datasets: str,
    apart_from: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
) -> None:
    """Compare every table of some datasets, `without` some of them, in all columns but `apart_from`."""
    every = [name for dataset in datasets for name in tables.list_tables(dataset)]
    names = [name for name in every if name not in without]
    pairs = {
        name: [rows(one, name).drop(apart_from, strict=False) for one in (ours, theirs)] for name in names
    }
    unequal = {name: result for name, pair in pairs.items() if (result := _differing(*pair))}
    assert not unequal, unequal


def _differing(one: pl.DataFrame, other: pl.DataFrame) -> list[str]:
    if one.height != other.height:
        return [f"{one.height} rows for {other.height}"]
    return [name for name in one.columns if not one[name].equals(other[name])]
