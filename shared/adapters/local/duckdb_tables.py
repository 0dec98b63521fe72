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


def stored_types(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Return table -> column -> type, in the definitions' terms, of all existing tables."""
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(_LISTED).fetchall():
        found.setdefault(table, {})[column] = _CALLED.get(kind, f"DuckDB's {kind}")
    return found


def select_expression(field: Field, stored: Collection[str]) -> str:
    """Return the SQL that reads a column with the type it is defined with, whatever it is called there."""
    return f"cast({stored_name(field, stored) or 'null'} as {_TYPES[field.type]}) as {field.name}"


def _migration_statements(table: Table, stored: dict[str, str] | None) -> list[str]:
    if stored is None:
        columns = ", ".join(f"{field.name} {_TYPES[field.type]}" for field in table.all_fields)
        made = f"create table {table.full_name} ({columns})"
        return [f"create schema if not exists {table.dataset}", made]
    return [
        f"alter table {table.full_name} {_alter_clause(change)}" for change in plan_changes(table, stored)
    ]


def _alter_clause(change: ColumnChange) -> str:
    match change:
        case AddedColumn(field):
            return f"add column {field.name} {_TYPES[field.type]}"
        case RenamedColumn(field, was):
            return f"rename column {was} to {field.name}"
        case WidenedColumn(field):
            return f"alter column {field.name} set data type {_TYPES[field.type]}"
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
