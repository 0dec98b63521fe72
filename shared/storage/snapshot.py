"""All that a forecast may know as of a day, kept as objects: the API and the next build start from it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec
import polars as pl

from shared.ports import ObjectStore
from shared.storage import staging
from shared.storage.schema_cast import with_current_names
from shared.storage.tables import get_table, list_tables


@dataclass(frozen=True)
class Snapshot:
    """Tables by name, what they were computed from, and the run's status for readers."""

    as_of: date
    run_id: str
    tables: dict[str, pl.DataFrame]
    inputs_sha256: str = ""
    status: dict[str, Any] = field(default_factory=dict)


class _SnapshotManifest(msgspec.Struct, frozen=True):
    as_of: date
    run_id: str
    tables: tuple[staging.StagedDataset, ...]
    inputs_sha256: str = ""
    status: dict[str, Any] = {}


def save_snapshot(snapshot: Snapshot, objects: ObjectStore) -> str:
    """Write the snapshot under names that hold their hashes and return its manifest's name."""
    prefix = f"snapshot/{snapshot.as_of}/{snapshot.run_id}"
    tables = tuple(
        staging.stage_frame(objects, prefix, name, frame) for name, frame in sorted(snapshot.tables.items())
    )
    manifest = _SnapshotManifest(
        snapshot.as_of, snapshot.run_id, tables, snapshot.inputs_sha256, status=snapshot.status
    )
    return staging.write_struct(objects, prefix, "manifest", manifest)


def snapshot_date(name: str) -> date:
    """Return the last day known to a snapshot, from its manifest's name."""
    return date.fromisoformat(name.split("/")[1])


def load_snapshot(name: str, objects: ObjectStore) -> Snapshot:
    """Return a snapshot by its manifest's name, with current column names.

    Raises ObjectMissing, ObjectCorrupted.
    """
    manifest = staging.read_struct(objects, name, _SnapshotManifest)
    tables = {dataset.table: staging.read_staged(objects, dataset) for dataset in manifest.tables}
    for table in map(get_table, list_tables()):
        if table.snapshot_name in tables:
            tables[table.snapshot_name] = with_current_names(table, tables[table.snapshot_name])
    return Snapshot(manifest.as_of, manifest.run_id, tables, manifest.inputs_sha256, status=manifest.status)
