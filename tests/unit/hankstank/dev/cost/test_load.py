"""The load of a day: every SQL file and merge counted, never less than the least that BigQuery bills."""

from collections import Counter
from dataclasses import astuple

import pytest
from msgspec.structs import replace

from hankstank.dev.cost import load
from hankstank.dev.cost.usage import TableUsage, load_recorded_usage
from shared.storage import merge, tables
from tests.sql_statements import SQL_FILES, count_tables, load_statements

COUNTS = load.read_json("hankstank/dev/cost/queries.json")
USAGE = load_recorded_usage()


def gib_billed(**changes) -> float:
    return load.compute_load(replace(USAGE, **changes), "in-season").gib_billed


def test_every_sql_file_is_counted():
    assert sorted(COUNTS["files"]) == SQL_FILES


@pytest.mark.parametrize("path", SQL_FILES)
def test_every_statement_and_table_of_a_file_is_counted(path: str):
    statements = load_statements(path)
    named = sum((count_tables(sql) for sql in statements), Counter())
    assert set(named) <= set(tables.list_tables())
    counted = COUNTS["files"][path]
    assert counted["statements"] == len(statements)
    assert {name: times for name, (times, _) in counted["reads"].items()} == dict(named)


@pytest.mark.parametrize("path", SQL_FILES)
def test_only_partitioned_tables_are_read_in_part(path: str):
    reads = COUNTS["files"][path]["reads"].items()
    assert all(tables.get_table(name).partition for name, (_, days) in reads if days is not None)


@pytest.mark.parametrize("name", tables.list_tables())
def test_every_relation_of_a_merge_is_counted(name: str):
    statements = astuple(merge.merge_statements(tables.get_table(name)))
    batches = sum(relation in sql for sql in statements for relation in (merge.ROWS, merge.SCOPES))
    assert len(statements) + batches == COUNTS["merge"]["relations"]


def test_statements_of_a_service_are_its_queries_and_merges():
    own = {service: load.statements_per_day(service) for service in ("collector", "loader", "predict_api")}
    merged = len(tables.list_tables("mlb_historical_data")) + len(tables.list_tables("mlb_predictions"))
    assert own == {"collector": 2, "loader": 15 + 7 * merged, "predict_api": 0}


def test_service_waits_three_seconds_for_a_statement():
    assert load.warehouse_seconds_per_day("collector") == 6
    assert load.seconds_per_day(USAGE, "loader") > load.warehouse_seconds_per_day("loader")


def test_empty_tables_are_billed_at_the_least():
    reads = [times for one in COUNTS["files"].values() for times, _ in one["reads"].values()]
    assert gib_billed(tables={}) > len(reads) * load.MIN_BYTES_BILLED / load.GIB


def test_days_read_are_those_stored_at_most():
    games = replace(USAGE, tables={"games_historical": TableUsage(10, 100)})
    stored = load.table_bytes(games, "games_historical")
    assert load.table_bytes(games, "games_historical", 2) == 2 * 10 * 100
    assert load.table_bytes(games, "games_historical", 10**6) == stored == load.stored_days() * 1000


def test_table_without_a_partition_is_read_whole():
    people = replace(USAGE, tables={"people": TableUsage(10, 100)})
    assert load.table_bytes(people, "people", 2) == 10 * 100


def test_off_season_collects_and_trains_nothing():
    idle = load.compute_load(USAGE, "off-season")
    assert (idle.gib_billed, idle.job_seconds, idle.seconds["features"]) == (0, 0, 0)
