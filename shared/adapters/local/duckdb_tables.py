"""Creates and migrates DuckDB tables to match the definitions in `shared/sports/mlb/tables`."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

import duckdb

from shared.storage.migration import (
    AddedColumn,
    ColumnChange,
    RelaxedColumn,
    RenamedColumn,
    WidenedColumn,
    plan_changes,
    stored_name,
)
from shared.storage.tables import Field, Table

_TYPES = {
    "INTEGER": "BIGINT",
    "FLOAT": "DOUBLE",
    "STRING": "VARCHAR",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "TIMESTAMP": "TIMESTAMP WITH TIME ZONE",
}
_CALLED = {kind: name for name, kind in _TYPES.items()}
_LISTED = """
    select schema_name || '.' || table_name, column_name, data_type
    from duckdb_columns() where not internal
"""


def ensure_tables(connection: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> None:
    """Create missing tables and migrate changed ones, in one transaction.

    Raises TableMismatch.
    """
    stored = stored_types(connection)
    with in_transaction(connection):
        for table in tables:
            for statement in _migration_statements(table, stored.get(table.full_name)):
                connection.execute(statement)


def column_type(field: Field) -> str:
    """Return what DuckDB calls a column's type."""
    return _TYPES[field.type]


def stored_types(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Return table -> column -> type, in the definitions' terms, of all existing tables."""
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(_LISTED).fetchall():
        found.setdefault(table, {})[column] = _CALLED.get(kind, f"DuckDB's {kind}")
    return found


def show_current_columns(connection: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> None:
    """Let a read-only connection read tables of an earlier release by their current columns.

    Each gets a temporary view of its own name, with every column as it is defined now and, after these, those
    that are no longer defined. The view is found by the bare name; with its dataset, the stored table is.
    """
    stored = stored_types(connection)
    for table in tables:
        types = stored.get(table.full_name, {})
        if types and any(types.get(field.name) != field.type for field in table.all_fields):
            columns = ", ".join(_current_columns(table, types))
            view = f"create temp view {table.name} as"
            connection.execute(f"{view} select {columns} from {table.full_name}")  # noqa: S608


def _current_columns(table: Table, stored: Collection[str]) -> Iterator[str]:
    """Yield the SQL of each column: its defined type and name, whatever it is called in the file."""
    shown = {stored_name(field, stored) for field in table.all_fields}
    for field in table.all_fields:
        value = stored_name(field, stored) or _earlier_value(field)
        yield f"cast({value} as {column_type(field)}) as {field.name}"
    yield from (name for name in stored if name not in shown)


def _earlier_value(field: Field) -> str:
    """Return the SQL of what rows have in a column that they were stored without."""
    return f"'{field.earlier_value}'" if field.earlier_value else "null"


def _migration_statements(table: Table, stored: dict[str, str] | None) -> list[str]:
    if stored is None:
        columns = ", ".join(f"{field.name} {column_type(field)}" for field in table.all_fields)
        made = f"create table {table.full_name} ({columns})"
        return [f"create schema if not exists {table.dataset}", made]
    return [
        f"alter table {table.full_name} {_alter_clause(change)}" for change in plan_changes(table, stored)
    ]


def _alter_clause(change: ColumnChange) -> str:
    match change:
        case AddedColumn(field):
            return f"add column {field.name} {column_type(field)} default {_earlier_value(field)}"
        case RenamedColumn(field, was):
            return f"rename column {was} to {field.name}"
        case WidenedColumn(field):
            return f"alter column {field.name} set data type {column_type(field)}"
        case RelaxedColumn(name):
            return f"alter column {name} drop not null"


@contextmanager
def in_transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit what is done inside, or undo all of it."""
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException:
        _roll_back(connection)
        raise


def _roll_back(connection: duckdb.DuckDBPyConnection) -> None:
    try:
        connection.rollback()
    except duckdb.Error:
        return  # the failure that brought us here has ended the transaction already
