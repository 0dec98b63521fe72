"""Routes that look things up."""

import pytest
from flask.testing import FlaskClient

from tests.unit.services.predict_api.release_store import BOS_BATTERS, BOS_STARTER, TOMORROW


def test_a_player_is_found_by_part_of_his_name(client: FlaskClient) -> None:
    players = client.get("/players?q=player 1101").json["players"]
    assert [one["player_id"] for one in players] == [1101]
    assert players[0]["team"] == "BOS"


def test_an_id_nobody_has_finds_nobody(client: FlaskClient) -> None:
    assert client.get(f"/players?q={'9' * 60}").json["players"] == []


@pytest.mark.parametrize(
    "query", ["", "?q=", "?q=%20", "?q=x&limit=0", "?q=x&limit=51", "?q=x&limit=many", f"?q={'x' * 61}"]
)
def test_a_search_for_nothing_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/players{query}").status_code == 422


def test_a_card_names_his_games_and_statistics(client: FlaskClient) -> None:
    card = client.get(f"/players/{BOS_BATTERS[0]}").json
    assert card["games"][0] == {"game_pk": 1, "game_date": str(TOMORROW), "game_number": 1, "home_team": "NYY", "away_team": "BOS"}  # fmt: skip
    assert card["stats"] == ["hits", "home_runs"]


def test_a_pitcher_is_asked_for_strikeouts(client: FlaskClient) -> None:
    assert client.get(f"/players/{BOS_STARTER}").json["stats"] == ["strikeouts"]


@pytest.mark.parametrize(
    ("player", "status"), [("99", 404), ("0", 422), ("-1", 422), ("abc", 422), ("9" * 30, 422), ("１１", 422)]
)
def test_players_nobody_knows_are_refused(client: FlaskClient, player: str, status: int) -> None:
    assert client.get(f"/players/{player}").status_code == status


def test_clubs_tell_every_name(client: FlaskClient) -> None:
    clubs = {club["abbreviation"]: club["name"] for club in client.get("/teams").json["teams"]}
    assert clubs == {"BOS": "Boston Red Sox", "NYY": "New York Yankees"}


def test_models_tell_how_they_did(client: FlaskClient) -> None:
    models = {one["target"]: one for one in client.get("/models").json["models"]}
    assert set(models) == {"home_win", "batter_hits", "batter_home_runs", "pitcher_strikeouts"}
    assert models["home_win"]["walk_forward"]["log_loss"] == 0.68


def test_the_record_keeps_promises_apart_from_grades(client: FlaskClient) -> None:
    result = client.get("/track-record").json
    assert [row["target"] for row in result["graded"]] == ["home_win"]
    assert "home_win" in result["walk_forward"]


def test_status_says_how_fresh_in_words(client: FlaskClient) -> None:
    result = client.get("/status").json
    assert (result["state"], result["age_days"], result["messages"]) == (
        "fresh",
        1,
        ["Games up to 2026-05-01 are known."],
    )
