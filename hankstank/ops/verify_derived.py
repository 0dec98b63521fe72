"""Checks computed tables: no duplicate keys, no score without its forecast."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from hankstank.ops import verify_features
from shared.adapters.local import duckdb_reader
from shared.storage import tables
from shared.storage.tables import Table

DATASETS = ("mlb_features", "mlb_predictions")
_EXAMPLES = 3
_ORPHAN_SCORES_SQL = """
    select forecast_id from grades
    where forecast_id not in (select forecast_id from forecasts)
    order by forecast_id
"""


def find_faults(warehouse: Path) -> Iterator[tuple[str, str]]:
    """Yield each table with a fault, and what is wrong; raises StoreUnavailable."""
    extents = duckdb_reader.table_extents(
        warehouse, [tables.get_table(name) for name in tables.list_tables()]
    )
    there = {name for name, extent in extents.items() if extent.rows}
    every = [tables.get_table(name) for dataset in DATASETS for name in tables.list_tables(dataset)]
    for table in every:
        if table.name in there:
            yield from _describe_faults(table, "times", _duplicate_keys(table, warehouse))
    yield from verify_features.find_null_columns(warehouse, there)
    if "grades" in there:
        yield from _describe_faults(
            tables.get_table("grades"), "", duckdb_reader.select_rows(warehouse, _ORPHAN_SCORES_SQL)
        )


def _duplicate_keys(table: Table, warehouse: Path) -> pl.DataFrame:
    key = ", ".join(table.key)
    counted = f"select {key}, count(*) as times from {table.name} group by all"  # noqa: S608
    return duckdb_reader.select_rows(warehouse, f"select * from ({counted}) where times > 1 order by {key}")  # noqa: S608


def _describe_faults(table: Table, times: str, wrong: pl.DataFrame) -> Iterator[tuple[str, str]]:
    if wrong.is_empty():
        return
    shown = [
        ", ".join(f"{part} {row[part]}" for part in table.key)
        + (f": stored {row[times]} times" if times else ": no such forecast is stored")
        for row in wrong.head(_EXAMPLES).to_dicts()
    ]
    more = f" and {wrong.height - _EXAMPLES} more" if wrong.height > _EXAMPLES else ""
    yield table.full_name, "; ".join(shown) + more
