"""The warehouse of one machine made anew from the objects, and its queue where that is damaged."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import Any

from hankstank.local.pipeline_run import Progress
from hankstank.ops.dead_letters import at_the_worlds_time
from hankstank.ops.parked_loads import parked
from hankstank.ops.queries import objects_of
from services.features.step import step as create_features
from services.loader import forecasts
from services.loader.step import load_batch
from shared.adapters.local.damage import QUEUE, WAREHOUSE
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.adapters.local.durable_queue import LocalBus
from shared.adapters.local.run_lock import run_lock
from shared.adapters.local.salvage import salvaged
from shared.errors import CannotDo, Rejected, StoreDamaged
from shared.messaging.dead_letters import CannotReplay
from shared.messaging.envelope import decode
from shared.messaging.events import DataLoaded, Grade
from shared.ports import ObjectStore, Ports
from shared.runtime.ports_factory import build
from shared.runtime.settings import Settings
from shared.storage.staging import Manifest, Report, read_struct

FRESH = "warehouse.rebuilding.duckdb"  # what an interrupted rebuild leaves; the next one begins anew
_ASIDE = ".before-rebuild-"
_REPORTS = "reports/"
_DAYS_AT_ONCE = 31


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that was loaded: its report, and when its last body was fetched."""

    name: str
    report: Report
    fetched_at: str


@dataclass
class Rebuilt:
    """What a rebuild did, and what it could not do."""

    batches: int = 0
    forecasts: int = 0
    as_of: date | None = None
    kept_aside: list[str] = field(default_factory=list)
    not_rebuilt: list[str] = field(default_factory=list)
    loaded: list[DataLoaded] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """Return it for readers."""
        names = ("batches", "forecasts", "as_of", "kept_aside", "not_rebuilt")
        return {name: getattr(self, name) for name in names}


def rebuild(home: Path, progress: Progress) -> dict[str, Any]:
    """Make the warehouse anew from the staged batches and the stored forecasts, and say what could not be.

    The old file is kept aside. Nothing takes its place before the new one is whole, so that an interrupted
    rebuild can be repeated.

    Raises:
        CannotDo: the stores are a project's, or hold no batch that was loaded.
        FolderInUse: a run is at work in the folder.
    """
    settings, objects = Settings(home=home), objects_of(home)
    if settings.project:
        raise CannotDo(f"the warehouse of {settings.project} is BigQuery: restore its tables there")
    done = Rebuilt()
    with run_lock(home):
        history = _opened_queue(home, done)
        batches = _in_order(objects, history, done)
        if not batches:
            raise CannotDo(f"{home}: no batch was loaded yet: `hankstank run` or `hankstank collect` begins")
        _fill(home / FRESH, settings, batches, done, progress)
        _take_place(home / FRESH, home / WAREHOUSE, done)
        _record(home, history, done)
        _requeue_refused_deliveries(LocalBus(home / QUEUE))
    return done.told()


def _fill(
    fresh: Path, settings: Settings, batches: Sequence[Batch], done: Rebuilt, progress: Progress
) -> None:
    for left in (fresh, _log_of(fresh)):
        left.unlink(missing_ok=True)
    clock = at_the_worlds_time(build(settings).objects)
    warehouse = DuckDbWarehouse(fresh)
    ports = replace(build(settings), warehouse=warehouse)
    try:
        for number, batch in enumerate(batches):
            progress("batches", number, len(batches))
            _load(batch, ports, clock(), done)
        days = sorted({day for loaded in done.loaded for day in loaded.dates})
        for first in range(0, len(days), _DAYS_AT_ONCE):
            done.forecasts += forecasts.load_and_grade(ports, days[first : first + _DAYS_AT_ONCE]).loaded
        progress("features", len(batches), len(batches))
        done.as_of = _create_features(ports, clock(), days)
    finally:
        warehouse.close()


def _load(batch: Batch, ports: Ports, now: datetime, done: Rebuilt) -> None:
    """Load one batch; one whose objects are damaged is left out and named."""
    report = batch.report
    try:
        loaded = load_batch(report, ports.objects, ports.warehouse)
    except StoreDamaged:
        raise
    except Rejected as error:
        done.not_rebuilt.append(f"{batch.name}: {error}{_again(report.dates)}")
        return
    done.batches += 1
    done.loaded.append(
        DataLoaded(
            run_id=report.run_id,
            attempt=report.attempt,
            occurred_at=now,
            dates=report.dates,
            report=batch.name,
            rows=loaded.rows,
            partitions=loaded.partitions,
            trigger="manual",
        )
    )


def _create_features(ports: Ports, now: datetime, days: Sequence[date]) -> date:
    """Compute states, rows and windows of every day, publish what changed, and return the last day."""
    run_id = f"rebuild-{now:%Y%m%dT%H%M%S}"
    event = DataLoaded(
        run_id=run_id, occurred_at=now, dates=tuple(days), report="", rows={}, partitions={}, trigger="manual"
    )
    (created,) = create_features(event, ports, now)
    return created.as_of


def _in_order(objects: ObjectStore, history: Sequence[DataLoaded], done: Rebuilt) -> list[Batch]:
    """Return the batches that were loaded, in the order of their loads."""
    order = {loaded.report: place for place, loaded in enumerate(history)}
    refused = {one.load.report for one in parked(objects)} - order.keys()
    found = list(_batches(objects, done))
    wanted = [batch for batch in found if batch.name not in refused]
    return sorted(wanted, key=lambda one: (order.get(one.name, len(order)), one.fetched_at, one.name))


def _batches(objects: ObjectStore, done: Rebuilt) -> Iterator[Batch]:
    for name in objects.names(_REPORTS):
        if not name.endswith(".json"):
            continue
        try:
            report = read_struct(objects, name, Report)
        except Rejected as error:
            done.not_rebuilt.append(
                f"{error}: collect its days again: `hankstank collect --from DAY --to DAY`"
            )
            continue
        if report.grade != Grade.F and report.accepted:
            yield Batch(name, report, _fetched_at(objects, report))


def _fetched_at(objects: ObjectStore, report: Report) -> str:
    """Return when a batch's last body was fetched, "" where its manifest does not say."""
    with suppress(Rejected):
        raw = read_struct(objects, report.manifest, Manifest).raw
        return max((body.fetched_at.isoformat() for body in raw), default="")
    return ""


def _opened_queue(home: Path, done: Rebuilt) -> list[DataLoaded]:
    """Return the loads that were announced; a damaged queue is kept aside, and a new one begins."""
    path = home / QUEUE
    try:
        return _history(LocalBus(path))
    except StoreDamaged:
        aside = _aside(path)
        for ending in ("-wal", "-shm", ""):
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).replace(aside.with_name(aside.name + ending))
        LocalBus(path)
        lost = salvaged(aside, path)
        done.kept_aside.append(str(aside))
        if lost:
            done.not_rebuilt.append(f"{aside}: {lost}: `hankstank collect` asks again for what is missing")
    return _history(LocalBus(path))


def _history(bus: LocalBus) -> list[DataLoaded]:
    bus.check()
    events = []
    for one in bus.announced(DataLoaded.topic):
        with suppress(Rejected, ValueError):  # a bit that flipped in it: the batch itself is in the objects
            events.append(decode(one.topic, one.data))
    return [event for event in events if isinstance(event, DataLoaded)]


def _record(home: Path, history: Sequence[DataLoaded], done: Rebuilt) -> None:
    """Note loads that the queue does not know: `status` and `verify` go by them."""
    known = {loaded.report for loaded in history}
    bus = LocalBus(home / QUEUE)
    for loaded in done.loaded:
        if loaded.report not in known:
            bus.record(loaded, loaded.occurred_at)


def _requeue_refused_deliveries(bus: LocalBus) -> None:
    """Queue deliveries again that were refused for the damage alone: the next run makes them."""
    for letter in bus.dead_letters():
        if letter.replayed_at is None and letter.reason.startswith(f"{StoreDamaged.__name__}: "):
            with suppress(CannotReplay):  # of another queue: what it carried is in the objects
                bus.replay(int(letter.id))


def _take_place(fresh: Path, path: Path, done: Rebuilt) -> None:
    """Put the new file in the place of the old, which is kept; at no time is there none."""
    if path.exists():
        aside = _aside(path)
        aside.hardlink_to(path)
        done.kept_aside.append(str(aside))
        with suppress(FileNotFoundError):  # the old file's log must not be applied to the new one
            _log_of(path).replace(_log_of(aside))
    else:
        _log_of(path).unlink(missing_ok=True)
    fresh.replace(path)


def _aside(path: Path) -> Path:
    names = (path.with_name(f"{path.name}{_ASIDE}{number}") for number in count(1))
    return next(name for name in names if not name.exists())


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")


def _again(dates: Sequence[date]) -> str:
    return f": `hankstank collect --from {min(dates)} --to {max(dates)}` has its days again" if dates else ""
