"""Training rows come out of the warehouse as written by hand, and no later than they were known."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from services.trainer.dataset import build_sample, training_rows
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.sports.mlb.targets import TARGETS
from shared.storage import tables
from tests.unit.services.trainer.league import league

BY_NAME = {target.name: target for target in TARGETS}
WIN, HITS = BY_NAME["home_win"], BY_NAME["batter_hits"]
NOW = datetime(2026, 5, 9, tzinfo=UTC)
LINEAGE = {"source": "mlb_stats_api", "run_id": "run", "collected_at": NOW}


def day(number):
    return date(2026, 5, number)


def filled(table, row):
    """Return the row with any value in the columns that must have one."""
    anything = {"INTEGER": 1, "FLOAT": 1.0, "STRING": "N", "DATE": day(1), "TIMESTAMP": NOW, "BOOLEAN": False}
    required = {field.name: anything[field.type] for field in table.fields if field.required}
    variant = {"variant": "confirmed"} if "variant" in required else {}
    return required | variant | row | LINEAGE


def merge(warehouse, name, rows):
    table = tables.get_table(name)
    warehouse.ensure_table(table)
    frame = pl.DataFrame([filled(table, row) for row in rows], infer_schema_length=None)
    warehouse.merge_rows(table, frame.cast({name: table.schema[name] for name in frame.columns}))


@pytest.fixture
def warehouse(tmp_path):
    warehouse = DuckDbWarehouse(tmp_path / "warehouse.duckdb", clock=lambda: NOW)
    days = {1: day(1), 2: day(2), 3: day(3), 4: day(4)}
    completed = days | {2: day(8)}  # game 2 was suspended and finished six days later
    games = [{"game_pk": pk, "game_date": on, "completed_date": completed[pk]} for pk, on in days.items()]
    merge(warehouse, "games_historical", games)
    features = [
        {"game_pk": pk, "game_date": on, "game_type": "R", "home_win": pk % 2} for pk, on in days.items()
    ]
    others = [dict(features[0], variant=variant) for variant in ("projected", "unknown")]
    merge(warehouse, "game_features_daily", [*features, *others])
    players = [
        {"game_pk": 1, "game_date": day(1), "player_id": 30, "role": "starter", "strikeouts": 7},
        {"game_pk": 1, "game_date": day(1), "player_id": 20, "role": "batter", "hits": 2},
        {"game_pk": 1, "game_date": day(1), "player_id": 10, "role": "batter", "hits": 0},
        {"game_pk": 3, "game_date": day(3), "player_id": 20, "role": "batter", "hits": 1},
    ]
    projected = {"game_pk": 1, "game_date": day(1), "role": "batter", "variant": "projected"}
    guessed = [projected | {"player_id": 20, "hits": 2}, projected | {"player_id": 11}]
    merge(warehouse, "player_features_daily", [*players, *guessed])
    yield warehouse
    warehouse.close()


def test_games_come_in_order_with_the_day_they_were_known(warehouse):
    rows = training_rows(warehouse, "game", day(9), 30)
    assert rows.select("game_pk", "known_date", "home_win").rows() == [
        (1, day(1), 1),
        (2, day(8), 0),
        (3, day(3), 1),
        (4, day(4), 0),
    ]


def test_results_not_yet_known_stay_out(warehouse):
    assert training_rows(warehouse, "game", day(3), 30)["game_pk"].to_list() == [1, 3]


def test_days_before_the_window_stay_out(warehouse):
    assert training_rows(warehouse, "game", day(4), 2)["game_pk"].to_list() == [3, 4]


def test_batters_come_without_starters(warehouse):
    rows = training_rows(warehouse, "batter", day(9), 30)
    assert rows.select("game_pk", "player_id", "hits").rows() == [(1, 10, 0), (1, 20, 2), (3, 20, 1)]


def test_starters_come_without_batters(warehouse):
    rows = training_rows(warehouse, "starter", day(9), 30)
    assert rows.select("player_id", "strikeouts").rows() == [(30, 7)]


@pytest.mark.parametrize("variant", ["projected", "unknown"])
def test_games_of_another_variant_come_alone(warehouse, variant):
    assert training_rows(warehouse, "game", day(9), 30, variant)["game_pk"].to_list() == [1]


def test_projected_batter_who_did_not_play_is_not_trained_on(warehouse):
    rows = training_rows(warehouse, "batter", day(9), 30, "projected")
    assert rows.select("player_id", "hits").rows() == [(11, None), (20, 2)]
    known = rows.with_columns(pl.col(HITS.margin.column, *HITS.baseline_columns).fill_null(1.0))
    assert build_sample(known, HITS).frame["player_id"].to_list() == [20]


def test_spring_games_weigh_less():
    spring, regular = (build_sample(league(days=1, game_type=kind).games, WIN).weight for kind in "SR")
    assert (set(spring), set(regular)) == ({0.25}, {1.0})


def test_ties_have_no_winner():
    games = league(days=1).games.with_columns(home_win=pl.lit(None, pl.Int64))
    assert len(build_sample(games, WIN)) == 0


def test_rows_without_a_formula_are_left_out():
    batters = league(days=1).batters
    gap = pl.when(pl.col("player_id") == 3).then(None).otherwise(pl.col("expected_hits"))
    assert len(build_sample(batters.with_columns(expected_hits=gap), HITS)) == batters.height - 1


def test_suspended_games_are_known_when_finished():
    games = league(days=2).games
    late = games.with_columns(known_date=pl.col("known_date") + timedelta(days=30))
    rows = build_sample(late, WIN)
    assert len(rows.known_before(int(rows.days.max()) + 1)) == 0
