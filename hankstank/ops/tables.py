"""Lists, exports and queries the tables of one machine's warehouse."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from hankstank import suggestions
from shared.adapters.local import duckdb_query, duckdb_reader
from shared.adapters.local.duckdb_reader import ExportSelection, Format
from shared.adapters.local.output_files import output_file
from shared.errors import UserError
from shared.runtime.settings import Settings
from shared.storage.tables import Field, Table, get_table, list_tables
from shared.storage.views import View, get_view, list_views


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """Options of `hankstank export`."""

    table: str
    columns: Sequence[str]  # none: all of them
    first: date | None
    last: date | None
    kind: Format
    out: Path | None
    force: bool = False  # replace an existing file
    seasons: Sequence[int] = ()  # none: all of them


def export_table(home: Path, options: ExportOptions) -> dict[str, Any]:
    """Write a selection of a table to a file; return its path, rows and bytes."""
    chosen = find_table(options.table)
    _check_period(chosen, options)
    if options.out == Path("-"):
        raise UserError("expected a file or folder, got -: in a pipe `hankstank query` prints CSV")
    warehouse = warehouse_of(home)
    names = options.columns or [field.name for field in chosen.all_fields]
    columns = tuple(_find_column(chosen, name).name for name in names)
    target = options.out or Path(f"{chosen.name}.{options.kind}")
    if target.is_dir():
        target = target / f"{chosen.name}.{options.kind}"
    file = output_file(target, force=options.force)
    seasons = tuple(dict.fromkeys(options.seasons))
    cut = ExportSelection(chosen, columns, options.first, options.last, seasons)
    rows = duckdb_reader.export_table(warehouse, cut, file, options.kind)
    return {"table": chosen.name, "rows": rows, "file": str(target), "bytes": file.stat().st_size}


def query_warehouse(home: Path, sql: str, seconds: float) -> Iterator[pl.DataFrame]:
    """Yield the result of one SELECT in parts; the first part may be empty."""
    return duckdb_query.run_query(warehouse_of(home), sql, seconds)


def describe_tables(home: Path) -> list[dict[str, Any]]:
    """Return every table and view with its description, rows, and first and last day."""
    known = [find_table(name) for name in sorted({*list_tables(), *list_views()})]
    extents = duckdb_reader.table_extents(warehouse_of(home), known)
    return [
        {
            "table": one.name,
            "rows": extents[one.name].rows,
            "first": extents[one.name].first,
            "last": extents[one.name].last,
            "description": one.description,
        }
        for one in known
    ]


def list_columns(name: str) -> list[dict[str, Any]]:
    """Return the columns of a table or view and their meaning."""
    return [_column_fields(field) for field in find_table(name).all_fields]


def find_table(name: str) -> Table | View:
    """Return a table or view by name, with its dataset or without; raises UserError with similar names."""
    alone = name.rpartition(".")[2]
    if alone in list_views():
        return get_view(alone)
    if alone not in list_tables():
        nearest = suggestions.suggest_names(alone, [*list_tables(), *list_views()])
        raise UserError(f"no table is called {name!r}{nearest} `hankstank tables` lists them")
    return get_table(alone)


def warehouse_of(home: Path) -> Path:
    """Return the warehouse's file; raises UserError for a project, whose warehouse is BigQuery."""
    settings = Settings(home=home)
    if settings.project:
        raise UserError(f"the warehouse of {settings.project} is BigQuery: use `bq query` or its console")
    if not home.is_dir():
        raise UserError(f"{home}: no stores here: `hankstank run` makes them, --home names others")
    return home / "warehouse.duckdb"


def _check_period(chosen: Table | View, options: ExportOptions) -> None:
    """Raise UserError for days or seasons that exclude each other or that the table does not have."""
    has_days = bool(options.first or options.last)
    if has_days and options.seasons:
        raise UserError("expected --season, or --from and --to, got both: leave one out")
    if options.first and options.last and options.first > options.last:
        raise UserError(f"expected --from not after --to, got {options.first} and {options.last}")
    if has_days and chosen.partition is None:
        raise UserError(f"{chosen.name} has no date column: leave out --from and --to")
    if options.seasons and duckdb_reader.season_column(chosen) is None:
        raise UserError(f"{chosen.name} has no season and no date column: leave out --season")


def _find_column(chosen: Table | View, name: str) -> Field:
    known = {field.name: field for field in chosen.all_fields}
    if name not in known:
        raise UserError(f"{chosen.name} has no column {name!r}{suggestions.suggest_names(name, known)}")
    return known[name]


def _column_fields(field: Field) -> dict[str, Any]:
    shown = ("type", "unit", "description", "pitfall")
    return {"column": field.name, **{name: getattr(field, name) for name in shown}}
