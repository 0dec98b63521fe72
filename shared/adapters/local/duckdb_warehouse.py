"""A warehouse in one DuckDB file: one process at a time, a cursor a thread."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from shared.adapters.local import dialect
from shared.adapters.local.damage import corruption_error, is_damaged_warehouse
from shared.adapters.local.dialect import duckdb_sql
from shared.adapters.local.duckdb_tables import ensure_tables, in_transaction
from shared.errors import RowsMissing, StoreUnavailable, TableMismatch
from shared.ports import MergeResult
from shared.storage import merge as merging
from shared.storage import tables
from shared.storage.tables import Table

_MEMORY = "2GB"
_TRANSIENT_ERRORS = (
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.TransactionException,
    duckdb.ConnectionException,
    duckdb.FatalException,
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class DuckDbWarehouse:
    """The Warehouse port on a DuckDB file, opened at the first query.

    Reads run in parallel, each on its thread's cursor; merges wait for each other, because two merges
    on one table would conflict. `clock` dates `created_at` and `updated_at`.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime] = _utc_now) -> None:
        self._path = path
        self._translations = path.with_name("translations.json")
        self._clock = clock
        self._lock = threading.RLock()
        self._root: duckdb.DuckDBPyConnection | None = None
        self._cursors = threading.local()
        self._ensured: set[Table] = set()  # since the file was opened; nobody else changes it while it is

    def ensure_table(self, table: Table) -> None:
        """Create the table, or add the columns it lacks.

        Raises TableMismatch when a column exists with another type, or a required one is new.
        """
        with self._lock, self._open_cursor() as cursor:
            if table not in self._ensured:
                ensure_tables(cursor, [table])
                self._ensured.add(table)

    def merge_rows(self, table: Table, rows: pl.DataFrame, scopes: pl.DataFrame | None = None) -> MergeResult:
        """Replace whole scopes with newer rows, by natural key, in one transaction."""
        batch = merging.fit_batch(table, rows, scopes)
        if batch.scopes.is_empty():
            return MergeResult(0, 0, 0)
        with self._lock, self._open_cursor() as cursor, in_transaction(cursor):
            return self._merge_batch(cursor, table, batch)

    def query_rows(self, sql: str, **parameters: Any) -> pl.DataFrame:
        """Run a SELECT in BigQuery's dialect with `@named` parameters.

        A parameter is a scalar, a list, or a frame for `unnest(@rows) as r`. Integers come back as Int64,
        fractions as Float64, instants as UTC. Raises TableMismatch for a table that does not exist.
        """
        with self._open_cursor() as cursor:
            return run_select(cursor, sql, parameters)

    def close(self) -> None:
        """Write everything to the file and release it for other processes."""
        with self._lock:
            if self._root is not None:
                self._root.close()
                if self._path.exists():  # else it was in memory
                    dialect.save_translations(self._translations)
            self._root = None
            self._cursors = threading.local()

    def _merge_batch(
        self, cursor: duckdb.DuckDBPyConnection, table: Table, batch: merging.MergeBatch
    ) -> MergeResult:
        sql = merging.merge_statements(table)
        now = self._clock()
        with _registered_frames(cursor, {merging.SCOPES: batch.scopes}):
            plan = merging.plan_merge(
                table, batch, run_select(cursor, sql.stored_scopes, merging.partition_bounds(table, batch))
            )
        pruned = {"partitions": plan.partitions} if table.partition else {}
        deleted = 0
        if plan.is_new:
            with _registered_frames(cursor, {merging.ROWS: plan.rows}):
                stored = _run_update(cursor, sql.insert, {"now": now})  # no stored rows to count
        else:
            with _registered_frames(cursor, {merging.ROWS: plan.rows, merging.SCOPES: plan.scopes}):
                deleted = _run_update(cursor, sql.delete_vanished, pruned)
                _run_update(cursor, sql.merge, {**pruned, "now": now})
                stored = run_select(cursor, sql.count_stored, pruned).item()
        if stored != plan.rows.height:
            message = f"{table.full_name}: expected {plan.rows.height} rows stored, counted {stored}"
            raise RowsMissing(message)
        return MergeResult(stored, deleted, plan.outdated)

    @contextmanager
    def _open_cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield the thread's cursor; raises StoreUnavailable, StoreCorrupted."""
        try:
            with raising_interrupts():
                yield self._thread_cursor()
        except duckdb.Error as error:
            raise self._translate_error(error) from None

    def _translate_error(self, error: duckdb.Error) -> Exception:
        """Return what an error means here; itself where it is a bug."""
        is_damaged = is_damaged_warehouse(error)
        if is_damaged or isinstance(error, duckdb.FatalException):
            self.close()  # a failed write invalidates the connection, not the file
        if is_damaged:
            return corruption_error(self._path, error)
        if isinstance(error, duckdb.CatalogException):
            return TableMismatch(f"{self._path}: {first_line(error)}")
        if isinstance(error, _TRANSIENT_ERRORS):
            return StoreUnavailable(f"{self._path}: {first_line(error)}")
        return error

    def _thread_cursor(self) -> duckdb.DuckDBPyConnection:
        if getattr(self._cursors, "own", None) is None:
            with self._lock:
                if self._root is None:
                    self._root = _open_database(self._path)
                    dialect.load_translations(self._translations)
                    self._ensured = set(_known_tables())
                self._cursors.own = self._root.cursor()
        cursor: duckdb.DuckDBPyConnection = self._cursors.own
        return cursor


def _open_database(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        root = duckdb.connect(str(path), config={"memory_limit": _MEMORY})
    except OSError as error:
        raise StoreUnavailable(f"{path}: {error.strerror}: {error.filename}") from None
    except duckdb.Error as error:
        raise open_error(path, error) from None
    try:
        root.execute("set global TimeZone = 'UTC'")
        ensure_tables(root, _known_tables())
    except BaseException:
        root.close()
        raise
    return root


def _known_tables() -> list[Table]:
    return [tables.get_table(name) for name in tables.list_tables()]


@contextmanager
def raising_interrupts() -> Iterator[None]:
    """Raise KeyboardInterrupt for what DuckDB makes of Ctrl-C."""
    try:
        yield
    except RuntimeError as error:
        if "interrupted" in str(error):
            raise KeyboardInterrupt from None
        raise


def open_error(path: Path, error: duckdb.Error) -> Exception:
    """Return the error for a file that is damaged or held by another process, with advice."""
    if is_damaged_warehouse(error):
        return corruption_error(path, error)
    holder = re.search(r"PID (\d+)", str(error))
    if holder is None:
        return StoreUnavailable(f"{path}: {first_line(error)}")
    advice = "one run at a time on a folder; wait until it ends, or stop it: the next one goes on"
    return StoreUnavailable(f"{path}: process {holder[1]} is using it: {advice}")


@contextmanager
def _registered_frames(cursor: duckdb.DuckDBPyConnection, frames: dict[str, pl.DataFrame]) -> Iterator[None]:
    for name, frame in frames.items():
        cursor.register(name, frame)
    try:
        yield
    finally:
        for name in frames:
            cursor.unregister(name)


def _run_update(cursor: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any]) -> int:
    """Run a statement that changes rows and return how many."""
    row = cursor.execute(duckdb_sql(sql), parameters).fetchone()
    return int(row[0]) if row else 0


def run_select(cursor: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any]) -> pl.DataFrame:
    """Return the answer to a SELECT in BigQuery's dialect, with the types of the Warehouse port."""
    bound = {name: _to_bindable(value) for name, value in parameters.items()}
    return normalize_types(cursor.sql(duckdb_sql(sql), params=bound).pl())


def _to_bindable(value: Any) -> Any:
    if isinstance(value, pl.DataFrame):
        return value.to_dicts()
    if isinstance(value, pl.Series | tuple | set | frozenset):
        return list(value)
    return value


def normalize_types(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with integers as Int64, fractions as Float64 and instants as UTC."""
    ours = pl.Schema({name: _normalized_type(kind) for name, kind in frame.schema.items()})
    return frame if ours == frame.schema else frame.cast(ours)


def _normalized_type(kind: pl.DataType) -> pl.DataType:
    if kind.is_integer() or (isinstance(kind, pl.Decimal) and not kind.scale):
        return pl.Int64()
    if kind.is_numeric():
        return pl.Float64()
    if isinstance(kind, pl.Datetime) and kind.time_zone:
        return pl.Datetime("us", "UTC")
    return kind


def first_line(error: Exception) -> str:
    """Return the first line of an error; DuckDB draws the statement below it."""
    return str(error).partition("\n")[0]
