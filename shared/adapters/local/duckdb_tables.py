"""DuckDB's tables, made and widened to fit the definitions in `shared/tables`."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import duckdb

from shared.errors import TableMismatch
from shared.tables import Field, Table

_TYPES = {
    "INTEGER": "BIGINT",
    "FLOAT": "DOUBLE",
    "STRING": "VARCHAR",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "TIMESTAMP": "TIMESTAMP WITH TIME ZONE",
}
_LISTED = """
    select schema_name || '.' || table_name, column_name, data_type
    from duckdb_columns() where not internal
"""


def ensure(connection: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> None:
    """Create the tables that lack, and add the columns that others lack; raises TableMismatch."""
    standing = _standing_types(connection)
    with transaction(connection):
        for table in tables:
            _ensure_table(connection, table, standing.get(table.full_name))


def _standing_types(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Return table -> column -> type of everything that stands."""
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(_LISTED).fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def _ensure_table(
    connection: duckdb.DuckDBPyConnection, table: Table, standing: dict[str, str] | None
) -> None:
    if standing is None:
        columns = ", ".join(f"{field.name} {_TYPES[field.type]}" for field in table.all_fields)
        connection.execute(f"create schema if not exists {table.dataset}")
        connection.execute(f"create table {table.full_name} ({columns})")
        return
    for field in table.all_fields:
        _ensure_column(connection, table, field, standing.get(field.name))


def _ensure_column(
    connection: duckdb.DuckDBPyConnection, table: Table, field: Field, standing: str | None
) -> None:
    wanted = _TYPES[field.type]
    if standing == wanted:
        return
    where = f"{table.full_name}.{field.name}"
    if standing is not None:
        advice = "give the changed column a new name, or rebuild the warehouse from the archive"
        raise TableMismatch(f"{where}: expected {wanted}, the table has {standing}: {advice}")
    if field.required:
        raise TableMismatch(f"{where}: expected a nullable column, a required one is new: make it nullable")
    connection.execute(f"alter table {table.full_name} add column {field.name} {wanted}")


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
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
