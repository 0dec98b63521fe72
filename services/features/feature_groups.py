"""Groups of features: how complete, late and costly each was in a build, and the alerts about them."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from services.features import warehouse
from services.features.catalogue import FEATURE_TABLES
from shared.errors import Rejected
from shared.ports import Notifier, Warehouse
from shared.sports.mlb import game_types
from shared.storage import tables
from shared.storage.tables import Field

LOOK_BACK = timedelta(days=60)  # an input without rows for so long is not one that this league has


class CriticalGroupMissing(Rejected):
    """A critical family has no inputs or values: no forecast can do without, so the last snapshot stays."""


class FeatureGroup(msgspec.Struct, frozen=True):
    """A feature group (stored name: family): its columns by table, and the tables that it needs."""

    is_critical: bool
    inputs: tuple[str, ...]
    least_complete: float = 0.95  # share of the values; 0 where all may rightly be null
    columns: dict[str, tuple[str, ...]] = {}  # where the tables do not name it themselves


class _FeatureGroups(msgspec.Struct, frozen=True):
    late_after_days: int
    families: dict[str, FeatureGroup]


class FeatureGroupReport(msgspec.Struct, frozen=True):
    """A family in one build. Seconds are its share, by values, of reading, computing and merging."""

    rows: int
    null_rate: float
    newest_input: date | None
    days_late: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class InputCoverage:
    """The last days before now on which a game was to be played and was finished, and of every input."""

    scheduled: date | None
    finished: date | None
    newest: Mapping[str, date | None]

    def newest_of(self, family: FeatureGroup) -> date | None:
        """Return how far all of a family's inputs reach; None: one of them was not seen lately."""
        days = [self.newest[table] for table in family.inputs]
        return min((day for day in days if day), default=None) if all(days) else None


@dataclass
class BuildCounts:
    """Rows, values and missing values by family, added up over a build."""

    rows: Counter[str] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    nulls: Counter[str] = field(default_factory=Counter)
    column_rows: Counter[str] = field(default_factory=Counter)  # by table.column
    column_nulls: Counter[str] = field(default_factory=Counter)

    def add_tables(self, built: Mapping[str, pl.DataFrame]) -> None:
        """Count what was built: a column that only one role has is expected of its rows alone.

        Of a table with variants of line-ups, the posted ones count.
        """
        for table in FEATURE_TABLES:
            if table in built:
                for role, frame in _by_role(_posted_rows(built[table])):
                    self._count_table(table, role, frame)

    def columns_without_values(self, inputs: Mapping[str, date | None]) -> tuple[str, ...]:
        """Return the columns (table.column) that are null in every row although their inputs have rows.

        `inputs` has the newest day of the tables that features are made from: None where none has rows.
        """
        return tuple(
            f"{table}.{one.name}"
            for table, one in expected_columns()
            if 0 < self.column_rows[f"{table}.{one.name}"] == self.column_nulls[f"{table}.{one.name}"]
            and all(inputs.get(name, date.max) for name in one.input_tables)
        )

    @property
    def null_rate(self) -> float:
        """Return the share of the critical families' expected values that are missing."""
        expected = sum(self.values[name] for name in _critical_groups())
        return sum(self.nulls[name] for name in _critical_groups()) / expected if expected else 0.0

    def _count_table(self, table: str, role: str, frame: pl.DataFrame) -> None:
        expected = [
            one for one in tables.get_table(table).fields if one.is_feature and one.role in {"", role}
        ]
        nulls = frame.select(one.name for one in expected).null_count().row(0) if expected else ()
        of_family: dict[str, list[int]] = {}
        for one, missing in zip(expected, nulls, strict=True):
            self.column_rows[f"{table}.{one.name}"] += frame.height
            self.column_nulls[f"{table}.{one.name}"] += missing
            of_family.setdefault(family_of(table, one), []).append(missing)
        for name, missing_values in of_family.items():
            self.rows[name] += frame.height
            self.values[name] += frame.height * len(missing_values)
            self.nulls[name] += sum(missing_values)


def _posted_rows(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("variant") == "confirmed") if "variant" in frame.columns else frame


def _by_role(frame: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    if "role" not in frame.columns:
        yield "", frame
        return
    for (role,), rows in frame.partition_by("role", as_dict=True).items():
        yield str(role), rows


@cache
def load_feature_groups() -> _FeatureGroups:
    """Return every group, and after how many days an input counts as late."""
    return msgspec.json.decode(Path(__file__).with_suffix(".json").read_bytes(), type=_FeatureGroups)


@cache
def family_of(table: str, column: Field) -> str:
    """Return the family of a feature: what its table names, else the first with a matching pattern.

    Raises KeyError.
    """
    if column.family in load_feature_groups().families:
        return column.family
    for name, family in load_feature_groups().families.items():
        if any(fnmatchcase(column.name, pattern) for pattern in family.columns.get(table, ())):
            return name
    raise KeyError(f"{table}.{column.name}: expected a family in feature_groups.json that claims it")


def expected_columns() -> Iterator[tuple[str, Field]]:
    """Yield each feature that has a value in every row, with its table: of a family that requires values.

    Other families, such as windows of days, are null where a player did nothing in them.
    """
    groups = load_feature_groups().families
    for table in FEATURE_TABLES:
        for one in tables.get_table(table).fields:
            if one.is_feature and groups[family_of(table, one)].least_complete > 0:
                yield table, one


def read_input_coverage(store: Warehouse, now: date) -> InputCoverage:
    """Return how far schedule and inputs reach that may reach up to the day before `now`."""
    span = {"first": now - LOOK_BACK, "last": now - timedelta(days=1)}
    played = warehouse.query_named(store, "played_days", **span, game_types=list(game_types.FORECAST))
    newest = warehouse.query_named(store, "newest_inputs", **span)
    scheduled, finished = played.row(0)
    return InputCoverage(scheduled, finished, dict(newest.rows()))


def report_groups(
    counts: BuildCounts, inputs: InputCoverage, seconds: float
) -> dict[str, FeatureGroupReport]:
    """Return the report on every family after a build that took `seconds` for all of them."""
    seconds_per_value = seconds / (counts.values.total() or 1)
    return {
        name: _report_group(counts, name, inputs.newest_of(family), inputs.scheduled, seconds_per_value)
        for name, family in load_feature_groups().families.items()
    }


def _report_group(
    counts: BuildCounts, name: str, newest: date | None, scheduled: date | None, seconds_per_value: float
) -> FeatureGroupReport:
    values = counts.values[name]
    return FeatureGroupReport(
        counts.rows[name],
        round(counts.nulls[name] / values, 6) if values else 0.0,
        newest,
        max((scheduled - newest).days, 0) if newest and scheduled else None,
        round(seconds_per_value * values, 4),
    )


def require_inputs(inputs: InputCoverage) -> None:
    """Refuse to build if games are finished whose inputs are later than a family may be.

    Raises:
        CriticalGroupMissing: an input of a critical family ends before those games.
    """
    if inputs.finished is None:
        return
    oldest_good = inputs.finished - timedelta(days=load_feature_groups().late_after_days)
    needed = {name: inputs.newest_of(family) for name, family in _critical_groups().items() if family.inputs}
    _raise_missing(
        {name: f"input up to {day}" for name, day in needed.items() if day is None or day < oldest_good}
    )


def require_values(counts: BuildCounts) -> None:
    """Refuse a build in which a critical family has no value at all; raises CriticalGroupMissing."""
    _raise_missing(
        {name: "no value" for name in _critical_groups() if 0 < counts.values[name] == counts.nulls[name]}
    )


def _critical_groups() -> dict[str, FeatureGroup]:
    return {name: family for name, family in load_feature_groups().families.items() if family.is_critical}


def _raise_missing(missing: Mapping[str, str]) -> None:
    if missing:
        what = ", ".join(f"{name} ({why})" for name, why in missing.items())
        raise CriticalGroupMissing(f"expected every critical family, missing: {what}: collect its days again")


def families_of_tables(names: Collection[str]) -> list[str]:
    """Return the families that have features in some tables."""
    fields = (
        (name, one) for name in FEATURE_TABLES if name in names for one in tables.get_table(name).fields
    )
    return sorted({family_of(name, one) for name, one in fields if one.is_feature})


def find_problems(
    families: Mapping[str, FeatureGroupReport], missing: Mapping[str, date], without_values: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """Return what is wrong with a build by the title of its alert: tables, columns or families, and how."""
    limits = load_feature_groups()
    shares = {name: round(1 - one.null_rate, 4) for name, one in families.items()}
    late = {name: one.days_late for name, one in families.items()}
    return {
        "features are missing": {table: str(since) for table, since in missing.items()},
        "features have no value": dict.fromkeys(without_values, "null in every row"),
        "features are incomplete": {
            name: share
            for name, share in shares.items()
            if (limit := limits.families.get(name)) and share < limit.least_complete
        },
        "features are late": {
            name: days for name, days in late.items() if days and days > limits.late_after_days
        },
    }


def send_alerts(
    notifier: Notifier,
    run_id: str,
    found: Mapping[str, Mapping[str, Any]],
    before: Mapping[str, Mapping[str, Any]],
) -> None:
    """Send one alert for each kind of problem that was not there in the build before: it begins once."""
    for title, which in found.items():
        begun = {name: how for name, how in which.items() if name not in before.get(title, {})}
        if begun:
            notifier.send_alert("warning", title, {"run_id": run_id, **begun})
