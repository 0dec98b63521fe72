"""Finds what was lost: what a day had or must have and has no more, and parts of releases."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Literal

import msgspec

from services.loader.daily import journal
from services.loader.daily.journal import Journal
from services.loader.daily.objectives import last_collection
from shared.errors import ObjectCorrupted, ObjectMissing, Rejected
from shared.modeling import registry
from shared.ports import ObjectStore
from shared.storage import coverage, snapshot
from shared.storage.batch_log import load_batches
from shared.storage.daily_outputs import DailyOutputs, DayOutputs, Output
from shared.storage.tables import get_table

STALE_COLLECTION = timedelta(days=2)
STALE_MODEL = timedelta(days=14)
_BATCHES = timedelta(days=3)  # how far back batches that were refused are looked for
_DAY = timedelta(days=1)
_ROWS: tuple[Output, ...] = ("games", "lines", "plays")
_TRAINER = "status/trainer.json"
_BACKFILL = "backfill/mlb/progress.json"
_BACKFILL_STEPS = timedelta(hours=1)  # a running backfill reports more often

# What is done about a loss. The loader does the first five itself, for the others it publishes an event.
Action = Literal["load", "score", "results", "report", "restore", "collect", "rebuild", "train", "daily"]
LOCAL: frozenset[Action] = frozenset({"load", "score", "results", "report", "restore"})


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of loss: what is done about it, its name in words, and what a person does if that fails.

    `is_alerted` is False where other alerts say that the source or a schedule fails.
    """

    action: Action
    what: str
    advice: str
    is_alerted: bool = True


_RELEASES = "docs/runbook.md#release-refused"
KINDS: Mapping[str, Kind] = {
    "release": Kind("restore", "release {0}", _RELEASES),
    "rows": Kind("load", "rows of {0}", "`hankstank collect --from {0} --to {0}`"),
    "forecasts": Kind("score", "forecasts of {0}", "`hankstank verify`"),
    "grades": Kind("score", "scores of {0}", "`hankstank verify`"),
    "results": Kind("results", "results of {0}", "`hankstank verify`"),
    "report": Kind("report", "report of {0}", "`hankstank report {0}`"),
    "features": Kind("rebuild", "features of {0}", "docs/runbook.md#features"),
    "snapshot": Kind("rebuild", "snapshot {0}", _RELEASES),
    "model": Kind("rebuild", "model {0}", "`hankstank models`, then `hankstank models rollback`"),
    "object": Kind("rebuild", "{0}", "`hankstank verify`"),
    "batch": Kind("collect", "batch {0}", "docs/runbook.md#grade-f"),
    "collection": Kind("daily", "{0}", "docs/runbook.md#no-data-by-four", is_alerted=False),
    "training": Kind("train", "{0}", "docs/runbook.md#training-failed"),
}


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that is lost, by its kind and name, and how that shows."""

    kind: str
    name: str
    cause: str
    day: date | None = None

    @property
    def key(self) -> str:
        """Return what identifies it."""
        return f"{self.kind} {self.name}"

    @property
    def what(self) -> str:
        """Return it in words."""
        return KINDS[self.kind].what.format(self.name)

    @property
    def action(self) -> Action:
        """Return what is done about it."""
        return KINDS[self.kind].action

    @property
    def is_alerted(self) -> bool:
        """Return whether there is an alert when it is given up."""
        return KINDS[self.kind].is_alerted

    @property
    def advice(self) -> str:
        """Return what a person does where the action does not help."""
        return KINDS[self.kind].advice.format(self.name)


def _of_day(kind: str, day: date, cause: str) -> Loss:
    return Loss(kind, str(day), cause, day)


class _TrainerStatus(msgspec.Struct, frozen=True):
    at: datetime


class _Backfill(msgspec.Struct, frozen=True):
    phase: str
    at: datetime


@dataclass(frozen=True)
class Findings:
    """What a check has found out: the counts of now and before, and which repairs are open."""

    objects: ObjectStore
    outputs: DailyOutputs
    before: DailyOutputs | None
    journal: Journal
    today: date
    now: datetime

    def find_losses(self) -> list[Loss]:
        """Return everything that is lost; while a backfill runs, no rows: it may be collecting them."""
        losses = [*self._lost_releases(), *self._lost_forecasts(), *self._lost_objects()]
        if not is_backfilling(self.objects, self.now):
            losses += [*self._lost_days(), *self._refused_batches(), *self._stale_parts()]
        return losses

    def _lost_days(self) -> Iterator[Loss]:
        known = {one.day: one for one in self.before.days} if self.before else {}
        for one in self.outputs.days:
            if one.day < self.today:
                yield from self._lost_rows(one)
                yield from self._lost_features(one)
            yield from self._lost_scores(one, known.get(one.day))

    def _lost_rows(self, one: DayOutputs) -> Iterator[Loss]:
        """Find rows that were stored before, or listed games that the collector takes for stored.

        What was never stored is not lost: the collector asks for it each night, and checks the days of an
        absence by itself.
        """
        season = coverage.load_coverage(self.objects, one.day.year)
        open_games = season.open_games.get(one.day, {})
        counts = one.outputs
        lost: list[str] = [
            name
            for name in _ROWS
            if name in one.was_complete and counts[name].expected - counts[name].actual > len(open_games)
        ]
        lost_games = counts["games"].expected - counts["games"].actual - len(open_games)
        if lost_games > 0 and not lost and season.was_checked(one.day):
            lost = ["games"]
        lost += [name for name in one.missing_tables if get_table(name).dataset == "mlb_historical_data"]
        if lost:
            yield _of_day("rows", one.day, f"lost: {', '.join(dict.fromkeys(lost))}")

    def _lost_features(self, one: DayOutputs) -> Iterator[Loss]:
        if one.outputs["features"].is_hole and not any(one.outputs[name].is_hole for name in _ROWS):
            lost = ", ".join(one.missing_tables) or "games without features"
            yield _of_day("features", one.day, lost)

    def _lost_scores(self, one: DayOutputs, known: DayOutputs | None) -> Iterator[Loss]:
        forecasts = one.outputs["forecasts"]
        had_more = known is not None and forecasts.actual < known.outputs["forecasts"].actual
        lost_forecasts = forecasts.is_hole and (had_more or "forecasts" in one.was_complete)
        if one.outputs["grades"].is_hole or lost_forecasts:
            kind = "forecasts" if lost_forecasts else "grades"
            yield _of_day(kind, one.day, "lost in the warehouse")

    def _lost_objects(self) -> Iterator[Loss]:
        """Find results that do not exist, and reports that did.

        A report that was never written is not lost: the next one covers the days of an absence.
        """
        for one in self.outputs.days:
            if one.outputs["results"].is_hole:
                yield _of_day("results", one.day, "missing or damaged")
            if one.outputs["report"].is_hole and "report" in one.was_complete:
                yield _of_day("report", one.day, "missing or damaged")

    def _lost_releases(self) -> Iterator[Loss]:
        lost = journal.lost_releases(self.objects, self.journal)
        yield from (Loss("release", one.id, "its pointer is missing or damaged") for one in lost)
        current = registry.current_release(self.objects)
        if current is None or lost:
            return
        if cause := _unreadable(partial(snapshot.load_snapshot, current.snapshot, self.objects)):
            yield Loss("snapshot", current.snapshot, cause)
        for target, ref in current.models.items():
            if cause := _unreadable(partial(registry.load_model, self.objects, ref)):
                yield Loss("model", f"{target} {ref.version}", cause)

    def _lost_forecasts(self) -> Iterator[Loss]:
        lost = journal.lost_forecasts(self.objects, self.journal, self.today)
        for name in (*lost, *journal.damaged_forecasts(self.objects, self.today)):
            yield Loss("object", name, "missing or damaged")

    def _refused_batches(self) -> Iterator[Loss]:
        """Find batches whose last attempt was graded F, where games of their days are still missing."""
        days = (one for one in self.outputs.days if one.day < self.today)
        holes = {one.day for one in days if one.outputs["games"].is_hole}
        batches = load_batches(self.objects, self.now - _BATCHES, self.now)
        last = {one.run_id: one for one in sorted(batches, key=lambda one: one.attempt)}
        for run_id, batch in last.items():
            if batch.grade == "F" and (missing := sorted(holes & {*batch.dates})):
                yield Loss("batch", run_id, "graded F", missing[0])

    def _stale_parts(self) -> Iterator[Loss]:
        collected, trained = last_collection(self.objects), _last_training(self.objects)
        if collected and self.now - collected > STALE_COLLECTION:
            yield Loss("collection", "the daily collection", f"none since {collected:%Y-%m-%d %H:%M} UTC")
        if trained and collected and collected - trained > STALE_MODEL:
            yield Loss("training", "the training of models", f"none since {trained:%Y-%m-%d}")


def is_backfilling(objects: ObjectStore, now: datetime) -> bool:
    """Return whether a backfill runs: it collects days, loads them and builds their features by itself."""
    try:
        progress = msgspec.json.decode(objects.read_bytes(_BACKFILL), type=_Backfill)
    except (ObjectMissing, ObjectCorrupted, msgspec.MsgspecError):
        return False
    return progress.phase not in ("done", "stopped", "failed") and now - progress.at < _BACKFILL_STEPS


def _last_training(objects: ObjectStore) -> datetime | None:
    try:
        return msgspec.json.decode(objects.read_bytes(_TRAINER), type=_TrainerStatus).at
    except (ObjectMissing, ObjectCorrupted, msgspec.MsgspecError):
        return None


def _unreadable(read: Callable[[], object]) -> str:
    try:
        read()
    except Rejected as error:
        return str(error)
    return ""
