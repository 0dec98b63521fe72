"""One SELECT of a person, answered on a connection that can neither write nor open a file."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import duckdb
import polars as pl

from shared.adapters.local.damage import is_damaged_warehouse
from shared.adapters.local.duckdb_reader import MEMORY, opened
from shared.adapters.local.duckdb_warehouse import first_line, in_our_types
from shared.errors import Rejected

SECONDS = 60.0  # that DuckDB may work on one query

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


class QueryRefused(Rejected):
    """A statement is no SELECT, cannot be answered, or takes more than it may."""


def sealed(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Take every file and every setting away from a connection that was `opened` and return it."""
    connection.execute(_SEAL)
    return connection


@contextmanager
def sealed_connection(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Lend a read-only connection without files; raises StoreUnavailable."""
    with opened(path, _CONFIG) as connection:
        yield sealed(connection)


def answers(path: Path, sql: str, seconds: float = SECONDS) -> Iterator[pl.DataFrame]:
    """Yield the answer to one SELECT in DuckDB's dialect, in parts, of which the first may be empty.

    Tables go by their names alone. Raises QueryRefused, StoreUnavailable.
    """
    with sealed_connection(path) as connection:
        yield from answers_on(connection, sql, seconds)


def answers_on(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    seconds: float = SECONDS,
    timer: Callable[[], float] = monotonic,
) -> Iterator[pl.DataFrame]:
    """Yield the answer on a sealed connection, as `answers` does.

    `seconds` bounds the work on the query, not what its reader does between the parts.
    """
    deadline = _Deadline(connection, seconds, timer)
    try:
        with deadline.running():
            reader = connection.sql(_only_select(connection, sql)).to_arrow_reader(_ROWS_AT_ONCE)
        yield in_our_types(pl.DataFrame(reader.schema.empty_table()))
        while True:
            with deadline.running():
                part = next(reader, None)
            if part is None:
                return
            yield in_our_types(pl.DataFrame(part))
    except pl.exceptions.InvalidOperationError:
        message = "expected numbers of 64 bits, got greater ones: cast them to double or varchar"
        raise QueryRefused(message) from None
    except (duckdb.Error, OSError) as error:  # Arrow's reader raises what DuckDB says as an OSError
        if is_damaged_warehouse(error):
            raise
        raise deadline.refusal() or _refusal(error) from None


class _Deadline:
    """The time that is left for a connection's work; it is interrupted when none is."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, seconds: float, timer: Callable[[], float]
    ) -> None:
        self._connection, self._seconds, self._timer = connection, seconds, timer
        self._left = seconds
        self._is_over = False

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the time inside."""
        watch = threading.Timer(max(self._left, 0), self._end)
        watch.daemon = True
        began = self._timer()
        watch.start()
        try:
            yield
        finally:
            watch.cancel()
            self._left -= self._timer() - began

    def refusal(self) -> QueryRefused | None:
        """Return the refusal of a query that was interrupted."""
        if not self._is_over:
            return None
        return QueryRefused(
            f"expected an answer within {self._seconds:g} s of work, got none: ask for less, "
            "or allow more with --seconds"
        )

    def _end(self) -> None:
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


def _refusal(error: Exception) -> QueryRefused:
    """Return what DuckDB says of a statement as one sentence without its drawing."""
    said = " ".join(str(error).partition("\n\nLINE")[0].split())
    if isinstance(error, duckdb.OutOfMemoryException) or said.startswith("Out of Memory"):
        return QueryRefused(f"{first_line(error)}: a query has {MEMORY}; ask for fewer rows or columns")
    if isinstance(error, duckdb.PermissionException):
        return QueryRefused(f"expected tables of the warehouse alone: a query opens no file ({said})")
    return QueryRefused(said)
