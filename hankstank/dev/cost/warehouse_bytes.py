"""What BigQuery would bill for the project's SQL: an estimate from column types, rows and partitions.

A column counts wherever its name stands in the statement and in the table, a table as often as it is named,
and a statement that changes rows reads every column of the partitions it touches: never too little.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from math import fsum
from pathlib import Path
from typing import Any

import msgspec

from services.features.mlb.player_counts import LINES
from shared.sports.mlb.states import LAYOUTS
from shared.storage import merge, tables
from shared.storage.tables import Table

ROOT = Path(__file__).parents[3]
LEAST_READ = 10 * 2**20  # bytes billed at least for each table that a statement names
_MOVES_WITHIN = 2 * 366  # days in which the standing rows of a batch's scopes are looked for
_MERGED_BY = {"loader": ("mlb_historical_data", "mlb_predictions"), "features": ("mlb_features",)}
_TABLE = re.compile(r"\b(mlb_\w+)\.(\w+|\{table\})")
_CHANGES = re.compile(r"\b(merge into|delete from|insert into)\b")


class Rows(msgspec.Struct, frozen=True):
    """A standing table: rows on an average day of its partition, and an average row's bytes by column.

    Without a partition, `a_day` is the number of all rows.
    """

    a_day: float
    bytes: dict[str, float]


@dataclass(frozen=True, slots=True)
class Kept:
    """Tables as they stand, with so many days in each partitioned one."""

    rows: Mapping[str, Rows]
    days: int

    @property
    def stored(self) -> float:
        """Return the bytes of all tables."""
        return fsum(
            self.of(tables.table(name), self.days, set(rows.bytes)) for name, rows in self.rows.items()
        )

    def of(self, table: Table, days: float, columns: set[str]) -> float:
        """Return the bytes of some columns in so many days of a table."""
        rows = self.rows.get(table.name)
        if rows is None:
            return 0.0
        read = min(days, self.days) if table.partition else 1
        return rows.a_day * read * fsum(size for name, size in rows.bytes.items() if name in columns)


def billed_a_day(kept: Kept) -> float:
    """Return the bytes billed on a day in season: every query of the code, and a merge into each table."""
    counted = _counted()
    asked: float = sum(
        times["runs"] * _query(kept, sql, times["days"])
        for path, times in counted["files"].items()
        for sql in statements(path)
    )
    return asked + fsum(
        _merge(kept, tables.table(name), counted["merges"]["days"]) for name in tables.names()
    )


def statements_a_day(room: str) -> float:
    """Return how many statements a room gives to BigQuery on a day in season."""
    asked: list[float] = [
        n["runs"] * len(statements(path)) for path, n in _counted()["files"].items() if f"/{room}/" in path
    ]
    merged = [name for dataset in _MERGED_BY.get(room, ()) for name in tables.names(dataset)]
    return fsum(asked) + len(merged) * len(fields(merge.Statements))


@cache
def statements(path: str) -> tuple[str, ...]:
    """Return the statements of a SQL file, with what is filled in: one for each kind of state or line."""
    sql = "\n".join(line.partition("--")[0] for line in (ROOT / path).read_text().splitlines())
    if "{" not in sql:
        return (sql,)
    if "{lines}" in sql:
        return tuple(_with(sql, layout.columns, lines=name, key=layout.key) for name, layout in LINES.items())
    layouts = LAYOUTS if "{table}" in sql else [one for one in LAYOUTS if one.table in sql]
    return tuple(_filled(sql, layout) for layout in layouts)


def tables_of(sql: str) -> Counter[str]:
    """Return how often a statement names each table."""
    return Counter(name for _, name in _TABLE.findall(sql))


def _filled(sql: str, layout: Any) -> str:
    columns = ("as_of", layout.key, "season", *layout.names)
    return _with(sql, columns, table=layout.table, key=layout.key)


def _with(sql: str, columns: Iterable[str], **places: str) -> str:
    for place, text in {**places, "columns": ", ".join(columns)}.items():
        sql = sql.replace(f"{{{place}}}", text)
    return sql


def _query(kept: Kept, sql: str, days: Mapping[str, int]) -> float:
    words = set(re.findall(r"\w+", sql))
    return fsum(
        times * max(LEAST_READ, kept.of(tables.table(name), days.get(name, kept.days), words))
        for name, times in tables_of(sql).items()
    )


def _merge(kept: Kept, table: Table, partitions: int) -> float:
    return fsum(
        max(LEAST_READ, part) for sql in _statements(table) for part in _parts(kept, table, sql, partitions)
    )


def _statements(table: Table) -> Iterator[str]:
    found = merge.statements(table)
    return (getattr(found, one.name) for one in fields(found))


def _parts(kept: Kept, table: Table, sql: str, partitions: int) -> Iterator[float]:
    """Yield what is read of the table itself and of each relation of the batch."""
    is_reaching = "@first" in sql and table.partition not in table.scope
    columns = set(kept.rows[table.name].bytes) if table.name in kept.rows else set()
    read = columns if _CHANGES.search(sql) else columns & set(re.findall(r"\w+", sql))
    yield kept.of(table, _MOVES_WITHIN if is_reaching else partitions, read)
    if merge.ROWS in sql:
        yield kept.of(table, partitions, columns)
    if merge.SCOPES in sql:
        yield 0.0


@cache
def _counted() -> dict[str, Any]:
    counted: dict[str, Any] = json.loads(Path(__file__).with_name("queries.json").read_text())
    return counted
