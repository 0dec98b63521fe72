"""What must exist of each day and what does, and the objectives of the service: `daily/outputs.json`.

The loader counts after each night. The console, the pages and the morning report read what it counted.
"""

import logging
from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

import msgspec

from shared.errors import ObjectCorrupted, ObjectMissing
from shared.ports import ObjectStore
from shared.storage.coverage import Span

log = logging.getLogger(__name__)

OUTPUTS_OBJECT = "daily/outputs.json"
MAX_DAYS = 400

Output = Literal["games", "lines", "plays", "features", "forecasts", "grades", "results", "report"]
OUTPUTS: tuple[Output, ...] = (
    "games",
    "lines",
    "plays",
    "features",
    "forecasts",
    "grades",
    "results",
    "report",
)
State = Literal["complete", "partial", "missing", "not_due", "none_expected"]
Reason = Literal["", "day_off", "off_season", "called_off", "not_collected"]
ObjectiveState = Literal["met", "missed", "not_measured"]


class OutputCount(msgspec.Struct, frozen=True):
    """How many of an output a day must have, and how many it has."""

    expected: int
    actual: int
    state: State

    @classmethod
    def judge(cls, expected: int, actual: int, *, is_due: bool = True) -> "OutputCount":
        """Return the counts with their state.

        Example:
            >>> OutputCount.judge(15, 14).state
            'partial'
        """
        if not is_due:
            return cls(expected, actual, "not_due")
        if expected == 0:
            return cls(0, actual, "none_expected")
        state: State = "complete" if actual >= expected else "partial" if actual else "missing"
        return cls(expected, actual, state)

    @property
    def is_hole(self) -> bool:
        """Return whether something is due and does not exist."""
        return self.state in ("missing", "partial")


class DayOutputs(msgspec.Struct, frozen=True):
    """The outputs of one day; `reason` says why a day has no games, or that nobody looked."""

    day: date
    outputs: dict[Output, OutputCount]
    reason: Reason = ""
    missing_tables: tuple[str, ...] = ()  # that had rows of this day at an earlier count
    was_complete: tuple[Output, ...] = ()  # now or at an earlier count

    @property
    def is_complete(self) -> bool:
        """Return whether everything that is due exists."""
        return not any(one.is_hole for one in self.outputs.values())


class Objective(msgspec.Struct, frozen=True):
    """One objective of the service: its limit, how it is measured, and how it is met now.

    `value` is None where it is not measured; `reason` says why.
    """

    name: str
    title: str
    comparison: Literal["above", "below"]
    limit: float
    unit: str
    how: str
    value: float | None
    state: ObjectiveState
    reason: str = ""


class DailyOutputs(msgspec.Struct, frozen=True):
    """The outputs of the newest days, the oldest first, as counted at `at`.

    `recounted_on` is when all of them were counted last, `seen` the days of which each table had rows.
    """

    at: datetime
    days: tuple[DayOutputs, ...] = ()
    recounted_on: date | None = None
    seen: dict[str, tuple[Span, ...]] = {}
    objectives: tuple[Objective, ...] = ()

    def holes(self) -> list[tuple[date, Output, OutputCount]]:
        """Return everything that is due and does not exist, the oldest day first."""
        return [
            (day.day, name, count)
            for day in self.days
            for name, count in day.outputs.items()
            if count.is_hole
        ]


def load_daily_outputs(objects: ObjectStore) -> DailyOutputs | None:
    """Return what was counted last; None before the first count, or where the object is damaged."""
    try:
        return msgspec.json.decode(objects.read_bytes(OUTPUTS_OBJECT), type=DailyOutputs)
    except ObjectMissing:
        return None
    except (ObjectCorrupted, msgspec.MsgspecError) as error:
        log.warning("%s: damaged, everything is counted again: %s", OUTPUTS_OBJECT, error)
        return None


def save_daily_outputs(objects: ObjectStore, outputs: DailyOutputs) -> None:
    """Store the newest days of what was counted."""
    newest = msgspec.structs.replace(outputs, days=outputs.days[-MAX_DAYS:])
    objects.overwrite(OUTPUTS_OBJECT, msgspec.json.encode(newest))


def with_counted_days(known: Iterable[DayOutputs], counted: Iterable[DayOutputs]) -> tuple[DayOutputs, ...]:
    """Return the known days with those that were counted again in their place, the oldest first."""
    days = {one.day: one for one in (*known, *counted)}
    return tuple(days[day] for day in sorted(days))
