"""Holds a collection's rows as columns and writes one Parquet object a table."""

from collections.abc import Mapping, Sequence

import polars as pl

from services.collector.rows import Row, rows_to_frame
from shared.ports import ObjectStore
from shared.storage.staging import StagedDataset, stage_frame
from shared.storage.tables import get_table

_CHUNK = 64  # games: as rows of objects a season would take gigabytes, as columns a tenth


class Staging:
    """Takes rows part by part."""

    def __init__(self) -> None:
        self._parts: dict[str, list[tuple[Mapping[str, object], Sequence[Row]]]] = {}
        self._frames: dict[str, list[pl.DataFrame]] = {}

    def add_rows(self, name: str, head: Mapping[str, object], rows: Sequence[Row]) -> None:
        """Add rows of a table; `head` has their common columns."""
        if rows:
            parts = self._parts.setdefault(name, [])
            parts.append((head, rows))
            if len(parts) >= _CHUNK:
                self._flush_parts(name)

    def table_frame(self, name: str) -> pl.DataFrame:
        """Return all rows of a table so far; where tables are not by game the last row of a key wins."""
        self._flush_parts(name)
        frames = self._frames.get(name, [])
        combined = pl.concat(frames) if frames else pl.DataFrame(schema=get_table(name).schema)
        self._frames[name] = [combined]
        if get_table(name).by_game:
            return combined
        return combined.unique(subset=list(get_table(name).key), keep="last", maintain_order=True)

    def write_tables(self, objects: ObjectStore, prefix: str) -> tuple[StagedDataset, ...]:
        """Write every table that has rows."""
        names = sorted(self._parts.keys() | self._frames.keys())
        frames = ((name, self.table_frame(name)) for name in names)
        return tuple(stage_frame(objects, prefix, name, rows) for name, rows in frames if rows.height)

    def _flush_parts(self, name: str) -> None:
        if parts := self._parts.pop(name, []):
            self._frames.setdefault(name, []).append(rows_to_frame(get_table(name), parts))
