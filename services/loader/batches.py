"""Merges what the validator accepted of a batch into the warehouse, whole games at a time."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from services.loader.versions import GAMES, are_stored, complete_games, outdated_games, replacement_scopes
from shared.errors import ObjectCorrupted, Rejected, TableMismatch
from shared.messaging.events import Grade
from shared.ports import ObjectStore, Warehouse
from shared.storage.schema_cast import fit_rows
from shared.storage.staging import Report, StagedDataset, read_staged
from shared.storage.tables import Table, get_table, list_tables

_STORED_GAMES = (Path(__file__).parent / "sql" / "stored_games.sql").read_text()

Frames = dict[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class LoadReport:
    """Rows stored and dates touched by table; rows deleted; games skipped as outdated."""

    outdated: list[int]
    rows: dict[str, int] = field(default_factory=dict)
    partitions: dict[str, tuple[date, ...]] = field(default_factory=dict)
    deleted: dict[str, int] = field(default_factory=dict)


def load_batch(report: Report, objects: ObjectStore, warehouse: Warehouse) -> LoadReport:
    """Merge what a report accepted into the warehouse, whole games at a time; idempotent.

    Raises Rejected if the batch cannot be stored.
    """
    return _load_tables(report, _read_accepted(report, objects), warehouse)


def is_loaded(report: Report, objects: ObjectStore, warehouse: Warehouse) -> bool:
    """Return whether a report's batch is in the warehouse: its games are stored last, so theirs decide.

    A batch without a complete game counts as loaded.
    """
    staged = {one.table: read_staged(objects, one) for one in report.accepted if one.table == GAMES}
    games = complete_games(staged, report.games)
    if games.is_empty():
        return True
    return are_stored(games, warehouse.query_rows(_STORED_GAMES, games=games["game_pk"].to_list()))


def _read_accepted(report: Report, objects: ObjectStore) -> Frames:
    """Return the accepted rows by table, every object verified and every row fit for its table."""
    if report.grade == Grade.F or not report.accepted:
        message = f"expected a batch graded A, B or C with rows, got grade {report.grade}"
        raise Rejected(f"{message} with {len(report.accepted)} datasets: collect its dates again")
    parts: dict[str, list[pl.DataFrame]] = {}
    for dataset in report.accepted:
        definition = _table_definition(dataset.table)
        parts.setdefault(dataset.table, []).append(fit_rows(definition, _read_verified(objects, dataset)))
    return {name: pl.concat(frames) for name, frames in parts.items()}


def _table_definition(name: str) -> Table:
    if name not in list_tables():
        raise TableMismatch(f"{name}: expected a table among {list_tables()}")
    return get_table(name)


def _read_verified(objects: ObjectStore, dataset: StagedDataset) -> pl.DataFrame:
    rows = read_staged(objects, dataset)
    if rows.height != dataset.rows:
        raise ObjectCorrupted(f"{dataset.object}: expected {dataset.rows} rows, got {rows.height}")
    return rows


def _load_tables(report: Report, staged: Frames, warehouse: Warehouse) -> LoadReport:
    batch_games = complete_games(staged, report.games)
    stored = warehouse.query_rows(_STORED_GAMES, games=batch_games["game_pk"].to_list())
    loaded = LoadReport(outdated_games(batch_games, stored))
    newer = {name: _drop_outdated(get_table(name), rows, loaded.outdated) for name, rows in staged.items()}
    complete = batch_games.filter(~pl.col("game_pk").is_in(loaded.outdated))
    moved = _dates_moved_from(newer, stored)
    for name in sorted(newer, key=_load_order):
        _merge_table(get_table(name), newer[name], complete, warehouse, loaded)
        loaded.partitions.update(_touched_dates(get_table(name), newer[name], moved))
    return loaded


def _drop_outdated(definition: Table, rows: pl.DataFrame, outdated: list[int]) -> pl.DataFrame:
    return rows.filter(~pl.col("game_pk").is_in(outdated)) if definition.by_game else rows


def _load_order(name: str) -> tuple[bool, bool, str]:
    """Load games last: their row carries the version, which means that the game's other rows are stored."""
    return get_table(name).by_game, name == GAMES, name


def _merge_table(
    definition: Table, rows: pl.DataFrame, complete: pl.DataFrame, warehouse: Warehouse, loaded: LoadReport
) -> None:
    replaced = replacement_scopes(rows, complete) if definition.by_game else None
    merged = warehouse.merge_rows(definition, rows, replaced)
    loaded.rows[definition.name] = merged.stored
    loaded.deleted[definition.name] = merged.deleted


def _dates_moved_from(newer: Frames, stored: pl.DataFrame) -> pl.Series:
    """Return the dates on which the batch's games were stored or were first to be played.

    The second is in the batch itself, so that a redelivery names the date too after the game has moved.
    """
    if GAMES not in newer:
        return pl.Series(dtype=pl.Date)
    stored_dates = stored.join(newer[GAMES], on="game_pk", how="semi")["game_date"]
    return pl.concat([stored_dates, newer[GAMES]["original_date"]])


def _touched_dates(definition: Table, rows: pl.DataFrame, moved: pl.Series) -> dict[str, tuple[date, ...]]:
    if definition.partition is None:
        return {}
    dates = [rows[definition.partition], *([moved] if definition.by_game else [])]
    return {definition.name: tuple(pl.concat(dates).drop_nulls().unique().sort())}
