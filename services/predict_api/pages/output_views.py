"""Views of what each day must have, of the service's objectives and of repairs, for the page of freshness."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shared.ports import ObjectStore
from shared.reporting.page import STATES
from shared.storage.daily_outputs import OUTPUTS, DayOutputs, Objective, OutputCount, load_daily_outputs
from shared.storage.healing_ledger import Repair, load_ledger

DAYS_SHOWN = 28
REPAIRS_SHOWN = 10
_REASONS = {
    "day_off": "day off",
    "off_season": "off season",
    "called_off": "called off",
    "not_collected": "not collected",
}
_OBJECTIVES = {"met": "✓ met", "missed": "✗ missed", "not_measured": "– not measured"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One output of one day: its state, its symbol, counts where something lacks, and all in words."""

    state: str
    symbol: str
    counts: str
    words: str


@dataclass(frozen=True, slots=True)
class DayRow:
    """A day with a cell for each output; `note` says why it has no games."""

    day: date
    note: str
    has_hole: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class OutputsView:
    """Everything that the page shows; empty before the first count."""

    counted_at: str
    outputs: tuple[str, ...]
    rows: tuple[DayRow, ...]
    holes: str
    objectives: tuple[tuple[Objective, str, str], ...]
    repairs: tuple[Repair, ...]
    legend: tuple[tuple[str, str], ...] = tuple(STATES.values())


def build_outputs_view(objects: ObjectStore) -> OutputsView:
    """Return the newest days, the newest first, the objectives, and the newest repairs."""
    known = load_daily_outputs(objects)
    days = list(reversed(known.days[-DAYS_SHOWN:])) if known else []
    repairs = tuple(reversed(load_ledger(objects).repairs[-REPAIRS_SHOWN:]))
    return OutputsView(
        counted_at=f"{known.at:%Y-%m-%d %H:%M} UTC" if known else "",
        outputs=OUTPUTS,
        rows=tuple(map(_day_row, days)),
        holes=_describe_holes(days),
        objectives=tuple(
            (one, _OBJECTIVES[one.state], describe_value(one)) for one in (known.objectives if known else ())
        ),
        repairs=repairs,
    )


def _day_row(one: DayOutputs) -> DayRow:
    cells = tuple(_cell(name, one.outputs[name]) for name in OUTPUTS)
    return DayRow(one.day, _REASONS.get(one.reason, ""), not one.is_complete, cells)


def _cell(name: str, count: OutputCount) -> Cell:
    symbol, words = STATES[count.state]
    counts = f"{count.actual}/{count.expected}" if count.is_hole else ""
    return Cell(count.state, symbol, counts, f"{name}: {words}, {count.actual} of {count.expected}")


def _describe_holes(days: Sequence[DayOutputs]) -> str:
    lacking = [str(one.day) for one in days if not one.is_complete]
    if not lacking:
        return f"Nothing is missing in the last {len(days)} days."
    return f"Something is missing on {len(lacking)} of {len(days)} days: {', '.join(lacking[:5])}" + (
        " and earlier." if len(lacking) > 5 else "."
    )


def describe_value(one: Objective) -> str:
    """Return an objective's value beside its limit.

    Example:
        >>> describe_value(Objective("brier", "Brier", "below", 0.25, "", "", 0.2412, "met"))
        '0.241, below 0.25'
    """
    unit = f" {one.unit}" if one.unit else ""
    value = one.reason if one.value is None else f"{one.value:.3g}{unit}"
    return f"{value}, {one.comparison} {one.limit:g}{unit}"
