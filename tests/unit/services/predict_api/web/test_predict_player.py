"""POST /predict/player: distributions, intervals, lines."""

import pytest
from flask.testing import FlaskClient

from tests.unit.services.predict_api.release_store import (
    BOS_BATTERS,
    BOS_STARTER,
    DEBUTANT,
    DOUBLEHEADER_DAY,
    NOBODYS,
    TOMORROW,
    flag_codes,
)

PITCHER = {"player_id": BOS_STARTER, "game_date": str(TOMORROW), "stats": ["strikeouts"]}
BATTER = {"player_id": BOS_BATTERS[0], "game_date": str(TOMORROW)}


def test_a_distribution_adds_up_to_its_mean(client: FlaskClient) -> None:
    result = client.post("/predict/player", json=PITCHER).json["predictions"]["strikeouts"]
    chances = result["distribution"]
    assert sum(chances) == pytest.approx(1, abs=1e-5)
    assert sum(n * p for n, p in enumerate(chances)) == pytest.approx(result["mean"], abs=0.01)


def test_an_interval_holds_four_of_five(client: FlaskClient) -> None:
    result = client.post("/predict/player", json=PITCHER).json["predictions"]["strikeouts"]
    low, high = result["interval_80"]
    assert sum(result["distribution"][low : high + 1]) >= 0.8


@pytest.mark.parametrize(("line", "pushes"), [(5.5, False), (5, True)])
def test_only_a_whole_line_is_pushed(client: FlaskClient, line: float, pushes: bool) -> None:
    answer = client.post("/predict/player", json={**PITCHER, "lines": {"strikeouts": line}})
    result = answer.json["predictions"]["strikeouts"]["line"]
    assert result["over"] + result["under"] + result["push"] == pytest.approx(1, abs=1e-5)
    assert (result["push"] > 0.01) is pushes


def test_a_batter_is_asked_for_his_own_statistics(client: FlaskClient) -> None:
    answer = client.post("/predict/player", json=BATTER).json
    assert set(answer["predictions"]) == {"hits", "home_runs"}
    assert (answer["team"], answer["opponent"]) == ("BOS", "NYY")


def test_an_unknown_statistic_is_told_the_known_ones(client: FlaskClient) -> None:
    answer = client.post("/predict/player", json={**BATTER, "stats": ["steals"]})
    assert answer.status_code == 422
    assert "home_runs" in answer.json["detail"]


def test_a_batter_has_no_strikeouts_thrown(client: FlaskClient) -> None:
    answer = client.post("/predict/player", json={**BATTER, "stats": ["strikeouts"]})
    assert (answer.status_code, answer.json["title"]) == (404, "not in a line-up")


@pytest.mark.parametrize(("player", "title"), [(99, "unknown player"), (NOBODYS, "player without a club")])
def test_players_without_a_game_are_refused(client: FlaskClient, player: int, title: str) -> None:
    answer = client.post("/predict/player", json={**BATTER, "player_id": player})
    assert (answer.status_code, answer.json["title"]) == (404, title)


def test_an_announced_starter_needs_no_past(client: FlaskClient) -> None:
    debut = {"player_id": DEBUTANT, "game_date": str(DOUBLEHEADER_DAY), "stats": ["strikeouts"]}
    answer = client.post("/predict/player", json=debut).json
    assert (answer["game_pk"], flag_codes(answer)) == (3, ["LINEUP_PROJECTED", "FEW_GAMES"])


def test_an_opponent_he_does_not_meet_is_refused(client: FlaskClient) -> None:
    assert client.post("/predict/player", json={**BATTER, "opponent": "BOS"}).status_code == 404


def test_a_player_may_be_named(client: FlaskClient) -> None:
    named = {"player": "player 1101", "game_date": str(TOMORROW)}
    assert client.post("/predict/player", json=named).json["player_id"] == 1101


def test_a_name_nearly_spelled_is_told_its_neighbours(client: FlaskClient) -> None:
    answer = client.post("/predict/player", json={"player": "Playr 1101", "game_date": str(TOMORROW)})
    assert (answer.status_code, answer.json["suggestions"][0]) == (404, "Player 1101")


@pytest.mark.parametrize("who", [{}, {"player_id": 1101, "player": "Player 1101"}])
def test_exactly_one_player_is_asked_for(client: FlaskClient, who: dict[str, object]) -> None:
    assert client.post("/predict/player", json={**who, "game_date": str(TOMORROW)}).status_code == 422
