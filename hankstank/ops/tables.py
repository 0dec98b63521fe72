"""What the warehouse of one machine holds, for people: tables, files to take away, questions in SQL."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from hankstank.cli import suggestions
from shared.adapters.local import duckdb_query, duckdb_reader
from shared.adapters.local.duckdb_reader import Cut, Format
from shared.adapters.local.output_files import output_file
from shared.errors import CannotDo
from shared.runtime.settings import Settings
from shared.storage.tables import Field, Table, names, table


@dataclass(frozen=True, slots=True)
class Export:
    """What a user asked `hankstank export` for."""

    table: str
    columns: Sequence[str]  # none: all of them
    first: date | None
    last: date | None
    kind: Format
    out: Path | None
    force: bool = False  # replace a file that is there


def export(home: Path, asked: Export) -> dict[str, Any]:
    """Write a part of a table to a file and say where it lies and how many rows it has."""
    chosen = known_table(asked.table)
    if asked.first and asked.last and asked.first > asked.last:
        raise CannotDo(f"expected --from not after --to, got {asked.first} and {asked.last}")
    if chosen.partition is None and (asked.first or asked.last):
        raise CannotDo(f"{chosen.name} has no date of its own: leave --from and --to out")
    if asked.out == Path("-"):
        raise CannotDo("expected a file or folder, got -: in a pipe `hankstank query` speaks CSV")
    warehouse = warehouse_of(home)
    columns = tuple(_column(chosen, name).name for name in asked.columns)
    target = asked.out or Path(f"{chosen.name}.{asked.kind}")
    if target.is_dir():
        target = target / f"{chosen.name}.{asked.kind}"
    file = output_file(target, force=asked.force)
    cut = Cut(chosen, columns or tuple(field.name for field in chosen.all_fields), asked.first, asked.last)
    rows = duckdb_reader.export(warehouse, cut, file, asked.kind)
    return {"table": chosen.name, "rows": rows, "file": str(target), "bytes": file.stat().st_size}


def answers(home: Path, sql: str, seconds: float) -> Iterator[pl.DataFrame]:
    """Yield the answer to one SELECT, in parts of which the first may be empty."""
    return duckdb_query.answers(warehouse_of(home), sql, seconds)


def tables(home: Path) -> list[dict[str, Any]]:
    """Return every table with what it is, how many rows stand and from when to when."""
    known = [table(name) for name in names()]
    extents = duckdb_reader.extents(warehouse_of(home), known)
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


def columns(name: str) -> list[dict[str, Any]]:
    """Return what a table's columns are and mean."""
    return [_told(field) for field in known_table(name).all_fields]


def known_table(name: str) -> Table:
    """Return a table by its name, alone or after its dataset; raises CannotDo with the nearest ones."""
    alone = name.rpartition(".")[2]
    if alone not in names():
        raise CannotDo(
            f"no table is called {name!r}{suggestions.near(alone, names())} `hankstank tables` lists them"
        )
    return table(alone)


def warehouse_of(home: Path) -> Path:
    """Return the warehouse's file; raises CannotDo for a project, whose warehouse is BigQuery."""
    settings = Settings(home=home)
    if settings.project:
        raise CannotDo(
            f"the warehouse of {settings.project} is BigQuery: ask it with `bq query` or its console"
        )
    if not home.is_dir():
        raise CannotDo(f"{home}: no stores are here: `hankstank run` makes them, --home names others")
    return home / "warehouse.duckdb"


def _column(chosen: Table, name: str) -> Field:
    known = {field.name: field for field in chosen.all_fields}
    if name not in known:
        raise CannotDo(f"{chosen.name} has no column {name!r}{suggestions.near(name, known)}")
    return known[name]


def _told(field: Field) -> dict[str, Any]:
    return {
        "column": field.name,
        "type": field.type,
        "unit": field.unit,
        "description": field.description,
        "pitfall": field.pitfall,
    }
