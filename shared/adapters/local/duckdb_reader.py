"""The warehouse for people: questions that change nothing, and tables taken away as files."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import duckdb
import polars as pl

from shared.adapters.local.duckdb_tables import selected, standing_types
from shared.adapters.local.duckdb_warehouse import (
    cannot_open,
    first_line,
    heeding_interrupts,
    in_our_types,
)
from shared.errors import Rejected, StoreUnavailable, TableMismatch
from shared.tables import Table, names, table

Format = Literal["parquet", "csv"]

_MEMORY = "2GB"
_SHUT = "set enable_external_access = false; set lock_configuration = true"
_ROWS_AT_ONCE = 10_000
_OPTIONS = {"parquet": "format parquet, compression zstd", "csv": "format csv, header"}
_FREE = "; meanwhile `hankstank status`, `slate` and `predict` answer without the warehouse"


class NotAQuestion(Rejected):
    """A statement is no SELECT, or cannot be answered."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How many rows a table holds, and the first and last date of its partition where it has one."""

    rows: int
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Cut:
    """What to take from a table: its columns, in order, and the days from first to last, both included."""

    table: Table
    columns: tuple[str, ...]
    first: date | None = None
    last: date | None = None


def answers(path: Path, sql: str) -> Iterator[pl.DataFrame]:
    """Yield the answer to one SELECT in DuckDB's dialect, in parts, of which the first may be empty.

    Tables go by their names alone. Nothing can be written and no other file be read, whatever it says.
    Raises NotAQuestion, StoreUnavailable.
    """
    with _opened(path) as connection:
        connection.execute(_SHUT)
        try:
            _refuse_commands(connection, sql)
            reader = connection.sql(sql).to_arrow_reader(_ROWS_AT_ONCE)
            yield in_our_types(pl.DataFrame(reader.schema.empty_table()))
            yield from (in_our_types(pl.DataFrame(part)) for part in reader)
        except duckdb.OutOfMemoryException as error:
            raise NotAQuestion(f"{first_line(error)}: ask for fewer rows or columns") from None
        except duckdb.Error as error:
            raise NotAQuestion(_told(error)) from None


def extents(path: Path, wanted: Sequence[Table]) -> dict[str, Extent]:
    """Return what stands of each table, by name; a table that does not stand yet has no rows."""
    with _opened(path) as connection:
        standing = standing_types(connection)
        known = {one.name: one for one in wanted if one.full_name in standing}
        found = {name: _extent(connection, Cut(one, ())) for name, one in known.items()}
        return {one.name: found.get(one.name, Extent(0, None, None)) for one in wanted}


def export(path: Path, cut: Cut, target: Path, kind: Format) -> int:
    """Write rows, ordered by the table's key, as a file that is there whole or not at all; return how many.

    Columns have the types of the table's definition, also where the warehouse is of an earlier release.
    Raises NotAQuestion when no row lies within the days, TableMismatch, StoreUnavailable.
    """
    with _opened(path) as connection:
        standing = standing_types(connection).get(cut.table.full_name)
        if standing is None:
            raise TableMismatch(f"{path}: {cut.table.name} does not stand yet: the next run makes it")
        _refuse_nothing(connection, cut)
        fields = {field.name: field for field in cut.table.all_fields}
        columns = ", ".join(selected(fields[name], standing) for name in cut.columns)
        rows = f"select {columns} {_from(cut)} order by {', '.join(cut.table.key)}"
        with _whole(target) as fresh:
            copied = connection.execute(f"copy ({rows}) to {_quoted(fresh)} ({_OPTIONS[kind]})").fetchone()
    return int(copied[0]) if copied else 0


def _refuse_commands(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    statements = connection.extract_statements(sql)
    asked = [statement.type for statement in statements]
    if len(asked) != 1 or asked[0] not in {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}:
        got = ", ".join(kind.name for kind in asked) or "nothing"
        raise NotAQuestion(f"expected one SELECT, got {got}: the warehouse is only read here")


def _refuse_nothing(connection: duckdb.DuckDBPyConnection, cut: Cut) -> None:
    if _extent(connection, cut).rows:
        return
    whole = _extent(connection, Cut(cut.table, ()))
    if not whole.rows:
        raise NotAQuestion(f"{cut.table.name} is empty: nothing to export")
    asked = f"from {cut.first or 'the beginning'} to {cut.last or 'the end'}"
    raise NotAQuestion(f"{cut.table.name} has no row {asked}: it has days {whole.first} to {whole.last}")


def _extent(connection: duckdb.DuckDBPyConnection, cut: Cut) -> Extent:
    day = cut.table.partition or "null"
    counted = f"select count(*), min({day}), max({day}) {_from(cut)}"
    return Extent(*(connection.execute(counted).fetchone() or (0, None, None)))


def _from(cut: Cut) -> str:
    day = cut.table.partition
    bounds = [
        *([f"{day} >= date '{cut.first}'"] if cut.first else []),
        *([f"{day} <= date '{cut.last}'"] if cut.last else []),
    ]
    return f"from {cut.table.full_name} where {' and '.join(bounds) or 'true'}"


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """Lend the name of a file beside `target` that takes its place once it is written and on disk."""
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield fresh
        with fresh.open("rb") as written:
            os.fsync(written.fileno())
        fresh.replace(target)
    except (OSError, duckdb.Error) as error:
        raise StoreUnavailable(f"{target} could not be written: {first_line(error)}") from None
    finally:
        fresh.unlink(missing_ok=True)


@contextmanager
def _opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    if not path.exists():
        raise StoreUnavailable(f"{path}: no warehouse is here: `hankstank run` makes one")
    try:
        connection = duckdb.connect(str(path), read_only=True, config={"memory_limit": _MEMORY})
    except duckdb.IOException as error:
        raise StoreUnavailable(f"{cannot_open(path, error)}{_FREE}") from None
    with connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set search_path = '{','.join(_datasets(connection))}'")
        with heeding_interrupts():
            yield connection


def _datasets(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute("select schema_name from duckdb_schemas() where not internal").fetchall()
    known = {table(name).dataset for name in names()}
    return ["main", *sorted(known & {str(row[0]) for row in found})]


def _quoted(path: Path) -> str:
    escaped = str(path).replace("'", "''")
    return f"'{escaped}'"


def _told(error: duckdb.Error) -> str:
    """Return what DuckDB says of a statement, as one sentence without its drawing."""
    return " ".join(str(error).partition("\n\nLINE")[0].split())
