"""Parts of the morning report: what came in, new models, disk space, and what is next."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from cronsim import CronSim

from shared.errors import Rejected
from shared.messaging.dead_letters import load_dead_letters
from shared.modeling import registry
from shared.modeling.registry import ModelRef, Release
from shared.ports import ObjectStore, Warehouse
from shared.runtime.settings import Settings
from shared.sports.mlb.targets import TARGETS
from shared.storage.batch_log import BatchRecord, load_batches
from shared.storage.buckets import bucket_of
from shared.storage.daily_reports import Collection, ModelChange, NextJob, Outlook, StoreSize

TITLES = {target.name: target.title for target in TARGETS}
_OUTLOOK = (Path(__file__).parents[1] / "sql" / "outlook.sql").read_text()
_SCHEDULES = Path(__file__).parents[3] / "shared" / "schedules.json"
_FAILED_LOADS = "parked/"
_MOST_JOBS = 4
_QUEUE, _WAREHOUSE = "queue.sqlite", "warehouse.duckdb"


class _Schedule(msgspec.Struct, frozen=True):
    cron: str
    time_zone: str


def describe_collection(objects: ObjectStore, after: datetime, until: datetime) -> Collection:
    """Return what came in between two moments, and which loads wait for a person."""
    batches = load_batches(objects, after, until)
    letters = load_dead_letters(objects, after, until)
    loads = {name.rpartition("/")[0] for name in objects.list_names(_FAILED_LOADS)}
    return Collection(
        batches=len(batches),
        games=len({game for one in batches for game in one.games}),
        rows=sum(one.rows for one in batches),
        requests=sum(one.requests for one in batches),
        failures=sum(one.failures for one in batches),
        quarantined=sum(one.quarantined for one in batches),
        grades=dict(Counter(one.grade for one in batches)),
        unresolved=tuple(sorted(_unresolved_runs(batches))),
        dead_letters=tuple(one.reason for one in letters),
        failed_loads=len(loads),
    )


def _unresolved_runs(batches: Iterable[BatchRecord]) -> Iterator[str]:
    """Yield the runs whose last batch was graded F: no later attempt took its place."""
    last = {one.run_id: one for one in sorted(batches, key=lambda one: one.attempt)}
    yield from (run_id for run_id, one in last.items() if one.grade == "F")


def find_model_changes(objects: ObjectStore, after: datetime) -> tuple[ModelChange, ...]:
    """Return the targets whose model in production changed after a moment, and why."""
    current = registry.current_release(objects)
    if current is None or current.published_at <= after:
        return ()
    before = _release_at(objects, current, after)
    known = before.models if before else {}
    return tuple(
        _model_change(objects, known.get(target), ref, current)
        for target, ref in sorted(current.models.items())
        if target not in known or known[target].version != ref.version
    )


def _release_at(objects: ObjectStore, current: Release, moment: datetime) -> Release | None:
    earlier = registry.releases_before(objects, current.number)
    return next((one for one in earlier if one.published_at <= moment), None)


def _model_change(objects: ObjectStore, old: ModelRef | None, new: ModelRef, release: Release) -> ModelChange:
    try:
        manifest = registry.load_manifest_of(objects, new)
        reason, at = manifest.decision, manifest.created_at
    except Rejected:
        reason, at = release.reason, release.published_at
    title = TITLES.get(new.target, new.target)
    return ModelChange(new.target, title, old.version if old else None, new.version, reason, at)


def describe_outlook(warehouse: Warehouse, today: date, now: datetime) -> Outlook:
    """Return what is expected today, and the next jobs."""
    (row,) = warehouse.query_rows(_OUTLOOK, day=today).to_dicts()
    return msgspec.convert({**row, "next_jobs": _next_jobs(now)}, Outlook)


def _next_jobs(now: datetime) -> list[NextJob]:
    schedules = msgspec.json.decode(_SCHEDULES.read_bytes(), type=dict[str, _Schedule])
    jobs = (NextJob(name, _next_time(one, now)) for name, one in schedules.items())
    return sorted(jobs, key=lambda job: job.at)[:_MOST_JOBS]


def _next_time(schedule: _Schedule, now: datetime) -> datetime:
    return next(CronSim(schedule.cron, now.astimezone(ZoneInfo(schedule.time_zone)))).astimezone(now.tzinfo)


def measure_stores(settings: Settings, before: Mapping[str, int]) -> tuple[StoreSize, ...]:
    """Return the disk space of this machine's stores by kind, largest first; nothing in a project."""
    if settings.project:
        return ()
    sizes: Counter[str] = Counter()
    for path in settings.home.rglob("*"):
        if path.is_file():
            sizes[_store_kind(path.relative_to(settings.home))] += path.stat().st_size
    return tuple(
        StoreSize(kind, size, size - before[kind] if kind in before else None)
        for kind, size in sizes.most_common()
    )


def _store_kind(path: Path) -> str:
    folder, *rest = path.parts
    if folder == "objects" and rest:
        return f"objects: {bucket_of('/'.join(rest))}"
    if folder.startswith(_WAREHOUSE):
        return "warehouse"
    return "queue" if folder.startswith(_QUEUE) else "other files"
