"""The part of the morning report about what each day must have: the grid, repairs, and holes that stay."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from shared.ports import ObjectStore
from shared.storage.daily_outputs import OUTPUTS, DailyOutputs, load_daily_outputs
from shared.storage.daily_reports import HealedGap, OutputGrid, OutputRow
from shared.storage.healing_ledger import HealingLedger, load_ledger

_GRID_DAYS = timedelta(days=7)


def describe_outputs(objects: ObjectStore, today: date) -> OutputGrid:
    """Return the grid of the seven days before today; an empty one before the first count."""
    known = load_daily_outputs(objects)
    days = [one for one in known.days if today - _GRID_DAYS <= one.day < today] if known else []
    if not days:
        return OutputGrid()
    rows = [
        OutputRow(name, tuple(one.outputs[name].state if name in one.outputs else "not_due" for one in days))
        for name in OUTPUTS
    ]
    return OutputGrid(tuple(one.day for one in days), tuple(rows))


def list_repairs(objects: ObjectStore, after: datetime) -> tuple[HealedGap, ...]:
    """Return the repairs that changed after a moment, the oldest first."""
    return tuple(
        HealedGap(one.what, one.cause, one.outcome, one.tries, one.last_at)
        for one in load_ledger(objects).since(after)
    )


def list_open_holes(objects: ObjectStore, first: date, last: date) -> list[str]:
    """Return, in words, the repairs that were given up, and the holes of these days that nothing repairs.

    A hole that nothing can fill, such as forecasts that nobody made in time, is in one report; the grid shows
    it for a week. The report itself fills its own.
    """
    known, ledger = load_daily_outputs(objects), load_ledger(objects)
    given_up = [
        f"{one.what} ({one.cause}) was not repaired in {one.tries} tries: {one.advice}"
        for one in ledger.repairs
        if one.outcome == "given_up"
    ]
    return [*given_up, *(_unrepaired_holes(known, ledger, first, last) if known else ())]


def _unrepaired_holes(known: DailyOutputs, ledger: HealingLedger, first: date, last: date) -> Iterator[str]:
    repaired = {one.day for one in ledger.open_repairs().values()}
    for day, name, count in known.holes():
        if first <= day <= last and day not in repaired and name != "report":
            yield f"{name} of {day}: {count.actual} of {count.expected} exist"
