"""Measures the objectives of `objectives.json`; what this service cannot measure says so."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from shared.errors import ObjectCorrupted, ObjectMissing
from shared.ports import ObjectStore, Ports
from shared.storage.batch_log import load_batches
from shared.storage.daily_outputs import DayOutputs, Objective, OutputCount
from shared.storage.healing_ledger import HealingLedger

_DATA = Path(__file__).with_suffix(".json")
_SCORES = (Path(__file__).parents[1] / "sql" / "objective_scores.sql").read_text()
_MONTH, _WEEK = timedelta(days=30), timedelta(days=7)
_COLLECTOR = "status/collector.json"


class _Definition(msgspec.Struct, frozen=True):
    name: str
    title: str
    comparison: Literal["above", "below"]
    limit: float
    unit: str
    how: str
    not_measured: str = ""


class _LastCollection(msgspec.Struct, frozen=True):
    at: datetime


@dataclass(frozen=True)
class Evidence:
    """What the objectives are measured on."""

    ports: Ports
    days: tuple[DayOutputs, ...]
    ledger: HealingLedger
    now: datetime

    @property
    def recent_days(self) -> list[DayOutputs]:
        """Return the days of the last month."""
        first = self.now.date() - _MONTH
        return [one for one in self.days if one.day >= first]


Measure = Callable[[Evidence], float | None]


def measure_objectives(evidence: Evidence) -> tuple[Objective, ...]:
    """Return each objective with its value now, in the order of the file."""
    return tuple(_measure(one, evidence) for one in load_definitions())


def load_definitions() -> list[_Definition]:
    """Return the objectives as data."""
    return msgspec.json.decode(_DATA.read_bytes(), type=list[_Definition])


def _measure(definition: _Definition, evidence: Evidence) -> Objective:
    measure = _MEASURES.get(definition.name)
    value = measure(evidence) if measure else None
    reason = definition.not_measured if measure is None else "nothing to measure it on yet"
    described = msgspec.structs.asdict(definition)
    del described["not_measured"]
    if value is None:
        return Objective(**described, value=None, state="not_measured", reason=reason)
    is_met = value > definition.limit if definition.comparison == "above" else value < definition.limit
    return Objective(**described, value=round(value, 4), state="met" if is_met else "missed")


def last_collection(objects: ObjectStore) -> datetime | None:
    """Return when the collector last finished; None before the first time, or where nobody knows."""
    try:
        return msgspec.json.decode(objects.read_bytes(_COLLECTOR), type=_LastCollection).at
    except (ObjectMissing, ObjectCorrupted, msgspec.MsgspecError):
        return None


def _data_age(evidence: Evidence) -> float | None:
    last = last_collection(evidence.ports.objects)
    return None if last is None else (evidence.now - last) / timedelta(hours=1)


def _features(evidence: Evidence) -> float | None:
    return _percent_of_counts(one.outputs["features"] for one in evidence.recent_days)


def _percent_of_counts(counts: Iterable[OutputCount]) -> float | None:
    due = [one for one in counts if one.state != "not_due"]
    expected = sum(one.expected for one in due)
    return 100 * sum(min(one.actual, one.expected) for one in due) / expected if expected else None


def _pipeline(evidence: Evidence) -> float | None:
    due = [
        count.is_hole
        for one in evidence.recent_days
        for count in one.outputs.values()
        if count.state not in ("not_due", "none_expected")
    ]
    return 100 * (1 - sum(due) / len(due)) if due else None


def _accuracy(evidence: Evidence) -> float | None:
    row = _scores(evidence)
    return 100 * row["won"] / row["forecasts"] if row["forecasts"] else None


def _brier(evidence: Evidence) -> float | None:
    return _scores(evidence)["brier"]


def _scores(evidence: Evidence) -> dict[str, float]:
    last: date = evidence.now.date()
    rows = evidence.ports.warehouse.query_rows(_SCORES, first=last - _MONTH, last=last)
    return rows.to_dicts()[0]


def _grade_a(evidence: Evidence) -> float | None:
    batches = load_batches(evidence.ports.objects, evidence.now - _MONTH, evidence.now)
    return 100 * sum(one.grade == "A" for one in batches) / len(batches) if batches else None


def _interventions(evidence: Evidence) -> float:
    return sum(one.outcome == "given_up" for one in evidence.ledger.since(evidence.now - _WEEK))


_MEASURES: Mapping[str, Measure] = {
    "data_age": _data_age,
    "features": _features,
    "pipeline": _pipeline,
    "accuracy": _accuracy,
    "brier": _brier,
    "grade_a": _grade_a,
    "interventions": _interventions,
}
