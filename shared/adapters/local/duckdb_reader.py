"""Reads the warehouse without writing: table extents, rows, and exports to files."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import duckdb
import polars as pl

from shared.adapters.local.damage import REBUILD_ADVICE, corruption_error, is_damaged_warehouse
from shared.adapters.local.duckdb_tables import show_current_columns, stored_types
from shared.adapters.local.duckdb_views import create_views, missing_inputs
from shared.adapters.local.duckdb_warehouse import (
    first_line,
    normalize_types,
    open_error,
    raising_interrupts,
    run_select,
)
from shared.errors import Rejected, StoreCorrupted, StoreUnavailable, TableMismatch
from shared.ports import MergeResult
from shared.storage.files import replace_atomically
from shared.storage.tables import Table, get_table, list_tables
from shared.storage.views import View

Format = Literal["parquet", "csv"]

MEMORY_LIMIT = "2GB"
_OPTIONS = {"parquet": "format parquet, compression zstd", "csv": "format csv, header"}
_BUSY_ADVICE = "; meanwhile `hankstank status`, `slate` and `predict` answer without the warehouse"


class NothingToExport(Rejected):
    """No row matches the selection."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How many rows a table holds, and the first and last date of its partition where it has one."""

    rows: int
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class ExportSelection:
    """What to take from a table: its columns, in order, and the days from first to last, both included.

    `seasons` takes rows of these seasons instead of days; without any, of all.
    """

    table: Table | View
    columns: tuple[str, ...]
    first: date | None = None
    last: date | None = None
    seasons: tuple[int, ...] = ()


def check_warehouse(path: Path, *, is_expected: bool) -> None:
    """Raise StoreCorrupted if the file does not open, or is missing although it `is_expected`.

    A file that another process holds is not checked. Blocks of rows are checked when they are read.
    """
    if not path.exists():
        if is_expected:
            raise StoreCorrupted(f"{path} is missing although batches were loaded: {REBUILD_ADVICE}")
        return
    try:
        with open_read_only(path):
            return
    except StoreUnavailable:
        return


def select_rows(path: Path, sql: str) -> pl.DataFrame:
    """Return the answer to a SELECT of this program's own; a user's goes to `duckdb_query`.

    Raises StoreUnavailable.
    """
    with open_read_only(path) as connection:
        return normalize_types(connection.sql(sql).pl())


class ReadOnlyWarehouse:
    """A Warehouse on a file that is only read: a missing file or table has no rows to give."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ensure_table(self, table: Table) -> None:
        """Change nothing."""

    def merge_rows(
        self,
        table: Table,
        rows: pl.DataFrame,  # noqa: ARG002 - the port's signature
        scopes: pl.DataFrame | None = None,  # noqa: ARG002
    ) -> MergeResult:
        """Raise StoreUnavailable: nothing is written here."""
        raise StoreUnavailable(f"{self._path}: {table.name} is only read here")

    def query_rows(self, sql: str, **parameters: Any) -> pl.DataFrame:
        """Run a SELECT in BigQuery's dialect; without a warehouse, or its tables, the answer is empty.

        Raises StoreUnavailable while another process holds the file.
        """
        if not self._path.exists():
            return pl.DataFrame()
        with open_read_only(self._path) as connection:
            try:
                return run_select(connection, sql, parameters)
            except duckdb.CatalogException:  # nothing was loaded yet
                return pl.DataFrame()


def table_extents(path: Path, requested: Sequence[Table | View]) -> dict[str, Extent]:
    """Return the extent of each table, by name; a table that does not exist yet has no rows."""
    with open_read_only(path) as connection:
        create_views(connection, (one for one in requested if isinstance(one, View)))
        stored = stored_types(connection)
        known = {one.name: one for one in requested if not _missing_tables(one, stored)}
        found = {name: _query_extent(connection, ExportSelection(one, ())) for name, one in known.items()}
        return {one.name: found.get(one.name, Extent(0, None, None)) for one in requested}


def export_table(path: Path, cut: ExportSelection, target: Path, kind: Format) -> int:
    """Write rows, ordered by the table's key, to a file atomically; return how many.

    Columns have the types of the table's definition, also where the warehouse is of an earlier release.
    Raises NothingToExport when no row lies within the days, or a season has none, TableMismatch,
    StoreUnavailable.
    """
    with open_read_only(path) as connection:
        if missing := _missing_tables(cut.table, stored_types(connection)):
            raise TableMismatch(f"{path}: {missing[0]} does not exist yet: the next run creates it")
        if isinstance(cut.table, View):
            create_views(connection, [cut.table])
        _require_rows(connection, cut)
        rows = f"select {', '.join(cut.columns)} {_from_clause(cut)} order by {', '.join(cut.table.key)}"
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with replace_atomically(target) as fresh:
                copy = f"copy ({rows}) to {_quote_path(fresh)} ({_OPTIONS[kind]})"
                copied = connection.execute(copy).fetchone()
        except (OSError, duckdb.Error) as error:
            if is_damaged_warehouse(error):
                raise
            raise StoreUnavailable(f"{target} could not be written: {first_line(error)}") from None
    return int(copied[0]) if copied else 0


def _missing_tables(requested: Table | View, stored: Collection[str]) -> list[str]:
    """Return the tables that the warehouse lacks: the requested one, or those that a view reads."""
    if isinstance(requested, View):
        return missing_inputs(requested, stored)
    return [] if requested.full_name in stored else [requested.full_name]


def _require_rows(connection: duckdb.DuckDBPyConnection, cut: ExportSelection) -> None:
    if cut.seasons:
        _require_seasons(connection, cut)
        return
    if _query_extent(connection, cut).rows:
        return
    whole_table = _query_extent(connection, ExportSelection(cut.table, ()))
    if not whole_table.rows:
        raise NothingToExport(f"{cut.table.name} is empty: nothing to export")
    period = f"from {cut.first or 'the beginning'} to {cut.last or 'the end'}"
    raise NothingToExport(
        f"{cut.table.name} has no row {period}: it has days {whole_table.first} to {whole_table.last}"
    )


def _require_seasons(connection: duckdb.DuckDBPyConnection, cut: ExportSelection) -> None:
    """Raise NothingToExport if a requested season has no row: a file without it would look complete."""
    season, name = season_column(cut.table), cut.table.name
    found = f"select distinct {season} from {name} where {season} is not null order by 1"  # noqa: S608
    stored = [int(row[0]) for row in connection.execute(found).fetchall()]
    if missing := [one for one in cut.seasons if one not in stored]:
        has = f"it has {', '.join(map(str, stored))}" if stored else "it is empty"
        raise NothingToExport(f"{name} has no row of season {', '.join(map(str, missing))}: {has}")


def season_column(table: Table | View) -> str | None:
    """Return the SQL of a row's season: its column, else the year of its day; None without either."""
    if any(field.name == "season" for field in table.fields):
        return "season"
    return f"year({table.partition})" if table.partition else None


def _query_extent(connection: duckdb.DuckDBPyConnection, cut: ExportSelection) -> Extent:
    day = cut.table.partition or "null"
    counted = f"select count(*), min({day}), max({day}) {_from_clause(cut)}"
    return Extent(*(connection.execute(counted).fetchone() or (0, None, None)))


def _from_clause(cut: ExportSelection) -> str:
    day = cut.table.partition
    bounds = [
        *([f"{day} >= date '{cut.first}'"] if cut.first else []),
        *([f"{day} <= date '{cut.last}'"] if cut.last else []),
        *([f"{season_column(cut.table)} in ({', '.join(map(str, cut.seasons))})"] if cut.seasons else []),
    ]
    return f"from {cut.table.name} where {' and '.join(bounds) or 'true'}"


@contextmanager
def _translated_corruption(path: Path) -> Iterator[None]:
    """Raise StoreCorrupted for damage that shows when it is read."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        if not is_damaged_warehouse(error):
            raise
        raise corruption_error(path, error) from None


def _with_busy_advice(condition: Exception) -> Exception:
    """Add which commands work while another process holds the warehouse."""
    return (
        StoreUnavailable(f"{condition}{_BUSY_ADVICE}")
        if isinstance(condition, StoreUnavailable)
        else condition
    )


@contextmanager
def open_read_only(
    path: Path, config: Mapping[str, str | bool] = MappingProxyType({})
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a read-only connection that finds tables without their dataset, with their current columns.

    Raises StoreUnavailable, StoreCorrupted.
    """
    if not path.exists():
        raise StoreUnavailable(f"{path}: no warehouse here: `hankstank run` makes one")
    try:
        connection = duckdb.connect(
            str(path), read_only=True, config={"memory_limit": MEMORY_LIMIT, **config}
        )
    except duckdb.Error as error:
        raise _with_busy_advice(open_error(path, error)) from None
    with connection, _translated_corruption(path):
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set search_path = '{','.join(_stored_datasets(connection))}'")
        show_current_columns(connection, (get_table(name) for name in list_tables()))
        with raising_interrupts():
            yield connection


def _stored_datasets(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute("select schema_name from duckdb_schemas() where not internal").fetchall()
    known = {get_table(name).dataset for name in list_tables()}
    return ["main", *sorted(known & {str(row[0]) for row in found})]


def _quote_path(path: Path) -> str:
    escaped = str(path).replace("'", "''")
    return f"'{escaped}'"
