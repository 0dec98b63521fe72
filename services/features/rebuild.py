"""One build: quarters of dirty days computed, proved and merged, and an account of what was done."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from time import perf_counter

import polars as pl

from services.features import build, leak_proof, warehouse, windows
from services.features.inputs import Inputs
from shared import matchup, tables
from shared.ports import Ports
from shared.states import States

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
    cells: int = 0
    null_cells: int = 0

    @property
    def null_rate(self) -> float:
        """Return the share of game features without a value."""
        return self.null_cells / self.cells if self.cells else 0.0

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Add the seconds that pass to a part's."""
        begun = perf_counter()
        yield
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
            LeakFound: a sampled game's rows change once the future is removed. Its quarter is not merged.
        """
        sample = self._sampled(days)
        for quarter in _quarters(days):
            states = self._quarter(states, quarter, sample.intersection(quarter))
        self.done.days = days
        return states

    def _quarter(self, states: States, days: list[date], sample: set[date]) -> States:
        with self.done.timed("read"):
            season = build.read(self._ports.warehouse, days)
        with self.done.timed("compute"):
            states, rows = build.build(states, season, days, self._inputs.hashes)
        with self.done.timed("windows"):
            rows |= windows.tables(self._ports.warehouse, season, rows["club_states"], days)
        with self.done.timed("leak_proof"):
            self._prove(season, rows, days, sample)
        with self.done.timed("merge"):
            for table in _TABLES:
                self._merge(table, rows[table], days)
        self._count_nulls(rows["game_features_daily"])
        return states

    def _sampled(self, days: list[date]) -> set[date]:
        """Return the days of which one game each is proved, the same for the same run."""
        dice = random.Random(self.done.run_id)  # noqa: S311 - a sample, not a secret
        wanted = leak_proof.games_for(self._ports.settings.leak_proof_samples)
        return set(dice.sample(days, min(wanted, len(days))))

    def _prove(
        self, season: build.Season, rows: dict[str, pl.DataFrame], days: list[date], sample: set[date]
    ) -> None:
        if not sample:
            return
        before = warehouse.leagues_before(self._ports.warehouse, days[0])
        leagues = pl.concat([before, rows[LAST_MERGED].select(before.columns)])
        games = leak_proof.one_a_day(season.games, sample, self.done.run_id)
        compared, mismatches = leak_proof.prove(self._ports.warehouse, season, rows, leagues, games)
        self.done.rows_sampled += compared
        if mismatches:
            detail = {"run_id": self.done.run_id, "rows": compared, "mismatches": mismatches}
            self._ports.notifier.alert("critical", "features know the future", detail)
            raise leak_proof.LeakFound(f"{len(mismatches)} of {compared} sampled rows leak: {mismatches[0]}")

    def _merge(self, table: str, rows: pl.DataFrame, days: list[date]) -> None:
        merged = warehouse.merge(self._ports.warehouse, table, rows, days, self.done)
        self.done.rows[table] = self.done.rows.get(table, 0) + merged.standing

    def _count_nulls(self, games: pl.DataFrame) -> None:
        features = games.select(matchup.GAME_FEATURES)
        self.done.cells += features.height * features.width
        self.done.null_cells += int(features.null_count().sum_horizontal().sum())


def _quarters(days: list[date]) -> Iterator[list[date]]:
    """Split ascending days into quarters of years, so that memory stays flat over any history."""
    quarters: dict[tuple[int, int], list[date]] = {}
    for day in days:
        quarters.setdefault((day.year, (day.month - 1) // 3), []).append(day)
    yield from quarters.values()
