"""The room's questions against hand-written answers."""

from datetime import date, timedelta

import pytest

from services.features import warehouse
from shared.sports.mlb import game_types
from shared.storage import tables
from tests.unit.services.features.league import NOON, OPENING_DAY, frame, ports

D1, D2, D3 = (OPENING_DAY + timedelta(days=n) for n in range(3))
MICROS = int(NOON.timestamp() * 1_000_000)


def game(game_pk, day, **changes):
    final = {"status": "Final", "completed_date": day, "home_score": 3, "away_score": 2, "game_type": "R"}
    return {"game_pk": game_pk, "game_date": day, "season": 2026} | final | changes


GAMES = [
    game(1, D1, home_team_id=101, away_team_id=102, venue_id=7),
    game(2, D1, completed_date=D3, home_team_id=103, away_team_id=104),
    game(3, D2, status="Live", completed_date=None),
    game(4, D2, game_type="E"),
    game(5, D3, status="Preview", completed_date=None, home_score=None, away_score=None),
    game(6, D2, status="Preview", completed_date=None, home_score=None, away_score=None),
    game(7, D3, status="Other", detailed_state="Postponed", completed_date=None),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    world = ports(tmp_path_factory.mktemp("sql")).warehouse
    nine = {"game_type": "R", "season": 2026, "is_starting_pitcher": False, "position": "SS"}
    rows = {
        "games_historical": GAMES,
        "lineups_historical": [
            nine
            | {
                "game_pk": pk,
                "game_date": day,
                "team_id": 101,
                "player_id": man,
                "sequence": n,
                "batting_slot": 1,
            }
            for pk, day, man, n in ((1, D1, 50, 0), (2, D2, 51, 0), (2, D2, 52, 1))
        ],
        "player_stats_historical": [
            {"game_pk": pk, "game_date": day, "player_id": 50, "team_id": club}
            for pk, day, club in ((1, D1, 101), (2, D2, 102))
        ],
        "people": [{"person_id": 50, "bat_side": "S", "pitch_hand": "R"}, {"person_id": 51}],
        "teams_historical": [{"team_id": 101, "season": year, "name": str(year)} for year in (2025, 2026)],
        "team_stats_historical": [
            {"game_pk": 1, "game_date": D1, "team_id": club, "is_home": club == 101, "hits": club}
            for club in (101, 102)
        ],
        "grades": [
            {"forecast_id": str(n), "target": "home_win", "model_version": "1.0.0", "is_challenger": False}
            | {"log_loss": loss, "squared_error": 0.25, "game_date": D1}
            for n, loss in enumerate((0.6, 0.8))
        ],
    }
    for name, found in rows.items():
        world.merge_rows(tables.get_table(name), frame(name, found))
    yield world
    world.close()


def request_once(store, name, **parameters):
    return warehouse.query_named(store, name, **parameters)


def test_inputs_by_day_known_and_day_played(store):
    found = request_once(store, "day_inputs", game_types=list(game_types.FORECAST))
    assert found.rows() == [(D1, 2, 3, 2 * MICROS), (D3, 1, 2, MICROS)]


def test_finished_games_played_or_known_between(store):
    found = request_once(store, "finished_games", first=D3, last=D3, game_types=list(game_types.FORECAST))
    assert found["game_pk"].to_list() == [2]


def test_schedule_holds_what_is_not_over_and_what_is_called_off(store):
    assert request_once(store, "schedule", as_of=D1)["game_pk"].to_list() == [3, 6, 5, 7]


def test_recent_lineups_are_those_before_a_day_and_of_the_days_from_it_on(store):
    found = request_once(store, "recent_lineups", first=D2, last=D2).select("game_date", "player_id")
    assert found.rows() == [(D1, 50), (D2, 51)]
    assert request_once(store, "recent_lineups", first=D2, last=D1)["player_id"].to_list() == [50]


def test_lineups_leave_out_substitutes(store):
    assert request_once(store, "lineups", first=D1, last=D2, game_pks=[1, 2])["player_id"].to_list() == [
        50,
        51,
    ]


def test_people_have_their_latest_club(store):
    found = request_once(store, "people", as_of=D2).select("person_id", "team_id", "last_seen")
    assert found.rows() == [(50, 102, D2), (51, None, None)]


def test_hands_of_everybody(store):
    assert request_once(store, "hands").rows()[0] == (50, "S", "R")


def test_clubs_as_of_their_latest_season(store):
    assert request_once(store, "clubs").select("team_id", "name").rows() == [(101, "2026")]


def test_club_games_take_runs_from_the_score(store):
    found = request_once(store, "club_games", first=D1, last=D1, game_types=["R"])
    assert found.select("team_id", "runs_for", "runs_against").rows() == [(101, 3, 2), (102, 2, 3)]


def test_track_record_averages_losses(store):
    found = request_once(store, "track_record", as_of=D3).select("target", "month", "forecasts", "log_loss")
    assert found.rows() == [("home_win", D1.replace(day=1), 2, pytest.approx(0.7))]


def test_history_ends_before_the_day(store):
    found = request_once(store, "history_games", since=date.min, day=D3, game_types=["R"])
    assert found["game_pk"].to_list() == [1]


def test_states_before_anything_know_nobody(store):
    assert warehouse.states_before(store, D1).as_of == OPENING_DAY - timedelta(days=1)
