"""Has lost things made again from what they derive from, each a few times at most, and keeps the ledger."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from services.loader.batches import load_batch
from services.loader.daily import journal, report
from services.loader.daily.losses import LOCAL, Action, Loss
from services.loader.forecasts import load_and_score
from services.loader.results import write_day_results
from shared.errors import Rejected
from shared.messaging.events import REPAIR, DataLoaded, DataRetry, Event, Grade, RetryReason, Ticked
from shared.ports import Ports
from shared.storage.healing_ledger import MAX_TRIES, HealingLedger, Outcome, Repair
from shared.storage.staging import Report, read_struct

log = logging.getLogger(__name__)

_DAY = timedelta(days=1)
_REPORTS = "reports/"
_MOST_DAYS = 10  # that one check has collected again: their rows fit into the time of a push


@dataclass
class Healing:
    """The repairs of one check. `ledger` is what was known before."""

    ports: Ports
    ledger: HealingLedger
    known_releases: journal.Journal
    now: datetime
    tried: dict[str, Loss] = field(default_factory=dict)

    def due_losses(self, losses: Iterable[Loss]) -> list[Loss]:
        """Return the losses that may be tried now: not too often, and not too soon after the last try."""
        known = self.ledger.open_repairs()
        return [
            one
            for one in losses
            if (entry := known.get(one.key)) is None
            or (entry.outcome == "trying" and entry.tries < MAX_TRIES and entry.is_due(self.now))
        ]

    def repair_here(self, losses: Iterable[Loss]) -> bool:
        """Make again what this service can; return whether anything was tried."""
        due = [one for one in self.due_losses(losses) if one.action in LOCAL]
        by_action: dict[Action, list[Loss]] = {}
        for one in due:
            by_action.setdefault(one.action, []).append(one)
        for action in _HERE:  # rows first: scores and results are made of them
            if found := by_action.get(action):
                _HERE[action](self, found)
        self.tried |= {one.key: one for one in due}
        return bool(due)

    def request_repairs(self, losses: Sequence[Loss]) -> list[Event]:
        """Return the events by which other services make again what is still lost."""
        due = [one for one in losses if one.key in self.tried or one in self.due_losses([one])]
        remote = [one for one in due if one.action not in LOCAL or one.action == "load"]
        self.tried |= {one.key: one for one in remote}
        self._discard_damaged(remote)
        run_id = f"repair-{self.now:%Y%m%dT%H%MZ}"
        rows = [one.day for one in remote if one.action in ("load", "collect") and one.day][:_MOST_DAYS]
        events: list[Event] = [_recollection(run_id, day, self.now) for day in sorted(set(rows))]
        if any(one.action == "daily" for one in remote):
            events.append(Ticked(run_id=f"{run_id}-collect", occurred_at=self.now))
        rebuilt = [one for one in remote if one.action in ("rebuild", "train")]
        reloaded = [one.day for one in self.tried.values() if one.action == "load" and one.day]
        if rebuilt or reloaded:
            events.append(_rebuilding(run_id, rebuilt, reloaded, self.now))
        return events

    def updated_ledger(self, losses: Sequence[Loss], today: date) -> HealingLedger:
        """Return the ledger after the check; alert of what is given up, once, unless others do."""
        remaining = {one.key: one for one in losses}
        entries = [self._updated(one, remaining) for one in self.ledger.repairs]
        known = self.ledger.open_repairs()
        entries += [
            self._new_entry(loss, "trying" if key in remaining else "healed")
            for key, loss in self.tried.items()
            if key not in known
        ]
        log.info("%s: %d losses, %d tried", today, len(losses), len(self.tried))
        return HealingLedger(tuple(entries))

    def _new_entry(self, loss: Loss, outcome: Outcome) -> Repair:
        return Repair(
            key=loss.key,
            what=loss.what,
            cause=loss.cause,
            action=loss.action,
            advice=loss.advice,
            first_at=self.now,
            last_at=self.now,
            tries=1,
            outcome=outcome,
            day=loss.day,
        )

    def _updated(self, entry: Repair, remaining: Mapping[str, Loss]) -> Repair:
        if entry.outcome == "healed":
            return entry
        if entry.key not in remaining:
            tries = entry.tries + (entry.key in self.tried)
            return replace(entry, outcome="healed", tries=tries, last_at=self.now)
        if entry.key in self.tried:
            return replace(entry, tries=entry.tries + 1, last_at=self.now)
        if entry.outcome == "trying" and entry.tries >= MAX_TRIES and entry.is_due(self.now):
            if remaining[entry.key].is_alerted:
                self._alert(entry)
            return replace(entry, outcome="given_up", last_at=self.now)
        return entry

    def _alert(self, entry: Repair) -> None:
        detail = {"what": entry.what, "cause": entry.cause, "tries": entry.tries, "to do": entry.advice}
        self.ports.notifier.send_alert("critical", f"cannot be made again: {entry.what}", detail)

    def _discard_damaged(self, losses: Iterable[Loss]) -> None:
        """Delete forecasts that cannot be read: names are written once, so they could not be stored again."""
        for name in (one.name for one in losses if one.kind == "object"):
            if self.ports.objects.exists(name):
                self.ports.objects.delete(name)

    def _load(self, losses: Sequence[Loss]) -> None:
        """Merge the accepted batches of the days again, then score what depends on them."""
        days = {one.day for one in losses if one.day}
        loaded = reload_batches(self.ports, days)
        log.info("%d batches loaded again for %s", loaded, ", ".join(map(str, sorted(days))))
        if loaded:
            load_and_score(self.ports, sorted(days), days)

    def _score(self, losses: Sequence[Loss]) -> None:
        for one in losses:
            if one.day:
                load_and_score(self.ports, [one.day])

    def _results(self, losses: Sequence[Loss]) -> None:
        write_day_results(self.ports, [one.day for one in losses if one.day])

    def _report(self, losses: Sequence[Loss]) -> None:
        for one in losses:
            if one.day:
                report.restore_report(self.ports, one.day)

    def _restore(self, losses: Sequence[Loss]) -> None:
        lost = {one.name for one in losses}
        for release in self.known_releases.releases:
            if release.id in lost:
                journal.restore_release(self.ports.objects, release, self.now)


_HERE: Mapping[Action, Callable[[Healing, Sequence[Loss]], None]] = {
    "restore": Healing._restore,
    "load": Healing._load,
    "score": Healing._score,
    "results": Healing._results,
    "report": Healing._report,
}


def reload_batches(ports: Ports, days: set[date]) -> int:
    """Merge every accepted batch that may have rows of the days again, and return how many there were.

    A batch of a day may have weather, starters and line-ups of the next two.

    A stored version that is newer stays, so the order does not matter. A batch that cannot be read or loaded
    is passed over: then its days are collected again.
    """
    loaded, dates = 0, {day - n * _DAY for day in days for n in range(3)}
    for name in ports.objects.list_names(_REPORTS):
        if not name.endswith(".json"):
            continue
        try:
            batch = read_struct(ports.objects, name, Report)
            if batch.grade != Grade.F and batch.accepted and dates & {*batch.dates}:
                load_batch(batch, ports.objects, ports.warehouse)
                loaded += 1
        except Rejected as error:
            log.warning("%s is passed over: %s", name, error)
    return loaded


def _recollection(run_id: str, day: date, now: datetime) -> DataRetry:
    return DataRetry(
        run_id=f"{run_id}-{day}",
        attempt=1,
        occurred_at=now,
        dates=(day,),
        reason=RetryReason.UNAVAILABLE,
        manifest=f"repair/{day}",
        trigger=REPAIR,
    )


def _rebuilding(run_id: str, losses: Sequence[Loss], reloaded: Sequence[date], now: datetime) -> DataLoaded:
    """Return the event after which features, the snapshot, its release and forecasts are as they must be."""
    lost_days = [one.day for one in losses if one.day]
    return DataLoaded(
        run_id=run_id,
        occurred_at=now,
        dates=tuple(sorted({*lost_days, *reloaded})),
        report="",
        rows={},
        partitions={},
        trigger="weekly" if any(one.action == "train" for one in losses) else REPAIR,
        rebuild_from=min(lost_days, default=None),
    )
