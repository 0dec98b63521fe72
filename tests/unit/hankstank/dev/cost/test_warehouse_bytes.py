"""Bytes that BigQuery would bill: every query of the code counted, never less than the least."""

import json
from collections import Counter
from dataclasses import fields
from pathlib import Path

import pytest

from hankstank.dev.cost import warehouse_bytes as estimate
from hankstank.dev.cost.usage import load_recorded_usage
from hankstank.dev.cost.warehouse_bytes import (
    MIN_BYTES_BILLED,
    ROOT,
    StoredTables,
    TableRows,
    load_statements,
)
from shared.storage import tables
from shared.storage.merge import MergeStatements

QUERIES = json.loads((Path(estimate.__file__).with_name("queries.json")).read_text())
FILES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "services").rglob("*.sql"))
USAGE = load_recorded_usage()


def test_every_sql_file_is_counted():
    assert sorted(QUERIES["files"]) == FILES


def test_every_statement_of_a_merge_is_counted():
    files = {path.stem for path in (ROOT / "shared/storage/sql").glob("*.sql")}
    assert {one.name for one in fields(MergeStatements)} == files


@pytest.mark.parametrize("path", FILES)
def test_every_table_of_a_file_is_known(path: str):
    named = sum((estimate.count_tables(sql) for sql in load_statements(path)), Counter())
    assert named
    assert set(named) <= set(tables.list_tables())
    assert set(QUERIES["files"][path]["days"]) <= set(named)


@pytest.mark.parametrize("path", FILES)
def test_only_partitioned_tables_are_read_in_part(path: str):
    assert all(tables.get_table(name).partition for name in QUERIES["files"][path]["days"])


def test_empty_tables_are_billed_at_the_least():
    empty = StoredTables({}, 1)
    named = sum((estimate.count_tables(sql) for path in FILES for sql in load_statements(path)), Counter())
    assert estimate.bytes_billed_per_day(empty) > len(named) * MIN_BYTES_BILLED


def test_longer_history_is_never_cheaper():
    billed = [estimate.bytes_billed_per_day(StoredTables(USAGE.tables, days)) for days in (1, 186, 558, 1302)]
    assert billed == sorted(billed)


def test_column_is_read_only_where_it_is_named():
    kept = StoredTables({"games_historical": TableRows(10.0, {"game_pk": 8.0, "extra": 1000.0})}, 3)
    assert kept.bytes_read(tables.get_table("games_historical"), 2, {"game_pk"}) == 10 * 2 * 8
    assert kept.total_bytes == 10 * 3 * 1008


def test_states_are_asked_table_by_table():
    asked = [estimate.count_tables(sql) for sql in load_statements("services/features/sql/latest_states.sql")]
    assert {name for one in asked for name in one} == {
        "batter_states",
        "pitcher_states",
        "club_states",
        "park_states",
        "catcher_states",
        "umpire_states",
        "series_states",
        "league_states",
    }
