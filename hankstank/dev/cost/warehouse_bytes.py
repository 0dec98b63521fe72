"""Estimates the bytes BigQuery bills for the project's SQL from column types, rows and partitions.

A column counts if its name is in the statement and in the table, a table as often as it is named, and a
statement that changes rows reads every column of the partitions it touches: an upper bound.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache, partial
from math import fsum
from pathlib import Path
from typing import Any

import msgspec

from services.features.mlb.labels import box_label_columns
from services.features.mlb.player_counts import LINES
from services.features.mlb.recent_games import recent_games_query
from services.loader.mlb.outcomes import outcomes_query
from services.trainer.dataset import rows_query
from shared.sports.mlb.states import LAYOUTS, Layout
from shared.storage import merge, tables
from shared.storage.tables import Table

ROOT = Path(__file__).parents[3]
MIN_BYTES_BILLED = 10 * 2**20  # minimum for each table that a statement names
_SCOPE_LOOKBACK_DAYS = 2 * 366  # days searched for the stored rows of a batch's scopes
_MERGED_BY = {"loader": ("mlb_historical_data", "mlb_predictions"), "features": ("mlb_features",)}
_TABLE = re.compile(r"\b(mlb_\w+)\.(\w+|\{table\})")
# Statements whose columns come from the target records.
_GENERATED: dict[str, Callable[[], str]] = {
    "services/features/sql/recent_games.sql": recent_games_query,
    "services/loader/sql/outcomes.sql": outcomes_query,
    "services/trainer/game_rows.sql": partial(rows_query, "game"),
    "services/trainer/player_rows.sql": partial(rows_query, "batter"),
}
_WRITE_STATEMENT = re.compile(r"\b(merge into|delete from|insert into)\b")


class TableRows(msgspec.Struct, frozen=True):
    """A stored table: rows on an average day of its partition, and an average row's bytes by column.

    Without a partition, `a_day` is the number of all rows.
    """

    a_day: float
    bytes: dict[str, float]


@dataclass(frozen=True, slots=True)
class StoredTables:
    """All stored tables, with `days` days in each partitioned one."""

    rows: Mapping[str, TableRows]
    days: int

    @property
    def total_bytes(self) -> float:
        """Return the bytes of all tables."""
        return fsum(
            self.bytes_read(tables.get_table(name), self.days, set(rows.bytes))
            for name, rows in self.rows.items()
        )

    def bytes_read(self, table: Table, days: float, columns: set[str]) -> float:
        """Return the bytes of some columns in `days` days of a table."""
        rows = self.rows.get(table.name)
        if rows is None:
            return 0.0
        read = min(days, self.days) if table.partition else 1
        return rows.a_day * read * fsum(size for name, size in rows.bytes.items() if name in columns)


def bytes_billed_per_day(stored_tables: StoredTables) -> float:
    """Return the bytes billed on a day in season: every query of the code, and a merge into each table."""
    query_counts = _load_query_counts()
    query_bytes: float = sum(
        times["runs"] * _query_bytes(stored_tables, sql, times["days"])
        for path, times in query_counts["files"].items()
        for sql in load_statements(path)
    )
    return query_bytes + fsum(
        _merge_bytes(stored_tables, tables.get_table(name), query_counts["merges"]["days"])
        for name in tables.list_tables()
    )


def statements_per_day(service: str) -> float:
    """Return how many statements a service runs on BigQuery on a day in season."""
    query_statements: list[float] = [
        n["runs"] * len(load_statements(path))
        for path, n in _load_query_counts()["files"].items()
        if f"/{service}/" in path
    ]
    merged = [name for dataset in _MERGED_BY.get(service, ()) for name in tables.list_tables(dataset)]
    return fsum(query_statements) + len(merged) * len(fields(merge.MergeStatements))


@cache
def load_statements(path: str) -> tuple[str, ...]:
    """Return the statements of a SQL file with placeholders filled in, one for each kind of state or line."""
    text = _GENERATED[path]() if path in _GENERATED else (ROOT / path).read_text()
    sql = "\n".join(line.partition("--")[0] for line in text.splitlines())
    if "{" not in sql:
        return (sql,)
    if path.endswith("/box_labels.sql"):
        return (_fill_placeholders(sql, box_label_columns()),)
    if "{lines}" in sql:
        return tuple(
            _fill_placeholders(sql, layout.sum_columns, lines=name, key=layout.key)
            for name, layout in LINES.items()
        )
    layouts = LAYOUTS if "{table}" in sql else [one for one in LAYOUTS if one.table in sql]
    return tuple(_fill_layout(sql, layout) for layout in layouts)


def count_tables(sql: str) -> Counter[str]:
    """Return how often a statement names each table."""
    return Counter(name for _, name in _TABLE.findall(sql))


def _fill_layout(sql: str, layout: Layout) -> str:
    columns = ("as_of", layout.key, "season", *layout.column_names)
    return _fill_placeholders(sql, columns, table=layout.table, key=layout.key)


def _fill_placeholders(sql: str, columns: Iterable[str], **placeholders: str) -> str:
    for placeholder, text in {**placeholders, "columns": ", ".join(columns)}.items():
        sql = sql.replace(f"{{{placeholder}}}", text)
    return sql


def _query_bytes(stored_tables: StoredTables, sql: str, days: Mapping[str, int]) -> float:
    words = set(re.findall(r"\w+", sql))
    return fsum(
        times
        * max(
            MIN_BYTES_BILLED,
            stored_tables.bytes_read(tables.get_table(name), days.get(name, stored_tables.days), words),
        )
        for name, times in count_tables(sql).items()
    )


def _merge_bytes(stored_tables: StoredTables, table: Table, partitions: int) -> float:
    return fsum(
        max(MIN_BYTES_BILLED, part)
        for sql in _merge_statements(table)
        for part in _relation_bytes(stored_tables, table, sql, partitions)
    )


def _merge_statements(table: Table) -> Iterator[str]:
    found = merge.merge_statements(table)
    return (getattr(found, one.name) for one in fields(found))


def _relation_bytes(stored_tables: StoredTables, table: Table, sql: str, partitions: int) -> Iterator[float]:
    """Yield the bytes read of the table itself and of each relation of the batch."""
    spans_scopes = "@first" in sql and table.partition not in table.scope
    columns = set(stored_tables.rows[table.name].bytes) if table.name in stored_tables.rows else set()
    read = columns if _WRITE_STATEMENT.search(sql) else columns & set(re.findall(r"\w+", sql))
    yield stored_tables.bytes_read(table, _SCOPE_LOOKBACK_DAYS if spans_scopes else partitions, read)
    if merge.ROWS in sql:
        yield stored_tables.bytes_read(table, partitions, columns)
    if merge.SCOPES in sql:
        yield 0.0


@cache
def _load_query_counts() -> dict[str, Any]:
    counts: dict[str, Any] = json.loads(Path(__file__).with_name("queries.json").read_text())
    return counts
