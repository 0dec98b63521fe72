"""Finds and deletes old raw responses that nothing needs any more."""

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec

from hankstank.local.stores import objects_of
from hankstank.ops.tables import warehouse_of
from shared.adapters.local import duckdb_reader
from shared.adapters.local.folder_store import FolderStore
from shared.adapters.local.run_lock import run_lock
from shared.errors import UserError
from shared.ports import ObjectStore
from shared.storage.tables import Table, get_table, list_tables

RAW = "raw/"
_RECORD = "pruned.json"


class Pruned(msgspec.Struct, frozen=True):
    """Record of a pruning: raw responses of days before `before` may be missing."""

    before: date


@dataclass(frozen=True, slots=True)
class PrunableObjects:
    """Raw responses of days before `before` that may go, and how many must stay for lineage."""

    before: date
    names: tuple[str, ...]
    needed: int


def prune_raw_objects(home: Path, keep_days: int, *, for_real: bool) -> dict[str, Any]:
    """Report raw responses older than the newest `keep_days` days that no row of those days needs.

    With `for_real` they are deleted, while no run holds the folder.
    """
    warehouse = warehouse_of(home)
    objects = objects_of(home)
    if not isinstance(objects, FolderStore):
        raise UserError(
            "Cloud Storage prunes by its lifecycle rules: see terraform/modules/platform/buckets.tf"
        )
    with run_lock(home) if for_real else nullcontext():
        prunable = _find_prunable(objects, warehouse, keep_days)
        report = _prune_report(objects, prunable, keep_days, for_real=for_real)
        if for_real and prunable.names:
            record_pruned(objects, prunable.before)
            for name in prunable.names:
                objects.delete(name)
    return report


def pruned_before(objects: ObjectStore) -> date:
    """Return the day before which raw responses may be missing."""
    if not objects.exists(_RECORD):
        return date.min
    return msgspec.json.decode(objects.read_bytes(_RECORD), type=Pruned).before


def record_pruned(objects: ObjectStore, before: date) -> None:
    """Record the latest day before which raw responses may be missing."""
    objects.overwrite(_RECORD, msgspec.json.encode(Pruned(max(before, pruned_before(objects)))))


def day_of(name: str) -> date:
    """Return the day of a raw response: raw/<source>/<day>/…"""
    return date.fromisoformat(name.split("/")[2])


def _find_prunable(objects: ObjectStore, warehouse: Path, keep_days: int) -> PrunableObjects:
    days = {name: day_of(name) for name in objects.list_names(RAW)}
    if not days:
        return PrunableObjects(date.min, (), 0)
    before = max(days.values()) - timedelta(days=keep_days - 1)
    old = [name for name, day in days.items() if day < before]
    needed = _needed_raw_objects(warehouse, before) if old else set()
    return PrunableObjects(before, tuple(name for name in old if name not in needed), len(needed & set(old)))


def _needed_raw_objects(warehouse: Path, since: date) -> set[str]:
    """Return the raw responses that rows of the days since `since` were read from."""
    extents = duckdb_reader.table_extents(warehouse, [get_table(name) for name in list_tables()])
    sql = " union ".join(
        _lineage_sql(get_table(name), since) for name, extent in extents.items() if extent.rows
    )
    if not sql:
        return set()
    return set(duckdb_reader.select_rows(warehouse, sql)["raw_object"].to_list())


def _lineage_sql(definition: Table, since: date) -> str:
    """A table without a partition counts by the days on which its rows were collected."""
    day = definition.partition or "cast(collected_at as date)"
    known = f"{day} >= date '{since}' and raw_object is not null"
    return f"from {definition.name} select raw_object where {known}"


def _prune_report(
    objects: FolderStore, prunable: PrunableObjects, keep_days: int, *, for_real: bool
) -> dict[str, Any]:
    return {
        "before": prunable.before if prunable.names else None,
        "keep_days": keep_days,
        "objects": len(prunable.names),
        "megabytes": _total_megabytes(objects, prunable.names),
        "older_but_needed": prunable.needed,
        "kept_megabytes": _total_megabytes(objects, set(objects.list_names(RAW)) - set(prunable.names)),
        "deleted": for_real,
        "oldest": min(prunable.names, key=day_of, default=None),
    }


def _total_megabytes(objects: FolderStore, some: Iterable[str]) -> float:
    return round(sum(objects.size_on_disk(name) for name in some) / 1e6, 1)
