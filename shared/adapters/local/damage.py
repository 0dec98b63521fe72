"""Detects damaged files of this machine's stores in the errors of DuckDB and SQLite."""

import re
import sqlite3
from pathlib import Path

from shared.errors import StoreCorrupted

WAREHOUSE, QUEUE = "warehouse.duckdb", "queue.sqlite"  # below a home
REBUILD_ADVICE = "`hankstank rebuild` keeps it aside and makes a new one from the objects"

_DUCKDB = re.compile(
    "not a valid DuckDB database|Corrupt database file|Could not read enough bytes"
    "|replaying WAL|invalidated because of a previous fatal error|[Dd]eserializ"
)
_SQLITE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_PRIMARY = 0xFF  # of SQLite's extended error codes


def is_damaged_warehouse(error: Exception) -> bool:
    """Return whether DuckDB reports a damaged file."""
    return _DUCKDB.search(str(error)) is not None


def is_damaged_queue(error: sqlite3.Error) -> bool:
    """Return whether SQLite reports a damaged file."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & _PRIMARY in _SQLITE


def corruption_error(path: Path, error: Exception) -> StoreCorrupted:
    """Return the error with the file, the cause and the advice."""
    reason = str(error).partition("\n")[0]
    return StoreCorrupted(f"{path} is damaged ({reason}): {REBUILD_ADVICE}")
