"""Merges a batch into a table: which scopes are newer, which partitions they touch, and the SQL.

A scope is what a batch replaces whole, such as a game or a day; a table's definition names its columns.

Two statements in one transaction, DELETE what vanished and MERGE the rest, instead of one MERGE with
WHEN NOT MATCHED BY SOURCE: that clause joins with the whole table however few partitions are named.
"""

from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import polars as pl

from shared.storage.schema_cast import fit_rows, fit_scopes
from shared.storage.tables import Table

_SQL = Path(__file__).parent / "sql"
ROWS, SCOPES = "batch_rows", "batch_scopes"
_MOVES_WITHIN = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class MergeStatements:
    """A table's SQL in BigQuery's dialect; `batch_rows` and `batch_scopes` are relations beside it.

    Only statements of a table with a partition take `@first` and `@last` (the batch's `partition_bounds`) or
    `@partitions` (the plan's). `count_overtaken` and `count_partition_rows` are for a warehouse whose merges
    do not wait for each other.
    """

    stored_scopes: str  # @first, @last
    count_overtaken: str  # @first, @last, @partitions
    count_partition_rows: str  # @partitions
    delete_vanished: str  # @partitions
    merge: str  # @partitions, @now
    insert: str  # @now; replaces `delete_vanished` and `merge` where the plan `is_new`
    count_stored: str  # @partitions


@dataclass(frozen=True, slots=True)
class MergeBatch:
    """Rows and scopes that fit the table: one row a key, one scope each, `is_complete` beside it."""

    rows: pl.DataFrame
    scopes: pl.DataFrame


@dataclass(frozen=True, slots=True)
class MergePlan:
    """What to merge: a batch without the scopes that are stored in a newer version."""

    rows: pl.DataFrame
    scopes: pl.DataFrame
    partitions: list[object]  # those that the merge changes
    outdated: int  # rows left out
    is_new: bool  # nothing of the batch's scopes is stored, nor any row of it on the dates a merge would see


@cache
def merge_statements(table: Table) -> MergeStatements:
    """Return the statements that merge a batch into the table."""
    own = [field.name for field in table.staged_fields]
    changing = [name for name in own if name not in table.key]
    parts = {
        "table": table.full_name,
        "rows": ROWS,
        "scopes": SCOPES,
        "scope": ", ".join(f"t.{name}" for name in table.scope),
        "group": ", ".join(str(place) for place in range(1, len(table.scope) + 2)),
        "partition": f"t.{table.partition}" if table.partition else "cast(null as date)",
        "reached": f"t.{table.partition} between @first and @last" if table.partition else "true",
        "pruned": f"t.{table.partition} in unnest(@partitions)" if table.partition else "true",
        "same_scope": " and ".join(f"t.{name} = c.{name}" for name in table.scope),
        "same_key": " and ".join(f"t.{name} = s.{name}" for name in table.key),
        "differs": " or ".join(f"s.{name} is distinct from t.{name}" for name in changing),
        "assignments": ", ".join(f"{name} = s.{name}" for name in own),
        "columns": ", ".join(own),
        "values": ", ".join(f"s.{name}" for name in own),
    }
    names = (field.name for field in fields(MergeStatements))
    return MergeStatements(*((_SQL / f"{name}.sql").read_text().format(**parts) for name in names))


def fit_batch(table: Table, rows: pl.DataFrame, scopes: pl.DataFrame | None = None) -> MergeBatch:
    """Fit rows and scopes to the table; a key given twice is kept as collected last.

    Scopes of rows that `scopes` does not name are not complete: nothing of them is deleted.
    Raises TableMismatch.
    """
    fit = _one_row_a_key(table, fit_rows(table, rows))
    of_rows = fit.select(*table.scope, "collected_at")
    complete = of_rows if scopes is None else fit_scopes(table, scopes)
    return MergeBatch(fit, _one_row_a_scope(table, complete, of_rows))


def partition_bounds(table: Table, batch: MergeBatch) -> dict[str, date]:
    """Return the parameters first and last: the dates on which the batch's scopes may have stored rows.

    Where the partition is a part of the scope, these are its own dates. Elsewhere a game or a forecast may
    have moved, but within a year of any date of the batch. A batch that names no date reaches everywhere.
    """
    if table.partition is None:
        return {}
    of_scopes = table.partition in table.scope
    dates = (batch.scopes if of_scopes else batch.rows)[table.partition].drop_nulls()
    if dates.is_empty():
        return {"first": date.min, "last": date.max}
    slack = timedelta(0) if of_scopes else _MOVES_WITHIN
    first, last = dates.min(), dates.max()
    assert isinstance(first, date)  # noqa: S101 - narrows what Polars says of any column
    assert isinstance(last, date)  # noqa: S101
    return {"first": first - slack, "last": last + slack}


def plan_merge(table: Table, batch: MergeBatch, stored: pl.DataFrame) -> MergePlan:
    """Leave out the scopes stored with a later `collected_at`; `stored` is the result of `stored_scopes`."""
    scope = list(table.scope)
    since = stored.group_by(scope).agg(pl.col("stored_since").max())
    older = batch.scopes.join(since, on=scope).filter(pl.col("stored_since") > pl.col("collected_at"))
    rows = batch.rows.join(older, on=scope, how="anti")
    scopes = batch.scopes.join(older, on=scope, how="anti")
    left = stored.join(scopes, on=scope, how="semi")
    is_new = stored.is_empty() and (set(table.scope) <= set(table.key) or table.partition in table.scope)
    return MergePlan(
        rows, scopes, _touched_partitions(table, rows, left), batch.rows.height - rows.height, is_new
    )


def _touched_partitions(table: Table, rows: pl.DataFrame, stored: pl.DataFrame) -> list[object]:
    if table.partition is None:
        return []
    dates = pl.concat([rows[table.partition], stored["stored_on"].cast(rows[table.partition].dtype)])
    return dates.unique().sort().to_list()


def _one_row_a_key(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    if not rows.select(table.key).is_duplicated().any():
        return rows
    # The other columns break ties, so that the order of the rows decides nothing.
    others = [name for name in rows.columns if name != "collected_at"]
    ordered = rows.sort("collected_at", *others)
    return ordered.unique(list(table.key), keep="last", maintain_order=True)


def _one_row_a_scope(table: Table, complete: pl.DataFrame, of_rows: pl.DataFrame) -> pl.DataFrame:
    both = pl.concat([complete.with_columns(is_complete=True), of_rows.with_columns(is_complete=False)])
    version = pl.col("collected_at").filter(pl.col("is_complete") == pl.col("is_complete").max()).max()
    return both.group_by(table.scope).agg(version, pl.col("is_complete").max())
