"""Runs one user's SELECT on a connection that can neither write nor open a file."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from time import monotonic

import duckdb
import polars as pl
from duckdb.sqltypes import DuckDBPyType

from shared.adapters.local.damage import is_damaged_warehouse
from shared.adapters.local.duckdb_reader import MEMORY_LIMIT, open_read_only
from shared.adapters.local.duckdb_views import create_views
from shared.adapters.local.duckdb_warehouse import first_line
from shared.errors import Rejected
from shared.storage.views import get_view, list_views

DEFAULT_TIMEOUT = 60.0  # seconds of DuckDB's work on one query

_ROWS_AT_ONCE = 10_000
# A query that needs more memory than it may have ends: what it spilled would be a file that it may open.
_CONFIG: dict[str, str | bool] = {
    "temp_directory": "",
    "max_temp_directory_size": "0B",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_persistent_secrets": False,
    "python_enable_replacements": False,
}
# `enable_external_access` alone leaves the database's own paths open, to COPY as well as to read_blob().
# The file that is open already stays open without its file system.
_SEAL = """
set enable_external_access = false;
set disabled_filesystems = 'LocalFileSystem';
set lock_configuration = true;
"""


# What CSV, JSON and a table can hold as it is. Anything else is cast to the text that DuckDB writes for it:
# some of it Polars cannot read (intervals, unions, dates beyond its calendar), some of it reads wrong.
_PRINTABLE = {
    "boolean": "boolean",
    "tinyint": "bigint",
    "smallint": "bigint",
    "integer": "bigint",
    "bigint": "bigint",
    "hugeint": "bigint",  # of every sum; a greater one is refused
    "utinyint": "bigint",
    "usmallint": "bigint",
    "uinteger": "bigint",
    "ubigint": "bigint",
    "float": "double",
    "double": "double",
    "decimal": "double",
}


class QueryRefused(Rejected):
    """A statement is no SELECT, cannot be answered, or takes more than it may."""


def seal_connection(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Take every file and every setting away from a connection that was `opened` and return it."""
    connection.execute(_SEAL)
    return connection


@contextmanager
def sealed_connection(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Lend a read-only connection with the views and without files; raises StoreUnavailable."""
    with open_read_only(path, _CONFIG) as connection:
        create_views(connection, map(get_view, list_views()))
        yield seal_connection(connection)


def run_query(path: Path, sql: str, seconds: float = DEFAULT_TIMEOUT) -> Iterator[pl.DataFrame]:
    """Yield the answer to one SELECT in DuckDB's dialect, in parts, of which the first may be empty.

    Tables and views go by their names alone. Raises QueryRefused, StoreUnavailable.
    """
    with sealed_connection(path) as connection:
        yield from run_query_on(connection, sql, seconds)


def run_query_on(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    seconds: float = DEFAULT_TIMEOUT,
    timer: Callable[[], float] = monotonic,
) -> Iterator[pl.DataFrame]:
    """Yield the answer on a sealed connection, as `run_query` does.

    `seconds` bounds the work on the query, not what its reader does between the parts.
    """
    deadline = _Deadline(connection, seconds, timer)
    try:
        with deadline.timed():
            answer = connection.sql(_only_select(connection, sql))
            reader = answer.project(_printable_columns(answer)).to_arrow_reader(_ROWS_AT_ONCE)
        yield pl.DataFrame(reader.schema.empty_table())
        while True:
            with deadline.timed():
                part = next(reader, None)
            if part is None:
                return
            yield pl.DataFrame(part)
    except (duckdb.Error, OSError) as error:  # Arrow's reader raises what DuckDB says as an OSError
        if is_damaged_warehouse(error):
            raise
        raise deadline.timeout_error() or _query_error(error) from None


class _Deadline:
    """The time that is left for a connection's work; it is interrupted when none is."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, seconds: float, timer: Callable[[], float]
    ) -> None:
        self._connection, self._seconds, self._timer = connection, seconds, timer
        self._left = seconds
        self._is_over = False

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Count the time inside."""
        watch = threading.Timer(max(self._left, 0), self._interrupt)
        watch.daemon = True
        began = self._timer()
        watch.start()
        try:
            yield
        finally:
            watch.cancel()
            self._left -= self._timer() - began

    def timeout_error(self) -> QueryRefused | None:
        """Return the refusal of a query that was interrupted."""
        if not self._is_over:
            return None
        return QueryRefused(
            f"expected an answer within {self._seconds:g} s of work, got none: ask for less, "
            "or allow more with --seconds"
        )

    def _interrupt(self) -> None:
        self._is_over = True
        self._connection.interrupt()


def _only_select(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """Return the one statement; EXPLAIN is none that is let through, for it runs whatever it explains."""
    statements = connection.extract_statements(sql)
    kinds = [statement.type for statement in statements]
    if kinds != [duckdb.StatementType.SELECT]:
        got = ", ".join(kind.name for kind in kinds) or "nothing"
        raise QueryRefused(f"expected one SELECT, got {got}: the warehouse is only read here")
    return statements[0]


def _printable_columns(answer: duckdb.DuckDBPyRelation) -> str:
    """Return the select list that casts an answer's columns to types that every format can print.

    A repeated name gets a number, because a JSON object has each name once.
    """
    names: dict[str, str] = {}  # name: expression
    for place, (name, kind) in enumerate(zip(answer.columns, answer.types, strict=True), 1):
        numbered = (f"{name}_{number}" for number in count(1))
        free = next(one for one in chain([name], numbered) if one not in names)
        names[free] = f"cast(#{place} as {_printable_type(kind)})"
    return ", ".join(f"{cast} as {_quoted(name)}" for name, cast in names.items())


def _printable_type(kind: DuckDBPyType) -> str:
    """Return the nearest type that every format can print; of a nested one its parts' nearest."""
    if kind.id in ("list", "array"):
        return f"{_printable_type(_parts(kind)[0][1])}[]"
    if kind.id == "map":
        return f"map({', '.join(_printable_type(part) for _, part in _parts(kind))})"
    if kind.id == "struct" and _parts(kind):
        fields = (f"{_quoted(name)} {_printable_type(part)}" for name, part in _parts(kind))
        return f"struct({', '.join(fields)})"
    return _PRINTABLE.get(kind.id, "varchar")


def _parts(kind: DuckDBPyType) -> list[tuple[str, DuckDBPyType]]:
    """Return names and types of what a nested type has; an array also names its size, which is none."""
    return [(name, part) for name, part in kind.children if isinstance(part, DuckDBPyType)]


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _query_error(error: Exception) -> QueryRefused:
    """Return what DuckDB says of a statement as one sentence without its drawing."""
    message = " ".join(str(error).partition("\n\nLINE")[0].split())
    if "out of range for the destination type INT64" in message:
        return QueryRefused("expected numbers of 64 bits, got greater ones: cast them to double or varchar")
    if isinstance(error, duckdb.OutOfMemoryException) or message.startswith("Out of Memory"):
        return QueryRefused(f"{first_line(error)}: a query has {MEMORY_LIMIT}; ask for fewer rows or columns")
    if isinstance(error, duckdb.PermissionException):
        return QueryRefused(f"expected tables of the warehouse alone: a query opens no file ({message})")
    return QueryRefused(message)
