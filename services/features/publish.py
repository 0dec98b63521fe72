"""The snapshot of everything a forecast may know, and the release that makes the API serve it."""

import hashlib
import logging
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec
import polars as pl

from services.features import feature_groups, warehouse
from services.features.feature_groups import Told
from services.features.mlb.projected_lineups import projected_lineups
from services.features.rebuild import Done
from shared.errors import ObjectCorrupted, ObjectMissing
from shared.modeling import registry
from shared.ports import ObjectStore, Ports
from shared.sports.mlb.states import States
from shared.storage import snapshot, staging
from shared.storage.coverage import Gaps, KnownSchedule, described, known_schedule
from shared.storage.snapshot import Snapshot

log = logging.getLogger(__name__)

STATUS = "status/features.json"


class Standing(msgspec.Struct, frozen=True):
    """The last snapshot published: what it was computed from, the hash of its tables, and its build."""

    snapshot: str
    as_of: date
    inputs_sha256: str
    tables_sha256: str
    dates: tuple[date, ...]
    rows_sampled: int


class Failure(msgspec.Struct, frozen=True):
    """A build after the standing snapshot that published nothing, and why."""

    at: datetime
    run_id: str
    reason: str


class Status(msgspec.Struct, frozen=True):
    """What people and the next build are told: status/features.json."""

    run_id: str
    finished_at: datetime
    standing: Standing | None
    days: int
    rows: dict[str, int]
    seconds: dict[str, float]
    null_rate: float
    feature_groups: dict[str, Told] = {}
    missing: dict[str, date] = {}  # tables that could not be computed, and the first day without them
    missing_families: list[str] = []
    week_proved_on: date | None = None  # the last day of the last week that was counted again as a whole
    failed: Failure | None = None
    gaps: Gaps = {}  # days up to the snapshot's of which games are not stored; no games: nobody knows which


def last_status(objects: ObjectStore) -> Status | None:
    """Return what the last build said, None before the first or where the record of it is spoilt."""
    if not objects.exists(STATUS):
        return None
    try:
        return msgspec.json.decode(objects.get(STATUS), type=Status)
    except (ObjectCorrupted, msgspec.MsgspecError) as error:
        log.warning("%s: passed over, the states are read from the warehouse: %s", STATUS, error)
        return None


def tell_failure(objects: ObjectStore, run_id: str, now: datetime, error: Exception) -> None:
    """Say that a build published nothing and the last snapshot stays, as far as anything can be said."""
    failed = Failure(now, run_id, f"{type(error).__name__}: {error}")
    said = last_status(objects) or Status(run_id, now, None, 0, {}, {}, 0.0)
    objects.replace(STATUS, _encoded(msgspec.structs.replace(said, failed=failed)))


def standing_states(objects: ObjectStore, inputs_sha256: str) -> States | None:
    """Return the last snapshot's states if it is whole and computed from exactly these inputs."""
    said = last_status(objects)
    last = said.standing if said else None
    if last is None or last.inputs_sha256 != inputs_sha256:
        return None
    try:
        return snapshot.load(last.snapshot, objects).states()
    except (ObjectCorrupted, ObjectMissing) as error:  # the day that follows must not fail with it
        log.warning("%s: passed over, the states are read from the warehouse: %s", last.snapshot, error)
        return None


def publish(
    ports: Ports, states: States, inputs_sha256: str, done: Done, reported: dict[str, Told]
) -> Standing:
    """Save the snapshot as of `states`, release it, leave the status; return what stands.

    Where the last snapshot holds the same, that one stays: it is what a redelivery announces again.
    """
    without = feature_groups.of_tables(done.missing)
    known = known_schedule(ports.objects, states.as_of)
    with done.timed("snapshot"):
        tables = _tables(ports, states)
        digest = _digest(tables)
        said = last_status(ports.objects)
        last = said.standing if said else None
        stands = said and last and _content(last, said) == (inputs_sha256, digest, without)
        if last is None or not stands or not _is_whole(last.snapshot, ports.objects):
            rooms = _statuses(ports.objects) | {
                "features": _told_to_readers(done, reported, without),
                "schedule": msgspec.to_builtins(known, str_keys=True),  # a manifest sorts its keys
            }
            saved = Snapshot(states.as_of, done.run_id, tables, inputs_sha256, rooms)
            name = snapshot.save(saved, ports.objects)
            last = Standing(name, states.as_of, inputs_sha256, digest, tuple(done.days), done.rows_sampled)
    registry.publish_release(
        ports.objects,
        snapshot=last.snapshot,
        models=None,
        run_id=done.run_id,
        now=done.now,
        reason="features built",
    )
    _alert_of_gaps(ports, done.run_id, known, said)
    _tell(ports.objects, last, done, reported, known)
    return last


def _alert_of_gaps(ports: Ports, run_id: str, known: KnownSchedule, said: Status | None) -> None:
    """Alert when features stand on days of which games are not stored, once for each state of things."""
    if known.gaps and known.gaps != (said.gaps if said else {}):
        detail = {"run_id": run_id, "not stored": described(known.gaps)}
        ports.notifier.alert("warning", "features are built without all games", detail)


def _content(standing: Standing, said: Status) -> tuple[str, str, list[str]]:
    return standing.inputs_sha256, standing.tables_sha256, said.missing_families


def _is_whole(name: str, objects: ObjectStore) -> bool:
    """Return whether a snapshot is as it was written; one that is damaged is saved again."""
    try:
        snapshot.load(name, objects)
    except (ObjectCorrupted, ObjectMissing) as error:
        log.warning("%s is saved again: %s", name, error)
        return False
    return True


def _told_to_readers(done: Done, reported: dict[str, Told], without: list[str]) -> dict[str, Any]:
    """Return what the API is told of the build that made its snapshot."""
    told = {"run_id": done.run_id, "finished_at": done.now, "days": len(done.days), "rows": done.rows}
    known: dict[str, Any] = msgspec.to_builtins(told | {"families": reported, "missing_families": without})
    return known


def _tell(
    objects: ObjectStore, standing: Standing, done: Done, reported: dict[str, Told], known: KnownSchedule
) -> None:
    status = Status(
        done.run_id,
        done.now,
        standing,
        len(done.days),
        done.rows,
        done.seconds,
        round(done.account.null_rate, 6),
        reported,
        done.missing,
        feature_groups.of_tables(done.missing),
        done.week_proved_on,
        gaps=known.gaps,
    )
    objects.replace(STATUS, _encoded(status))


def _encoded(status: Status) -> bytes:
    return msgspec.json.encode(msgspec.to_builtins(status, str_keys=True), order="sorted")


def _tables(ports: Ports, states: States) -> dict[str, pl.DataFrame]:
    as_of = states.as_of
    dated = ("schedule", "people", "track_record", "reliability", "recent_games")
    tables = states.tables()
    tables |= {name: warehouse.ask(ports.warehouse, name, as_of=as_of) for name in dated}
    tables |= {name: warehouse.ask(ports.warehouse, name) for name in ("clubs", "venues")}
    projected = projected_lineups(ports.warehouse, as_of)
    return tables | {"lineups": _posted(ports, tables["schedule"]), "recent_lineups": projected}


def _posted(ports: Ports, schedule: pl.DataFrame) -> pl.DataFrame:
    bounds = {"first": date.min, "last": date.min}
    if not schedule.is_empty():
        bounds = {"first": min(schedule["game_date"]), "last": max(schedule["game_date"])}
    return warehouse.ask(ports.warehouse, "lineups", **bounds, game_pks=schedule["game_pk"].to_list())


def _digest(tables: Mapping[str, pl.DataFrame]) -> str:
    hashes = (hashlib.sha256(staging.parquet(tables[name])).hexdigest() for name in sorted(tables))
    return hashlib.sha256("/".join(hashes).encode()).hexdigest()


def _statuses(objects: ObjectStore) -> dict[str, Any]:
    """Return what every room last said of itself, by room; what is spoilt is left out."""
    said = {}
    for name in objects.names("status/"):
        try:
            said[name.removeprefix("status/").removesuffix(".json")] = msgspec.json.decode(objects.get(name))
        except (ObjectCorrupted, msgspec.MsgspecError) as error:
            log.warning("%s: passed over: %s", name, error)
    return said
