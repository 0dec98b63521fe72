"""Rebuilds the warehouse of one machine from its objects, and its queue if that is damaged."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import Any

from hankstank.local.pipeline_run import Progress
from hankstank.local.stores import objects_of
from hankstank.ops.dead_letters import stored_world_clock
from hankstank.ops.failed_loads import find_failed_loads
from services.features.step import step as create_features
from services.loader import forecasts
from services.loader.batches import load_batch
from shared.adapters.local.damage import QUEUE, WAREHOUSE
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.adapters.local.durable_queue import LocalBus
from shared.adapters.local.run_lock import run_lock
from shared.adapters.local.salvage import salvage_queue
from shared.errors import Rejected, StoreCorrupted, UserError
from shared.messaging.dead_letters import CannotReplay
from shared.messaging.envelope import decode_event
from shared.messaging.events import DataLoaded, Grade
from shared.ports import ObjectStore, Ports
from shared.runtime.ports_factory import create_ports
from shared.runtime.settings import Settings
from shared.storage.staging import Manifest, Report, read_struct

FRESH = "warehouse.rebuilding.duckdb"  # left by an interrupted rebuild; the next one starts over
_ASIDE = ".before-rebuild-"
_REPORTS = "reports/"
_DAYS_AT_ONCE = 31


@dataclass(frozen=True, slots=True)
class LoadedBatch:
    """A batch that was loaded: its report, and when its last response was fetched."""

    name: str
    report: Report
    fetched_at: str


@dataclass
class RebuildResult:
    """What a rebuild did and what it could not rebuild."""

    batches: int = 0
    forecasts: int = 0
    as_of: date | None = None
    kept_aside: list[str] = field(default_factory=list)
    not_rebuilt: list[str] = field(default_factory=list)
    loaded: list[DataLoaded] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields that the command shows."""
        names = ("batches", "forecasts", "as_of", "kept_aside", "not_rebuilt")
        return {name: getattr(self, name) for name in names}


def rebuild_warehouse(home: Path, progress: Progress) -> dict[str, Any]:
    """Rebuild the warehouse from staged batches and stored forecasts; report what could not be rebuilt.

    The old file is kept as a backup and replaced only when the new one is complete, so an interrupted
    rebuild can be repeated.

    Raises:
        UserError: the stores are a project's, or no batch was loaded yet.
        FolderInUse: a run is using the folder.
    """
    settings, objects = Settings(home=home), objects_of(home)
    if settings.project:
        raise UserError(f"the warehouse of {settings.project} is BigQuery: restore its tables there")
    done = RebuildResult()
    with run_lock(home):
        history = _open_queue(home, done)
        batches = _ordered_batches(objects, history, done)
        if not batches:
            raise UserError(
                f"{home}: no batch was loaded yet: start with `hankstank run` or `hankstank collect`"
            )
        _fill_warehouse(home / FRESH, settings, batches, done, progress)
        _replace_warehouse(home / FRESH, home / WAREHOUSE, done)
        _record_loads(home, history, done)
        _requeue_refused_deliveries(LocalBus(home / QUEUE))
    return done.to_dict()


def _fill_warehouse(
    fresh: Path, settings: Settings, batches: Sequence[LoadedBatch], done: RebuildResult, progress: Progress
) -> None:
    for left in (fresh, _wal_path(fresh)):
        left.unlink(missing_ok=True)
    clock = stored_world_clock(create_ports(settings).objects)
    warehouse = DuckDbWarehouse(fresh)
    ports = replace(create_ports(settings), warehouse=warehouse)
    try:
        for number, batch in enumerate(batches):
            progress("batches", number, len(batches))
            _load_batch(batch, ports, clock(), done)
        days = sorted({day for loaded in done.loaded for day in loaded.dates})
        for first in range(0, len(days), _DAYS_AT_ONCE):
            done.forecasts += forecasts.load_and_score(ports, days[first : first + _DAYS_AT_ONCE]).loaded
        progress("features", len(batches), len(batches))
        done.as_of = _create_features(ports, clock(), days)
    finally:
        warehouse.close()


def _load_batch(batch: LoadedBatch, ports: Ports, now: datetime, done: RebuildResult) -> None:
    """Load one batch; skip and report one whose objects are damaged."""
    report = batch.report
    try:
        loaded = load_batch(report, ports.objects, ports.warehouse)
    except StoreCorrupted:
        raise
    except Rejected as error:
        done.not_rebuilt.append(f"{batch.name}: {error}{_recollect_advice(report.dates)}")
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


def _ordered_batches(
    objects: ObjectStore, history: Sequence[DataLoaded], done: RebuildResult
) -> list[LoadedBatch]:
    """Return the batches that were loaded, in the order of their loads."""
    order = {loaded.report: place for place, loaded in enumerate(history)}
    refused = {one.load.report for one in find_failed_loads(objects)} - order.keys()
    found = list(_find_batches(objects, done))
    accepted = [batch for batch in found if batch.name not in refused]
    return sorted(accepted, key=lambda one: (order.get(one.name, len(order)), one.fetched_at, one.name))


def _find_batches(objects: ObjectStore, done: RebuildResult) -> Iterator[LoadedBatch]:
    for name in objects.list_names(_REPORTS):
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
            yield LoadedBatch(name, report, _fetched_at(objects, report))


def _fetched_at(objects: ObjectStore, report: Report) -> str:
    """Return when a batch's last response was fetched; "" if its manifest does not say."""
    with suppress(Rejected):
        raw = read_struct(objects, report.manifest, Manifest).raw
        return max((body.fetched_at.isoformat() for body in raw), default="")
    return ""


def _open_queue(home: Path, done: RebuildResult) -> list[DataLoaded]:
    """Return the published loads; a damaged queue is backed up and replaced by a new one."""
    path = home / QUEUE
    try:
        return _load_history(LocalBus(path))
    except StoreCorrupted:
        aside = _backup_path(path)
        for ending in ("-wal", "-shm", ""):
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).replace(aside.with_name(aside.name + ending))
        LocalBus(path)
        lost = salvage_queue(aside, path)
        done.kept_aside.append(str(aside))
        if lost:
            done.not_rebuilt.append(f"{aside}: {lost}: `hankstank collect` fetches what is missing")
    return _load_history(LocalBus(path))


def _load_history(bus: LocalBus) -> list[DataLoaded]:
    bus.check_integrity()
    events = []
    for one in bus.published_on(DataLoaded.topic):
        with suppress(Rejected, ValueError):  # a damaged event: its batch is found in the objects
            events.append(decode_event(one.topic, one.data))
    return [event for event in events if isinstance(event, DataLoaded)]


def _record_loads(home: Path, history: Sequence[DataLoaded], done: RebuildResult) -> None:
    """Record loads that the queue lacks: `status` and `verify` read them there."""
    known = {loaded.report for loaded in history}
    bus = LocalBus(home / QUEUE)
    for loaded in done.loaded:
        if loaded.report not in known:
            bus.record_event(loaded, loaded.occurred_at)


def _requeue_refused_deliveries(bus: LocalBus) -> None:
    """Queue deliveries again that failed only because of the damage; the next run delivers them."""
    for letter in bus.list_dead_letters():
        if letter.replayed_at is None and letter.reason.startswith(f"{StoreCorrupted.__name__}: "):
            with suppress(CannotReplay):  # not an event of this queue: its batch is in the objects
                bus.replay_dead_letter(int(letter.id))


def _replace_warehouse(fresh: Path, path: Path, done: RebuildResult) -> None:
    """Replace the old file, keeping a backup; at no time is there none."""
    if path.exists():
        aside = _backup_path(path)
        aside.hardlink_to(path)
        done.kept_aside.append(str(aside))
        with suppress(FileNotFoundError):  # the old file's log must not be applied to the new one
            _wal_path(path).replace(_wal_path(aside))
    else:
        _wal_path(path).unlink(missing_ok=True)
    fresh.replace(path)


def _backup_path(path: Path) -> Path:
    names = (path.with_name(f"{path.name}{_ASIDE}{number}") for number in count(1))
    return next(name for name in names if not name.exists())


def _wal_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")


def _recollect_advice(dates: Sequence[date]) -> str:
    return (
        f": `hankstank collect --from {min(dates)} --to {max(dates)}` collects its days again"
        if dates
        else ""
    )
