"""One build: quarters of dirty days computed, proved and merged, and an account of what was done."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from math import fsum
from time import perf_counter

import polars as pl

from services.features import feature_groups, warehouse
from services.features.feature_groups import Account
from services.features.input_fingerprints import Inputs
from services.features.leak_check import check
from services.features.leak_check.frame_diff import Compared
from services.features.leak_check.masked_rebuild import Remembered, replay, replay_windows
from services.features.mlb import build, windows
from shared.errors import Unavailable
from shared.ports import Ports, Warehouse
from shared.sports.mlb.states import States
from shared.storage import tables

log = logging.getLogger(__name__)

LAST_MERGED = "league_states"  # its hash says that a day stands, so it follows everything else of the day
_TABLES = (*(name for name in tables.names("mlb_features") if name != LAST_MERGED), LAST_MERGED)


@dataclass
class Done:
    """What a build did: for its status and its announcement."""

    run_id: str
    now: datetime
    days: list[date] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    rows_sampled: int = 0
    week_proved_on: date | None = None
    missing: dict[str, date] = field(default_factory=dict)  # tables, and the first day without them
    account: Account = field(default_factory=Account)

    @property
    def seconds_building(self) -> float:
        """Return the seconds spent on rows, proof and snapshot apart."""
        return fsum(self.seconds.get(part, 0.0) for part in ("read", "compute", "windows", "merge"))

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Add the seconds that pass to a part's."""
        begun = perf_counter()
        try:
            yield
        finally:
            self.seconds[part] = round(self.seconds.get(part, 0.0) + perf_counter() - begun, 4)


class Rebuild:
    """A build of one run at one time; `done` tells what it did."""

    def __init__(self, ports: Ports, inputs: Inputs, run_id: str, now: datetime) -> None:
        self._ports = ports
        self._inputs = inputs
        self.done = Done(run_id, now)

    def clear(self, days: list[date]) -> None:
        """Empty days on which no finished game is left."""
        if days:
            for table in _TABLES:
                self._merge(table, pl.DataFrame(schema=tables.table(table).schema), days)

    def run(self, states: States, days: list[date]) -> States:
        """Recompute `days` (ascending) and return the states at their end.

        Raises:
            LeakFound: a sampled row changes once the future is removed. Its quarter is not merged.
            CriticalFamilyMissing: nor is it without a value of a critical family.
        """
        sample = check.sampled_days(days, self._ports.settings.leak_proof_samples, self.done.run_id)
        for quarter in _quarters(days):
            states = self._quarter(states, quarter, {day: n for day, n in sample.items() if day in quarter})
        self.done.days = days
        return states

    def prove_week(self, last: date) -> None:
        """Count every game of the week that ends on `last` again, from the first play known.

        Raises:
            LeakFound: a row that stands changes once the future is removed.
        """
        days = [day for day in self._inputs.days if last - check.WEEK < day <= last]
        with self.done.timed("leak_proof_weekly"):
            season = build.read(self._ports.warehouse, days) if days else None
            if season is not None:
                rows = warehouse.rows_between(self._ports.warehouse, days[0], days[-1])
                leagues = warehouse.leagues_before(self._ports.warehouse, days[-1])
                self._demand(check.count_week_again(self._ports.warehouse, season, rows, leagues))
        self.done.week_proved_on = last

    def _quarter(self, states: States, days: list[date], sample: dict[date, int]) -> States:
        with self.done.timed("read"):
            season = build.read(self._ports.warehouse, days)
        with self.done.timed("compute"):
            after, rows = build.build(states, season, days, self._inputs.hashes)
        with self.done.timed("windows"):
            answers = Remembered(self._ports.warehouse)
            rows |= self._windows(answers, season, rows, days)
        with self.done.timed("leak_proof"):
            if sample:
                self._prove(season, states, rows, days, sample)
                self._demand(replay_windows(answers, season, rows, days))
        self.done.account.add(rows)
        feature_groups.demand_values(self.done.account)
        with self.done.timed("merge"):
            for table in _TABLES:
                if table in rows:
                    self._merge(table, rows[table], days)
        return after

    def _windows(
        self, store: Warehouse, season: build.Season, rows: dict[str, pl.DataFrame], days: list[date]
    ) -> dict[str, pl.DataFrame]:
        """Return what people look at; a part that fails is left out and noted, for the next build."""
        made: dict[str, pl.DataFrame] = {}
        for names, compute in windows.PARTS.items():
            try:
                made |= compute(store, season, rows["club_states"], days)
            except Unavailable:
                raise
            except Exception:
                log.exception("%s from %s on are missing", ", ".join(names), days[0])
                for table in names:
                    self.done.missing.setdefault(table, days[0])
        return made

    def _prove(
        self,
        season: build.Season,
        states: States,
        rows: dict[str, pl.DataFrame],
        days: list[date],
        sample: dict[date, int],
    ) -> None:
        store, run_id = self._ports.warehouse, self.done.run_id
        before = warehouse.leagues_before(store, days[0])
        leagues = pl.concat([before, rows[LAST_MERGED].select(before.columns)])
        games = [pk for day, n in sample.items() for pk in check.drawn(rows, day, n, run_id)]
        told = check.count_again(store, season, rows, leagues, games, days[0])
        replays = (replay(season, states, rows, days, day) for day in sample)
        self._demand(sum(replays, start=told))

    def _demand(self, told: Compared) -> None:
        self.done.rows_sampled += told.rows
        if told.mismatches:
            detail = {"run_id": self.done.run_id, "rows": told.rows, "mismatches": told.mismatches}
            self._ports.notifier.alert("critical", "features know the future", detail)
            what = f"{len(told.mismatches)} mismatches in {told.rows} sampled rows"
            raise check.LeakFound(f"{what}: sampled rows leak: {told.mismatches[0]}")

    def _merge(self, table: str, rows: pl.DataFrame, days: list[date]) -> None:
        merged = warehouse.merge(self._ports.warehouse, table, rows, days, self.done)
        self.done.rows[table] = self.done.rows.get(table, 0) + merged.standing


def _quarters(days: list[date]) -> Iterator[list[date]]:
    """Split ascending days into quarters of years, so that memory stays flat over any history."""
    quarters: dict[tuple[int, int], list[date]] = {}
    for day in days:
        quarters.setdefault((day.year, (day.month - 1) // 3), []).append(day)
    yield from quarters.values()
