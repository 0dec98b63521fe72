"""What a batch replaces, worked out without a warehouse."""

from datetime import date, timedelta

import polars as pl
import pytest

from shared.errors import TableMismatch
from shared.storage.merge import fit_batch, merge_statements, partition_bounds, plan_merge
from shared.storage.tables import get_table, list_tables
from tests.contracts.warehouse import FRIDAY, MONDAY, PLAYS, ROSTERS, TUESDAY, hour, play, rostered, scopes


def stored(*rows: tuple[int, date, int]) -> pl.DataFrame:
    named = [{"game_pk": game, "stored_on": on, "stored_since": hour(at)} for game, on, at in rows]
    return pl.DataFrame(
        named,
        schema={"game_pk": pl.Int64, "stored_on": pl.Date, "stored_since": pl.Datetime("us", "UTC")},
    )


def test_scopes_are_those_of_the_rows():
    given = fit_batch(PLAYS, pl.DataFrame([play(1, 0), play(1, 1), play(2, 0, collected=3)]))
    assert given.scopes.sort("game_pk").rows() == [(1, hour(1), True), (2, hour(3), True)]


def test_game_not_stated_is_not_complete():
    given = fit_batch(PLAYS, pl.DataFrame([play(1, 0), play(2, 0)]), scopes((1, 2), (3, 1)))
    assert given.scopes.sort("game_pk").rows() == [
        (1, hour(2), True),
        (2, hour(1), False),
        (3, hour(1), True),
    ]


def test_scope_stated_twice_counts_from_the_later():
    assert fit_batch(PLAYS, pl.DataFrame(), scopes((1, 2), (1, 5))).scopes.rows() == [(1, hour(5), True)]


def test_scopes_must_fit_the_table():
    with pytest.raises(TableMismatch, match=r"game_pk: expected INTEGER, got String"):
        fit_batch(PLAYS, pl.DataFrame(), pl.DataFrame({"game_pk": ["one"], "collected_at": [hour(1)]}))


def test_looks_at_dates_of_the_batch_and_where_its_games_stand():
    given = fit_batch(PLAYS, pl.DataFrame([play(1, 0, on=FRIDAY, collected=2)]))
    left = plan_merge(PLAYS, given, stored((1, MONDAY, 1), (1, TUESDAY, 1)))
    assert left.partitions == [MONDAY, TUESDAY, FRIDAY]


def test_outdated_game_is_not_looked_at():
    given = fit_batch(PLAYS, pl.DataFrame([play(1, 0, on=FRIDAY), play(2, 0, on=TUESDAY)]))
    left = plan_merge(PLAYS, given, stored((1, MONDAY, 2)))
    assert (left.partitions, left.outdated, left.rows["game_pk"].to_list()) == ([TUESDAY], 1, [2])


def test_table_without_partition_has_no_dates():
    given = fit_batch(ROSTERS, pl.DataFrame([rostered(1, "active", 10)]))
    empty = pl.DataFrame(schema=given.scopes.schema).with_columns(
        stored_since=pl.col("collected_at"), stored_on=pl.lit(None, dtype=pl.Date)
    )
    assert plan_merge(ROSTERS, given, empty.drop("collected_at")).partitions == []


@pytest.mark.parametrize("name", [name for name in list_tables() if get_table(name).partition])
def test_changes_are_pruned_to_partitions(name):
    sql = merge_statements(get_table(name))
    pruned = f"t.{get_table(name).partition} in unnest(@partitions)"
    assert all(pruned in statement for statement in (sql.merge, sql.delete_vanished, sql.count_stored))


def test_created_at_is_only_inserted():
    update, insert = merge_statements(PLAYS).merge.split("when not matched")
    assert "created_at" not in update
    assert "created_at" in insert


def test_game_may_have_moved_within_a_year():
    given = fit_batch(PLAYS, pl.DataFrame([play(1, 0, on=TUESDAY), play(2, 0, on=FRIDAY)]))
    year = timedelta(days=366)
    assert partition_bounds(PLAYS, given) == {"first": TUESDAY - year, "last": FRIDAY + year}


def test_scope_that_holds_the_date_stands_on_it_alone():
    states = get_table("league_states")
    days = pl.DataFrame({"as_of": [MONDAY, FRIDAY], "collected_at": [hour(1), hour(1)]})
    assert partition_bounds(states, fit_batch(states, pl.DataFrame(), days)) == {
        "first": MONDAY,
        "last": FRIDAY,
    }


def test_statement_without_dates_reaches_everywhere():
    given = fit_batch(PLAYS, pl.DataFrame(), scopes((1, 1)))
    assert partition_bounds(PLAYS, given) == {"first": date.min, "last": date.max}


def test_table_without_partition_has_no_reach():
    assert partition_bounds(ROSTERS, fit_batch(ROSTERS, pl.DataFrame([rostered(1, "active", 10)]))) == {}
