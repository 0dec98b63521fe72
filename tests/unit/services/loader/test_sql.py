"""Every question the loader asks, against a table worked out by hand."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

import services.loader
from services.loader.mlb.day_counts import count_days, day_rows_query, grades_due_query
from services.loader.mlb.outcomes import outcomes_query
from services.loader.mlb.results import result_games_query, result_lines_query
from shared.storage.tables import get_table
from tests.unit.services.loader.batches import FRIDAY, MONDAY, TUESDAY, collected, game, line, plays, row

SQL = Path(services.loader.__file__).parent / "sql"
GENERATED = {
    "day_rows": day_rows_query,
    "grades_due": grades_due_query,
    "outcomes": outcomes_query,
    "result_games": result_games_query,
    "result_lines": result_lines_query,
}


@pytest.fixture
def request_once(warehouse):
    def answer(name, **parameters):
        sql = GENERATED[name]() if name in GENERATED else (SQL / f"{name}.sql").read_text()
        return warehouse.query_rows(sql, **parameters)

    return answer


@pytest.fixture
def merge(warehouse):
    return lambda name, *rows: warehouse.merge_rows(
        get_table(name), pl.DataFrame(rows, infer_schema_length=None)
    )


def test_stored_games(request_once, merge):
    merge("games_historical", game(3, FRIDAY), game(1, MONDAY, version=2), game(2, TUESDAY))
    assert request_once("stored_games", games=[3, 1, 9]).rows() == [
        (1, MONDAY, collected(2)),
        (3, FRIDAY, collected(1)),
    ]


def test_outcomes(request_once, merge):
    start = game(1)["scheduled_start"]
    earlier = start - timedelta(hours=2)
    early = {
        "made_at": start - timedelta(hours=1),
        "model_version": "1.0.0",
        "mean": 1.0,
        "distribution": "[1]",
    }
    merge(
        "forecasts",
        row("forecasts", forecast_id="a", game_pk=1, target="home_win", **early),
        row("forecasts", forecast_id="b", game_pk=1, target="batter_hits", player_id=7, **early),
        row("forecasts", forecast_id="c", game_pk=1, target="batter_hits", player_id=8, **early),
        row("forecasts", forecast_id="d", game_pk=1, target="home_win", **early | {"made_at": start}),
        row("forecasts", forecast_id="e", game_pk=2, target="home_win", **early),
        row("forecasts", forecast_id="f", game_pk=3, target="home_win", **early),
        row("forecasts", forecast_id="g", game_pk=4, target="home_win", **early | {"game_date": TUESDAY}),
        row("forecasts", forecast_id="h", game_pk=1, target="home_win", **early | {"made_at": earlier}),
    )
    finished_later = game(2, TUESDAY, completed_date=FRIDAY)
    merge("games_historical", game(1, MONDAY), finished_later, game(3, TUESDAY, home=1), game(4, TUESDAY))
    merge(
        "player_stats_historical",
        line(1, 7, plate_appearances=4, hits=2),
        line(1, 8, plate_appearances=0, hits=0),
    )
    answer = request_once("outcomes", dates=[MONDAY, FRIDAY])
    assert answer.select("forecast_id", "game_pk", "actual").rows() == [
        ("a", 1, 1),
        ("b", 1, 2),
        ("c", 1, None),
        ("d", 1, None),
        ("e", 2, 1),
        ("f", 3, 0),
        ("h", 1, None),
    ]


def test_loaded_forecasts(request_once, merge):
    made = {"game_pk": 1, "target": "home_win", "made_at": game(1)["scheduled_start"]}
    merge(
        "forecasts",
        row("forecasts", forecast_id="a", raw_object="one", **made),
        row("forecasts", forecast_id="b", raw_object="one", **made),
        row("forecasts", forecast_id="c", raw_object="two", **made | {"game_date": TUESDAY}),
    )
    assert request_once("loaded_forecasts", dates=[MONDAY]).rows() == [("one",)]


def test_result_games(request_once, merge):
    clubs = {"home_team_id": 10, "away_team_id": 20}
    club = row("teams_historical", team_id=10, season=2026) | {"abbreviation": "NYY"}
    merge("teams_historical", club, club | {"season": 2025, "abbreviation": "OLD"})
    merge(
        "games_historical",
        game(1, MONDAY, **clubs),
        game(2, MONDAY, home=4, away=4, **clubs),
        game(3, FRIDAY, original_date=MONDAY, status="Preview", home=None, away=None, **clubs),
        game(4, FRIDAY, **clubs),
    )
    answer = request_once("result_games", dates=[MONDAY])
    columns = ("game_pk", "home_team", "away_team", "is_tie", "outcome_home_win", "outcome_home_score")
    assert answer.select(columns).rows() == [
        (1, "NYY", None, False, 1, 5),
        (2, "NYY", None, True, None, 4),
        (3, "NYY", None, None, None, None),
    ]


def test_result_lines(request_once, merge):
    merge(
        "player_stats_historical",
        line(1, 7, plate_appearances=4, hits=2, batting_order=200),
        line(1, 8, plate_appearances=3, hits=0, batting_order=100),
        line(1, 9, batters_faced=0, pitches_thrown=3),
        line(2, 7, TUESDAY, plate_appearances=4),
    )
    answer = request_once("result_lines", dates=[MONDAY])
    assert answer.select("player_id", "hits", "has_pitched").rows() == [
        (9, None, True),
        (8, 0, False),
        (7, 2, False),
    ]


def test_result_forecasts(request_once, merge):
    made = {"game_pk": 1, "target": "home_win", "made_at": game(1)["scheduled_start"], "distribution": "[1]"}
    merge(
        "forecasts",
        row("forecasts", forecast_id="a", **made),
        row("forecasts", forecast_id="b", **made),
        row("forecasts", forecast_id="c", **made | {"is_challenger": True}),
        row("forecasts", forecast_id="d", **made | {"game_pk": 2}),
    )
    merge("grades", *(row("grades", forecast_id=name, actual=1, log_loss=0.5) for name in "acd"))
    answer = request_once("result_forecasts", first=MONDAY, last=FRIDAY, games=[1])
    assert answer.select("game_pk", "target", "actual", "log_loss").rows() == [(1, "home_win", 1, 0.5)]


def test_outlook(request_once, merge):
    starters = {"home_probable_pitcher_id": 7, "away_probable_pitcher_id": None}
    start = game(1, FRIDAY)["scheduled_start"]
    merge(
        "games_historical",
        game(1, FRIDAY, status="Preview", **starters | {"away_probable_pitcher_id": 8}),
        game(2, FRIDAY, status="Preview", **starters | {"scheduled_start": start - timedelta(hours=3)}),
        game(3, FRIDAY, status="Other", **starters),
        game(4, TUESDAY, status="Preview", **starters),
    )
    slot = {"game_pk": 1, "game_date": FRIDAY, "batting_slot": 1, "sequence": 0, "is_confirmed": True}
    merge(
        "lineups_historical",
        row("lineups_historical", **slot | {"team_id": 10, "player_id": 1}),
        row("lineups_historical", **slot | {"team_id": 10, "player_id": 2}),
        row("lineups_historical", **slot | {"team_id": 20, "player_id": 3, "is_confirmed": False}),
        row("lineups_historical", **slot | {"game_pk": 3, "team_id": 10, "player_id": 4}),
    )
    assert request_once("outlook", day=FRIDAY).rows() == [(2, start - timedelta(hours=3), 3, 1)]
    assert request_once("outlook", day=MONDAY).rows() == [(0, None, 0, 0)]


def test_day_games(request_once, merge, warehouse):
    for name in ("team_stats_historical", "statcast_pitches"):
        warehouse.ensure_table(get_table(name))
    merge(
        "games_historical",
        game(1),
        game(2, TUESDAY, status="Other", detailed_state="Postponed: Rain", completed_date=None),
    )
    merge("plate_appearances", *plays(1, 3))
    merge("player_stats_historical", line(1, 7), line(1, 8))
    start = game(1)["scheduled_start"]
    late, early = (
        {"forecast_id": str(n), "game_pk": 1, "made_at": start - n * timedelta(hours=1)} for n in (0, 1)
    )
    merge("forecasts", row("forecasts", **late))
    answer = request_once("day_games", first=MONDAY, last=TUESDAY)
    columns = ("game_pk", "completed_date", "is_called_off", "players", "plays", "pitches", "in_time")
    assert answer.select(columns).rows() == [
        (1, MONDAY, False, 2, 3, 0, False),
        (2, None, True, 0, 0, 0, False),
    ]
    merge("forecasts", row("forecasts", **early))
    assert request_once("day_games", first=MONDAY, last=MONDAY)["in_time"].to_list() == [True]


def test_day_rows(request_once, merge, warehouse):
    days = count_days(warehouse, [MONDAY])
    assert not any(days.rows.values())
    merge("rosters_historical", *(row("rosters_historical", roster_date=MONDAY, player_id=n) for n in (1, 2)))
    merge("umpire_states", row("umpire_states", as_of=TUESDAY))
    answer = request_once("day_rows", first=MONDAY, last=FRIDAY)
    assert answer.rows() == [("rosters_historical", MONDAY, 2), ("umpire_states", TUESDAY, 1)]


def test_grades_due(request_once, merge):
    made = {"target": "home_win", "made_at": game(1)["scheduled_start"] - timedelta(hours=1)}
    merge("games_historical", game(1), game(2, status="Preview"))
    merge("player_stats_historical", line(1, 7))
    merge("forecasts", *(row("forecasts", forecast_id=str(pk), game_pk=pk, **made) for pk in (1, 2)))
    assert request_once("grades_due", dates=[MONDAY]).rows() == [(MONDAY, 1)]


def test_objective_scores(request_once, merge):
    scores = [("a", 0.6, 1, 0.16), ("b", 0.6, 0, 0.36), ("c", 0.5, 1, 0.25)]
    merge(
        "grades",
        *(
            row("grades", forecast_id=name, target="home_win", mean=mean, actual=actual, squared_error=error)
            for name, mean, actual, error in scores
        ),
        row("grades", forecast_id="d", target="batter_hits", mean=0.6, actual=1, squared_error=9.0),
    )
    forecasts, won, brier = request_once("objective_scores", first=MONDAY, last=MONDAY).row(0)
    assert (forecasts, won, brier) == (3, 1, pytest.approx(0.77 / 3))


def test_every_question_is_tested():
    requested = Path(__file__).read_text()
    assert all(f"def test_{path.stem}(" in requested for path in SQL.glob("*.sql"))
