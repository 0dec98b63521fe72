"""The loader's story: what the validator accepted stands in the warehouse, whole games at a time."""

import logging
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import msgspec
import polars as pl

from services.loader import forecasts
from services.loader.versions import GAMES, outdated_games, scopes, stated_games
from shared.errors import ObjectCorrupted, Rejected, TableMismatch
from shared.messaging.events import DataLoaded, DataValidated, Event, Grade
from shared.ports import ObjectStore, Ports, Warehouse
from shared.storage.schema_cast import fitted
from shared.storage.staging import Report, StagedDataset, read_staged, read_struct, write_struct
from shared.storage.tables import Table, names, table

log = logging.getLogger(__name__)

STATUS = "status/loader.json"
_STANDING_GAMES = (Path(__file__).parent / "sql" / "standing_games.sql").read_text()

Frames = dict[str, pl.DataFrame]


class ParkedLoad(msgspec.Struct, frozen=True):
    """A load that cannot succeed as it is: what was refused and why, for a person to repair."""

    report: str
    dates: tuple[date, ...]
    reason: str
    accepted: tuple[StagedDataset, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """Rows standing and dates touched by table; rows deleted; games left because a later version stands."""

    outdated: list[int]
    rows: dict[str, int] = field(default_factory=dict)
    partitions: dict[str, tuple[date, ...]] = field(default_factory=dict)
    deleted: dict[str, int] = field(default_factory=dict)


def step(event: DataValidated, ports: Ports, now: datetime) -> list[Event]:
    """Merge an accepted batch, load and grade forecasts of its days, and announce what stands.

    Raises Rejected, with the load parked, when the batch cannot stand: before anything is merged where
    that can be seen beforehand, and in any case before its games' own rows say that they stand.
    """
    report = read_struct(ports.objects, event.report, Report)
    try:
        loaded = load_batch(report, ports.objects, ports.warehouse)
    except Rejected as error:
        _park(event, report, error, ports.objects)
        raise
    told = forecasts.load_and_grade(ports, event.dates)
    _say(event, loaded, told, ports.objects, now)
    return [_announced(event, loaded, now)]


def load_batch(report: Report, objects: ObjectStore, warehouse: Warehouse) -> Loaded:
    """Merge what a report accepted into the warehouse, whole games at a time; safe to do again.

    Raises Rejected when the batch cannot stand.
    """
    return _load(report, _read(report, objects), warehouse)


def _read(report: Report, objects: ObjectStore) -> Frames:
    """Return the accepted rows by table, every object verified and every row fit for its table."""
    if report.grade == Grade.F or not report.accepted:
        message = f"expected a batch graded A, B or C with rows, got grade {report.grade}"
        raise Rejected(f"{message} with {len(report.accepted)} datasets: collect its dates again")
    parts: dict[str, list[pl.DataFrame]] = {}
    for dataset in report.accepted:
        definition = _definition(dataset.table)
        parts.setdefault(dataset.table, []).append(fitted(definition, _verified(objects, dataset)))
    return {name: pl.concat(frames) for name, frames in parts.items()}


def _definition(name: str) -> Table:
    if name not in names():
        raise TableMismatch(f"{name}: expected a table among {names()}")
    return table(name)


def _verified(objects: ObjectStore, dataset: StagedDataset) -> pl.DataFrame:
    rows = read_staged(objects, dataset)
    if rows.height != dataset.rows:
        raise ObjectCorrupted(f"{dataset.object}: expected {dataset.rows} rows, it holds {rows.height}")
    return rows


def _load(report: Report, staged: Frames, warehouse: Warehouse) -> Loaded:
    stated = stated_games(staged, report.games)
    standing = warehouse.query(_STANDING_GAMES, games=stated["game_pk"].to_list())
    loaded = Loaded(outdated_games(stated, standing))
    newer = {name: _newer(table(name), rows, loaded.outdated) for name, rows in staged.items()}
    whole = stated.filter(~pl.col("game_pk").is_in(loaded.outdated))
    moved = _moved_from(newer, standing)
    for name in sorted(newer, key=_turn):
        _merge(table(name), newer[name], whole, warehouse, loaded)
        loaded.partitions.update(_touched(table(name), newer[name], moved))
    return loaded


def _newer(definition: Table, rows: pl.DataFrame, outdated: list[int]) -> pl.DataFrame:
    return rows.filter(~pl.col("game_pk").is_in(outdated)) if definition.by_game else rows


def _turn(name: str) -> tuple[bool, bool, str]:
    """Load games last: their row carries the version that says the game's other rows stand."""
    return table(name).by_game, name == GAMES, name


def _merge(
    definition: Table, rows: pl.DataFrame, whole: pl.DataFrame, warehouse: Warehouse, loaded: Loaded
) -> None:
    replaced = scopes(rows, whole) if definition.by_game else None
    merged = warehouse.merge(definition, rows, replaced)
    loaded.rows[definition.name] = merged.standing
    loaded.deleted[definition.name] = merged.deleted


def _moved_from(newer: Frames, standing: pl.DataFrame) -> pl.Series:
    """Return the dates on which the batch's games stood or were first to be played.

    The second is in the batch itself, so that a redelivery names the date too after the game has moved.
    """
    if GAMES not in newer:
        return pl.Series(dtype=pl.Date)
    stood = standing.join(newer[GAMES], on="game_pk", how="semi")["game_date"]
    return pl.concat([stood, newer[GAMES]["original_date"]])


def _touched(definition: Table, rows: pl.DataFrame, moved: pl.Series) -> dict[str, tuple[date, ...]]:
    if definition.partition is None:
        return {}
    dates = [rows[definition.partition], *([moved] if definition.by_game else [])]
    return {definition.name: tuple(pl.concat(dates).drop_nulls().unique().sort())}


def _park(event: DataValidated, report: Report, reason: Rejected, objects: ObjectStore) -> None:
    parked = ParkedLoad(event.report, event.dates, f"{type(reason).__name__}: {reason}", report.accepted)
    name = write_struct(objects, f"parked/{event.run_id}/{event.attempt}", "load", parked)
    log.error("%s: parked as %s: %s", event.report, name, parked.reason)


def _say(
    event: DataValidated, loaded: Loaded, told: forecasts.Told, objects: ObjectStore, now: datetime
) -> None:
    status = {
        "at": now,
        "run_id": event.run_id,
        "attempt": event.attempt,
        "dates": event.dates,
        "report": event.report,
        "rows": loaded.rows,
        "deleted": loaded.deleted,
        "games_outdated": loaded.outdated,
        "forecasts": told,
    }
    objects.replace(STATUS, msgspec.json.encode(status))


def _announced(event: DataValidated, loaded: Loaded, now: datetime) -> DataLoaded:
    return DataLoaded(
        run_id=event.run_id,
        attempt=event.attempt,
        occurred_at=now,
        dates=event.dates,
        report=event.report,
        rows=loaded.rows,
        partitions=loaded.partitions,
        trigger=event.trigger,
    )
