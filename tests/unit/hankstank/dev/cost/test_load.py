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


def test_schedules_of_a_day_are_counted():
    assert (load.refreshes_per_day(), load.tasks_per_day()) == (12 + 4, 4)


def test_files_and_tables_of_refreshes_and_tasks_exist():
    runs = {**dict.fromkeys(COUNTS["refresh"]["files"]), **COUNTS["tasks"]["files"]}
    assert runs.keys() <= COUNTS["files"].keys()
    assert {*COUNTS["refresh"]["merges"], *COUNTS["tasks"]["merges"]} <= set(tables.list_tables())


def test_every_file_that_runs_is_counted_by_night_refresh_or_task():
    never = [path for path in SQL_FILES if load.runs_per_day(path) == 0]
    assert never == ["services/collector/sql/season_games.sql", "services/features/sql/built_days.sql"]


def test_statements_of_a_service_are_its_queries_and_merges():
    own = {service: load.statements_per_day(service) for service in ("collector", "loader", "predict_api")}
    merged = len(tables.list_tables("mlb_historical_data")) + len(tables.list_tables("mlb_predictions"))
    nightly, tasks, refresh = 6, 3 * 2 + 4 + 1 + 5 * 3, 6
    merges = merged + 2 * 3 + 16 * 7  # each night; two tables by three tasks; seven by each refresh
    assert own == {
        "collector": 2 + 16,
        "loader": nightly + tasks + 16 * refresh + 7 * merges,
        "predict_api": 0,
    }


def test_service_waits_three_seconds_for_a_statement():
    assert load.warehouse_seconds_per_day("collector") == 3 * (2 + 16)
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


def test_off_season_tasks_look_and_nothing_is_built_or_trained():
    idle, season = (load.compute_load(USAGE, month) for month in ("off-season", "in-season"))
    assert (idle.job_seconds, idle.seconds["features"], idle.seconds["validator"]) == (0, 0, 0)
    assert 0 < idle.gib_billed < season.gib_billed / 10
    assert idle.seconds["collector"] == 17 * load.load_assumptions()["start_seconds"]
