"""One build: computes, checks and merges changed days, a quarter of a year at a time, and reports on it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from math import fsum
from time import perf_counter

import polars as pl

from services.features import feature_groups, warehouse
from services.features.feature_groups import BuildCounts
from services.features.input_fingerprints import InputFingerprints
from services.features.leak_check import check
from services.features.leak_check.frame_diff import ComparisonResult
from services.features.leak_check.masked_rebuild import (
    CachingWarehouse,
    masked_rebuild,
    masked_window_rebuild,
)
from services.features.mlb import build, windows
from shared.errors import Unavailable
from shared.ports import Ports, Warehouse
from shared.sports.mlb.states import States
from shared.storage import tables

log = logging.getLogger(__name__)

LAST_MERGED = "league_states"  # its hash marks a day as stored, so it follows everything else of the day
_TABLES = (*(name for name in tables.list_tables("mlb_features") if name != LAST_MERGED), LAST_MERGED)


@dataclass
class BuildReport:
    """What a build did, for its status and its event."""

    run_id: str
    now: datetime
    days: list[date] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    rows_sampled: int = 0
    week_proved_on: date | None = None
    missing: dict[str, date] = field(default_factory=dict)  # tables, and the first day without them
    counts: BuildCounts = field(default_factory=BuildCounts)
    without_values: tuple[str, ...] = ()  # table.column: null in every row although its inputs have rows

    @property
    def build_seconds(self) -> float:
        """Return the seconds spent on rows: without the point-in-time check and the snapshot."""
        return fsum(self.seconds.get(part, 0.0) for part in ("read", "compute", "windows", "merge"))

    @contextmanager
    def time_part(self, part: str) -> Iterator[None]:
        """Add the seconds of the block to a part's."""
        begun = perf_counter()
        try:
            yield
        finally:
            self.seconds[part] = round(self.seconds.get(part, 0.0) + perf_counter() - begun, 4)


class FeatureBuild:
    """A build of one run at one time; `report` has what it did."""

    def __init__(self, ports: Ports, inputs: InputFingerprints, run_id: str, now: datetime) -> None:
        self._ports = ports
        self._inputs = inputs
        self.report = BuildReport(run_id, now)

    def delete_days(self, days: list[date]) -> None:
        """Empty days on which no finished game is left."""
        if days:
            for table in _TABLES:
                self._merge_rows(table, pl.DataFrame(schema=tables.get_table(table).schema), days)

    def build_days(self, states: States, days: list[date]) -> States:
        """Recompute `days` (ascending) and return the states at their end.

        Raises:
            LeakFound: a sampled row changes once the future is removed. Its quarter is not merged.
            CriticalGroupMissing: a critical family has no value in a quarter. It is not merged.
        """
        sample = check.sampled_days(days, self._ports.settings.leak_check_samples, self.report.run_id)
        for quarter in _calendar_quarters(days):
            states = self._build_quarter(
                states, quarter, {day: n for day, n in sample.items() if day in quarter}
            )
        self.report.days = days
        return states

    def recheck_week(self, last: date) -> None:
        """Recompute every game of the week that ends on `last`, from the first play known.

        Raises:
            LeakFound: a stored row changes once the future is removed.
        """
        days = [day for day in self._inputs.ordered_days if last - check.WEEK < day <= last]
        with self.report.time_part("leak_proof_weekly"):
            season = build.read_season(self._ports.warehouse, days) if days else None
            if season is not None:
                rows = warehouse.rows_between(self._ports.warehouse, days[0], days[-1])
                leagues = warehouse.leagues_before(self._ports.warehouse, days[-1])
                self._require_no_leak(check.recompute_week(self._ports.warehouse, season, rows, leagues))
        self.report.week_proved_on = last

    def _build_quarter(self, states: States, days: list[date], sample: dict[date, int]) -> States:
        with self.report.time_part("read"):
            season = build.read_season(self._ports.warehouse, days)
        with self.report.time_part("compute"):
            after, rows = build.build_days(states, season, days, self._inputs.hashes)
        with self.report.time_part("windows"):
            cached = CachingWarehouse(self._ports.warehouse)
            rows |= self._build_windows(cached, season, rows, days)
        with self.report.time_part("leak_proof"):
            if sample:
                self._check_leaks(season, states, rows, days, sample)
                self._require_no_leak(masked_window_rebuild(cached, season, rows, days))
        self.report.counts.add_tables(rows)
        feature_groups.require_values(self.report.counts)
        with self.report.time_part("merge"):
            for table in _TABLES:
                if table in rows:
                    self._merge_rows(table, rows[table], days)
        return after

    def _build_windows(
        self, store: Warehouse, season: build.SeasonInputs, rows: dict[str, pl.DataFrame], days: list[date]
    ) -> dict[str, pl.DataFrame]:
        """Return the tables of windows; one that fails is left out, for the next build, and reported."""
        built: dict[str, pl.DataFrame] = {}
        for names, compute in windows.PARTS.items():
            try:
                built |= compute(store, season, rows | built, days)
            except Unavailable:
                raise
            except Exception:
                log.exception("%s from %s on are missing", ", ".join(names), days[0])
                for table in names:
                    self.report.missing.setdefault(table, days[0])
        return built

    def _check_leaks(
        self,
        season: build.SeasonInputs,
        states: States,
        rows: dict[str, pl.DataFrame],
        days: list[date],
        sample: dict[date, int],
    ) -> None:
        store, run_id = self._ports.warehouse, self.report.run_id
        before = warehouse.leagues_before(store, days[0])
        leagues = pl.concat([before, rows[LAST_MERGED].select(before.columns)])
        games = [pk for day, n in sample.items() for pk in check.sample_games(rows, day, n, run_id)]
        compared = check.recompute_and_compare(store, season, rows, leagues, games, days[0])
        rebuilds = (masked_rebuild(season, states, rows, days, day) for day in sample)
        self._require_no_leak(sum(rebuilds, start=compared))

    def _require_no_leak(self, compared: ComparisonResult) -> None:
        self.report.rows_sampled += compared.rows
        if compared.mismatches:
            detail = {"run_id": self.report.run_id, "rows": compared.rows, "mismatches": compared.mismatches}
            self._ports.notifier.send_alert("critical", "features know the future", detail)
            what = f"{len(compared.mismatches)} mismatches in {compared.rows} sampled rows"
            raise check.LeakFound(f"{what}: sampled rows leak: {compared.mismatches[0]}")

    def _merge_rows(self, table: str, rows: pl.DataFrame, days: list[date]) -> None:
        merged = warehouse.merge_days(self._ports.warehouse, table, rows, days, self.report)
        self.report.rows[table] = self.report.rows.get(table, 0) + merged.stored


def _calendar_quarters(days: list[date]) -> Iterator[list[date]]:
    """Split ascending days into quarters of years, so that memory stays flat over any history."""
    quarters: dict[tuple[int, int], list[date]] = {}
    for day in days:
        quarters.setdefault((day.year, (day.month - 1) // 3), []).append(day)
    yield from quarters.values()
