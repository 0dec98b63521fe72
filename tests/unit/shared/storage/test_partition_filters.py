"""BigQuery refuses questions that could read whole tables; ours always say which dates they want."""

from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from shared.storage import merge, tables
from shared.storage.views import get_view, list_views
from tests.sql_statements import load_statements

ROOT = Path(__file__).parents[4]
# Large, and asked for by date everywhere. The other partitioned tables are small, or asked as a whole:
# games and league states to find the days that changed, player lines to grade forecasts by game.
REQUIRED = {
    "batter_lines",
    "batter_rolling_features",
    "batter_states",
    "lineups_historical",
    "matchup_history",
    "pitcher_lines",
    "pitcher_rolling_features",
    "pitcher_states",
    "plate_appearances",
    "player_availability",
    "player_features_daily",
    "statcast_pitches",
    "strikeouts_v1",
    "team_stats_historical",
}
QUESTIONS = sorted((ROOT / "services").rglob("*.sql"))


def required() -> set[str]:
    return {name for name in tables.list_tables() if tables.get_table(name).require_partition_filter}


def without_a_date(sql: str) -> list[str]:
    """Return the tables that demand a filter on the partition and get none in their own SELECT or DELETE."""
    found = []
    for read in sqlglot.parse_one(sql, read="bigquery").find_all(exp.Table):
        if read.name in required():
            requested = read.find_ancestor(exp.Select, exp.Delete, exp.Merge)
            if not _is_bounded(requested, read):
                found.append(read.name)
    return found


def _is_bounded(requested: exp.Expression, read: exp.Table) -> bool:
    partition = tables.get_table(read.name).partition
    for test in requested.find_all(exp.Between, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.EQ, exp.In):
        column = test.this
        of_table = isinstance(column, exp.Column) and column.table in {"", read.alias}
        if of_table and column.name == partition and test.find(exp.Parameter, exp.Literal):
            return True
    return False


def test_tables_that_demand_a_date_are_these():
    assert required() == REQUIRED


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_question_says_which_dates(path):
    statements = load_statements(str(path.relative_to(ROOT)))
    assert statements
    assert [without_a_date(sql) for sql in statements] == [[]] * len(statements)


@pytest.mark.parametrize("name", list_views())
def test_view_says_which_dates(name):
    assert without_a_date(get_view(name).sql) == []


@pytest.mark.parametrize("name", sorted(REQUIRED))
@pytest.mark.parametrize(
    "statement",
    ["stored_scopes", "count_overtaken", "count_partition_rows", "delete_vanished", "merge", "count_stored"],
)
def test_merge_says_which_dates(name, statement):
    assert without_a_date(getattr(merge.merge_statements(tables.get_table(name)), statement)) == []


def test_question_without_a_date_is_found():
    sql = "select p.game_pk from mlb_historical_data.plate_appearances as p where p.game_pk = @game"
    assert without_a_date(sql) == ["plate_appearances"]
