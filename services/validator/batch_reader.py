"""Reads a batch: the collector's manifest and every staged frame, with checksums verified."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from shared.errors import Rejected
from shared.ports import ObjectStore
from shared.storage.staging import Manifest, read_staged, read_struct
from shared.storage.tables import Table, get_table


@dataclass(frozen=True)
class Batch:
    """A manifest, rows that fit their tables, and one row of recent daily means and deviations, or none."""

    manifest: Manifest
    frames: Mapping[str, pl.DataFrame]
    history: pl.DataFrame

    def table_rows(self, name: str) -> pl.DataFrame:
        """Return a table's rows, with every column of it; none where the batch has no such table."""
        return conform_to_table(get_table(name), self.frames.get(name, pl.DataFrame()))

    @cached_property
    def final_games(self) -> pl.DataFrame:
        """Return the games_historical rows of finished games."""
        final = pl.Series(self.manifest.final_games, dtype=pl.Int64).implode()
        return self.table_rows("games_historical").filter(pl.col("game_pk").is_in(final))

    def final_game_rows(self, name: str) -> pl.DataFrame:
        """Return a by-game table's rows of finished games."""
        return self.table_rows(name).join(self.final_games.select("game_pk"), "game_pk", "semi")


def conform_to_table(definition: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with exactly the table's own columns, null where it lacks an optional one."""
    missing = pl.lit(None)
    return frame.select(
        (pl.col(field.name) if field.name in frame.columns else missing).cast(field.dtype).alias(field.name)
        for field in definition.fields
    ).head(frame.height)


def read_manifest(objects: ObjectStore, name: str) -> Manifest:
    """Return the manifest; raises Rejected for a batch without a single row: nothing was collected."""
    manifest = read_struct(objects, name, Manifest)
    if not manifest.dates:
        raise Rejected(f"{name}: expected the dates that were collected, got none")
    if not any(dataset.rows for dataset in manifest.datasets):
        raise Rejected(f"{name}: expected rows, got an empty batch: an empty collection is not a success")
    return manifest


def read_frames(objects: ObjectStore, manifest: Manifest) -> dict[str, pl.DataFrame]:
    """Return each table's staged rows; raises ObjectMissing, ObjectCorrupted, Rejected."""
    found: dict[str, pl.DataFrame] = {}
    for dataset in manifest.datasets:
        if dataset.table in found:
            raise Rejected(f"{dataset.object}: expected one object a table, {dataset.table} has another")
        frame = read_staged(objects, dataset)
        if frame.height != dataset.rows:
            message = f"{dataset.object}: expected the manifest's {dataset.rows} rows, got {frame.height}"
            raise Rejected(message)
        found[dataset.table] = frame
    return found
