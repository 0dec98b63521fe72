"""Publishes the snapshot: everything that a forecast may use, and the release that makes the API serve it."""

import hashlib
import logging
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec
import polars as pl

from services.features import feature_groups, warehouse
from services.features.feature_groups import FeatureGroupReport
from services.features.mlb.projected_lineups import projected_lineups
from services.features.mlb.recent_games import recent_games_query
from services.features.rebuild import BuildReport
from shared.errors import ObjectCorrupted, ObjectMissing
from shared.modeling import registry
from shared.ports import ObjectStore, Ports
from shared.sports.mlb.snapshot_tables import read_states
from shared.sports.mlb.states import States
from shared.storage import snapshot, staging
from shared.storage.coverage import Gaps, KnownSchedule, build_known_schedule, describe_gaps
from shared.storage.snapshot import Snapshot

log = logging.getLogger(__name__)

STATUS_OBJECT = "status/features.json"


class PublishedSnapshot(msgspec.Struct, frozen=True):
    """The last snapshot published: what it was computed from, the hash of its tables, and its build."""

    snapshot: str
    as_of: date
    inputs_sha256: str
    tables_sha256: str
    dates: tuple[date, ...]
    rows_sampled: int


class BuildFailure(msgspec.Struct, frozen=True):
    """A build after the current snapshot that published nothing, and why."""

    at: datetime
    run_id: str
    reason: str


class FeatureStatus(msgspec.Struct, frozen=True):
    """The last build, as status/features.json shows it; the next build reads it too."""

    run_id: str
    finished_at: datetime
    published: PublishedSnapshot | None = msgspec.field(name="standing")  # the field's stored name
    days: int
    rows: dict[str, int]
    seconds: dict[str, float]
    null_rate: float
    families: dict[str, FeatureGroupReport] = {}
    missing: dict[str, date] = {}  # tables that could not be computed, and the first day without them
    missing_families: list[str] = []
    week_proved_on: date | None = None  # the last day of the last week that was recomputed as a whole
    failed: BuildFailure | None = None
    gaps: Gaps = {}  # days up to the snapshot's of which games are not stored; no games: nobody knows which
    without_values: tuple[str, ...] = ()  # columns (table.column) that this build left null in every row


def last_status(objects: ObjectStore) -> FeatureStatus | None:
    """Return the last build's status, None before the first or where it is corrupt."""
    if not objects.exists(STATUS_OBJECT):
        return None
    try:
        return msgspec.json.decode(objects.read_bytes(STATUS_OBJECT), type=FeatureStatus)
    except (ObjectCorrupted, msgspec.MsgspecError) as error:
        log.warning("%s: skipped, the states are read from the warehouse: %s", STATUS_OBJECT, error)
        return None


def write_failure(objects: ObjectStore, run_id: str, now: datetime, error: Exception) -> None:
    """Record that a build published nothing and the last snapshot stays, where the store can be written."""
    failed = BuildFailure(now, run_id, f"{type(error).__name__}: {error}")
    status = last_status(objects) or FeatureStatus(run_id, now, None, 0, {}, {}, 0.0)
    objects.overwrite(STATUS_OBJECT, _encode_status(msgspec.structs.replace(status, failed=failed)))


def load_published_states(objects: ObjectStore, inputs_sha256: str) -> States | None:
    """Return the last snapshot's states if it is intact and computed from exactly these inputs."""
    status = last_status(objects)
    last = status.published if status else None
    if last is None or last.inputs_sha256 != inputs_sha256:
        return None
    try:
        return read_states(snapshot.load_snapshot(last.snapshot, objects))
    except (ObjectCorrupted, ObjectMissing) as error:  # the day that follows must not fail with it
        log.warning("%s: skipped, the states are read from the warehouse: %s", last.snapshot, error)
        return None


def publish_snapshot(
    ports: Ports,
    states: States,
    inputs_sha256: str,
    build: BuildReport,
    group_reports: dict[str, FeatureGroupReport],
) -> PublishedSnapshot:
    """Save the snapshot as of `states`, release it, write the status; return what is published.

    A backfill releases nothing and alerts of no gaps: the next build of the live lane does.
    If the last snapshot has the same content it stays: a redelivered event gets the same name again.
    """
    missing_families = feature_groups.families_of_tables(build.missing)
    known = build_known_schedule(ports.objects, states.as_of)
    with build.time_part("snapshot"):
        tables = _snapshot_tables(ports, states)
        digest = _tables_digest(tables)
        status = last_status(ports.objects)
        last = status.published if status else None
        is_unchanged = (
            status and last and _content_key(last, status) == (inputs_sha256, digest, missing_families)
        )
        if last is None or not is_unchanged or not _is_intact(last.snapshot, ports.objects):
            statuses = _read_statuses(ports.objects) | {
                "features": _status_for_readers(build, group_reports, missing_families),
                "schedule": msgspec.to_builtins(known, str_keys=True),  # a manifest sorts its keys
            }
            saved = Snapshot(states.as_of, build.run_id, tables, inputs_sha256, statuses)
            name = snapshot.save_snapshot(saved, ports.objects)
            last = PublishedSnapshot(
                name, states.as_of, inputs_sha256, digest, tuple(build.days), build.rows_sampled
            )
    if ports.lane == "live":
        registry.publish_release(
            ports.objects,
            snapshot=last.snapshot,
            models=None,
            run_id=build.run_id,
            now=build.now,
            reason="features built",
        )
        _alert_gaps(ports, build.run_id, known, status)
    _write_status(ports.objects, last, build, group_reports, known)
    return last


def _alert_gaps(ports: Ports, run_id: str, known: KnownSchedule, status: FeatureStatus | None) -> None:
    """Alert when features are built on days with games that are not stored, once for each set of them."""
    if known.gaps and known.gaps != (status.gaps if status else {}):
        detail = {"run_id": run_id, "not stored": describe_gaps(known.gaps)}
        ports.notifier.send_alert("warning", "features are built without all games", detail)


def _content_key(published: PublishedSnapshot, status: FeatureStatus) -> tuple[str, str, list[str]]:
    return published.inputs_sha256, published.tables_sha256, status.missing_families


def _is_intact(name: str, objects: ObjectStore) -> bool:
    """Return whether a snapshot can be read as it was written; a damaged one is saved again."""
    try:
        snapshot.load_snapshot(name, objects)
    except (ObjectCorrupted, ObjectMissing) as error:
        log.warning("%s is saved again: %s", name, error)
        return False
    return True


def _status_for_readers(
    build: BuildReport, group_reports: dict[str, FeatureGroupReport], missing_families: list[str]
) -> dict[str, Any]:
    """Return what the API shows of the build that made its snapshot."""
    summary: dict[str, Any] = {
        "run_id": build.run_id,
        "finished_at": build.now,
        "days": len(build.days),
        "rows": build.rows,
    }
    summary |= {"families": group_reports, "missing_families": missing_families}
    status: dict[str, Any] = msgspec.to_builtins(summary)
    return status


def _write_status(
    objects: ObjectStore,
    published: PublishedSnapshot,
    build: BuildReport,
    group_reports: dict[str, FeatureGroupReport],
    known: KnownSchedule,
) -> None:
    status = FeatureStatus(
        build.run_id,
        build.now,
        published,
        len(build.days),
        build.rows,
        build.seconds,
        round(build.counts.null_rate, 6),
        group_reports,
        build.missing,
        feature_groups.families_of_tables(build.missing),
        build.week_proved_on,
        gaps=known.gaps,
        without_values=build.without_values,
    )
    objects.overwrite(STATUS_OBJECT, _encode_status(status))


def _encode_status(status: FeatureStatus) -> bytes:
    return msgspec.json.encode(msgspec.to_builtins(status, str_keys=True), order="sorted")


def _snapshot_tables(ports: Ports, states: States) -> dict[str, pl.DataFrame]:
    as_of = states.as_of
    dated = ("schedule", "people", "track_record", "reliability")
    tables = states.to_tables()
    tables |= {name: warehouse.query_named(ports.warehouse, name, as_of=as_of) for name in dated}
    tables |= {name: warehouse.query_named(ports.warehouse, name) for name in ("clubs", "venues")}
    tables["recent_games"] = ports.warehouse.query_rows(recent_games_query(), as_of=as_of)
    projected = projected_lineups(ports.warehouse, as_of)
    return tables | {"lineups": _posted_lineups(ports, tables["schedule"]), "recent_lineups": projected}


def _posted_lineups(ports: Ports, schedule: pl.DataFrame) -> pl.DataFrame:
    bounds = {"first": date.min, "last": date.min}
    if not schedule.is_empty():
        bounds = {"first": min(schedule["game_date"]), "last": max(schedule["game_date"])}
    return warehouse.query_named(ports.warehouse, "lineups", **bounds, game_pks=schedule["game_pk"].to_list())


def _tables_digest(tables: Mapping[str, pl.DataFrame]) -> str:
    hashes = (hashlib.sha256(staging.to_parquet(tables[name])).hexdigest() for name in sorted(tables))
    return hashlib.sha256("/".join(hashes).encode()).hexdigest()


def _read_statuses(objects: ObjectStore) -> dict[str, Any]:
    """Return the last status of every service, by service; a corrupt one is left out."""
    status = {}
    for name in objects.list_names("status/"):
        try:
            status[name.removeprefix("status/").removesuffix(".json")] = msgspec.json.decode(
                objects.read_bytes(name)
            )
        except (ObjectCorrupted, msgspec.MsgspecError) as error:
            log.warning("%s: skipped: %s", name, error)
    return status
