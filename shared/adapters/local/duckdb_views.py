"""Gives a read-only DuckDB connection the views of `shared/storage/views.py`."""

from collections.abc import Collection, Iterable

import duckdb

from shared.adapters.local.dialect import duckdb_sql
from shared.adapters.local.duckdb_tables import column_type, stored_types
from shared.storage.views import View


def create_views(connection: duckdb.DuckDBPyConnection, views: Iterable[View]) -> None:
    """Create a temporary view for each definition whose tables are all stored.

    Nothing is stored: a warehouse that an earlier release made has the views too. They read tables by their
    bare names, under which `show_current_columns` has given old tables their current columns.
    """
    stored = stored_types(connection)
    for view in views:
        if not missing_inputs(view, stored):
            casts = (f"cast({one.name} as {column_type(one)}) as {one.name}" for one in view.fields)
            rows = duckdb_sql(view.sql_without_datasets)
            connection.execute(f"create temp view {view.name} as select {', '.join(casts)} from ({rows})")  # noqa: S608


def missing_inputs(view: View, stored: Collection[str]) -> list[str]:
    """Return the tables that a view reads and the warehouse does not have."""
    return [name for name in view.input_tables if name not in stored]
