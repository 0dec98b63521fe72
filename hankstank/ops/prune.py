"""Old raw bodies that nothing needs any more: what would go, and making it go."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec

from hankstank.ops.queries import objects_of
from hankstank.ops.tables import warehouse_of
from shared.adapters.local import duckdb_reader
from shared.adapters.local.folder_store import FolderStore
from shared.adapters.local.run_lock import run_lock
from shared.errors import CannotDo
from shared.ports import ObjectStore
from shared.storage.tables import Table, names, table

RAW = "raw/"
_RECORD = "pruned.json"


class Pruned(msgspec.Struct, frozen=True):
    """What was pruned: raw bodies of days before `before` may lack."""

    before: date


@dataclass(frozen=True, slots=True)
class Waste:
    """Raw bodies that may go, of days before `before`, and how many older ones must stay for lineage."""

    before: date
    names: tuple[str, ...]
    needed: int


def prune(home: Path, keep_days: int, *, for_real: bool) -> dict[str, Any]:
    """Say which raw bodies are older than the newest `keep_days` days and needed by no row of those days.

    They are deleted only where `for_real`, while no run holds the folder.
    """
    warehouse = warehouse_of(home)
    objects = objects_of(home)
    if not isinstance(objects, FolderStore):
        raise CannotDo("Cloud Storage prunes by itself: terraform/modules/platform/buckets.tf says when")
    if not for_real:
        return _told(objects, _waste(objects, warehouse, keep_days), keep_days, for_real=False)
    with run_lock(home):
        waste = _waste(objects, warehouse, keep_days)
        told = _told(objects, waste, keep_days, for_real=True)
        if waste.names:
            remember(objects, waste.before)
        for name in waste.names:
            objects.delete(name)
    return told


def pruned_before(objects: ObjectStore) -> date:
    """Return the day before which raw bodies may lack."""
    if not objects.exists(_RECORD):
        return date.min
    return msgspec.json.decode(objects.get(_RECORD), type=Pruned).before


def remember(objects: ObjectStore, before: date) -> None:
    """Note the day before which raw bodies may lack: the latest there ever was."""
    objects.replace(_RECORD, msgspec.json.encode(Pruned(max(before, pruned_before(objects)))))


def day_of(name: str) -> date:
    """Return the day of a raw body: raw/<source>/<day>/…"""
    return date.fromisoformat(name.split("/")[2])


def _waste(objects: ObjectStore, warehouse: Path, keep_days: int) -> Waste:
    days = {name: day_of(name) for name in objects.names(RAW)}
    if not days:
        return Waste(date.min, (), 0)
    before = max(days.values()) - timedelta(days=keep_days - 1)
    old = [name for name, day in days.items() if day < before]
    needed = _lineage(warehouse, before) if old else set()
    return Waste(before, tuple(name for name in old if name not in needed), len(needed & set(old)))


def _lineage(warehouse: Path, since: date) -> set[str]:
    """Return the raw bodies that rows of the days since `since` were read from."""
    standing = duckdb_reader.extents(warehouse, [table(name) for name in names()])
    asked = " union ".join(_question(table(name), since) for name, extent in standing.items() if extent.rows)
    if not asked:
        return set()
    return set(duckdb_reader.select(warehouse, asked)["raw_object"].to_list())


def _question(asked: Table, since: date) -> str:
    """A table without days is of those days on which its rows were collected."""
    day = asked.partition or "cast(collected_at as date)"
    return (
        f"from {asked.full_name} select raw_object where {day} >= date '{since}' and raw_object is not null"
    )


def _told(objects: FolderStore, waste: Waste, keep_days: int, *, for_real: bool) -> dict[str, Any]:
    return {
        "before": waste.before if waste.names else None,
        "keep_days": keep_days,
        "objects": len(waste.names),
        "megabytes": _megabytes(objects, waste.names),
        "older_but_needed": waste.needed,
        "kept_megabytes": _megabytes(objects, set(objects.names(RAW)) - set(waste.names)),
        "deleted": for_real,
        "oldest": min(waste.names, key=day_of, default=None),
    }


def _megabytes(objects: FolderStore, some: Iterable[str]) -> float:
    return round(sum(objects.size(name) for name in some) / 1e6, 1)
