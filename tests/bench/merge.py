"""A month of pitches into three seasons of them in the embedded warehouse, and the same once more."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import polars as pl

from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.storage.tables import get_table
from tests.bench.figures import Figure
from tests.bench.samples import pitches


def run(stored_before: int = 700_000, count: int = 45_000, batches: int = 3) -> Iterator[Figure]:
    """Yield seconds to merge `count` pitches into `standing` ones, and to merge them again."""
    rows = pitches(stored_before + batches * count)
    with TemporaryDirectory() as folder:
        warehouse = DuckDbWarehouse(Path(folder) / "warehouse.duckdb")
        _seconds(warehouse, rows.head(stored_before))
        new, again = [], []
        for number in range(batches):
            batch = rows.slice(stored_before + number * count, count)
            new.append(_seconds(warehouse, batch))
            again.append(_seconds(warehouse, batch))
        warehouse.close()
    how = f"{count:,} pitches into {stored_before:,} on disk, median of {batches} batches"
    yield Figure("merge", "new rows", median(new), "s", how)
    yield Figure("merge", "the same delivered again", median(again), "s", how)


def _seconds(warehouse: DuckDbWarehouse, rows: pl.DataFrame) -> float:
    begun = perf_counter()
    merged = warehouse.merge_rows(get_table("statcast_pitches"), rows)
    if merged.stored != rows.height:
        raise AssertionError(f"expected {rows.height} rows to stand, {merged.stored} do")
    return perf_counter() - begun
