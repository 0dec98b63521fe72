"""What does not fit in a question is told in plain sentences: where, what was expected, what came."""

import json
import re

import pytest
from flask.testing import FlaskClient

from tests.unit.services.predict_api.release_store import BOS_BATTERS, BOS_STARTER, TOMORROW

GAME = {"home_team": "NYY", "away_team": "BOS", "game_date": str(TOMORROW)}
PLAYER = {"player_id": BOS_BATTERS[0], "game_date": str(TOMORROW)}
EITHER = "either player_id or player, and not null"
GAMES: list[tuple[dict[str, object], str, str, str]] = [
    ({"foo": 1}, "foo", "nothing: no field has this name", "1"),
    ({"game_date": "x"}, "game_date", "a date like 2026-04-15", '"x"'),
    ({"game_date": 5}, "game_date", "a date like 2026-04-15", "5"),
    ({"game_number": 9}, "game_number", "a number of at most 3", "9"),
    ({"game_number": "1"}, "game_number", "a whole number", '"1"'),
    ({"home_team": ""}, "home_team", "text of at least 1 letter or a whole number", '""'),
    ({"home_team": None}, "home_team", "text or a whole number", "null"),
    ({"lineups": {"home": [1, 2]}}, "lineups/home", "at least 9", "[1, 2]"),
    ({"lineups": 3}, "lineups", "an object", "3"),
    ({"starting_pitchers": {"home": -1}}, "starting_pitchers/home", "a number above 0", "-1"),
    ({"reasons": "yes"}, "reasons", "true or false", '"yes"'),
]
PLAYERS: list[tuple[dict[str, object], str, str, str]] = [
    ({"player": "x"}, "", EITHER, json.dumps({**PLAYER, "player": "x"}, sort_keys=True)[:80]),
    ({"stats": []}, "stats", "at least 1", "[]"),
    ({"lines": {"hits": "1"}}, "lines/hits", "a number", '"1"'),
    ({"player_id": "1101"}, "player_id", "a whole number", '"1101"'),
]


def single_fault(client: FlaskClient, path: str, body: object) -> tuple[str, str, str]:
    answer = client.post(path, json=body)
    assert answer.status_code == 422
    (fault,) = answer.json["errors"]
    return fault["path"], fault["expected"], fault["got"]


@pytest.mark.parametrize(("change", "path", "expected", "got"), GAMES)
def test_faults_of_a_game(
    client: FlaskClient, change: dict[str, object], path: str, expected: str, got: str
) -> None:
    assert single_fault(client, "/predict/game", GAME | change) == (path, expected, got)


@pytest.mark.parametrize(("change", "path", "expected", "got"), PLAYERS)
def test_faults_of_a_player(
    client: FlaskClient, change: dict[str, object], path: str, expected: str, got: str
) -> None:
    assert single_fault(client, "/predict/player", PLAYER | change) == (path, expected, got)


def test_faults_of_a_batch_are_those_of_each_kind_of_question(client: FlaskClient) -> None:
    requested = [GAME | {"foo": 2}, PLAYER | {"lines": {"hits": -1}}]
    faults = client.post("/predict/batch", json={"questions": requested}).json["errors"]
    assert [(one["path"], one["expected"]) for one in faults] == [
        ("questions/0/foo", "nothing: no field has this name"),
        ("questions/1/lines/hits", "a number of at least 0"),
    ]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"{}", b"3"])
@pytest.mark.parametrize("path", ["/predict/game", "/predict/player", "/predict/batch"])
def test_no_words_of_a_library_leak(client: FlaskClient, path: str, body: bytes) -> None:
    faults = client.post(path, data=body).json["errors"]
    assert faults
    assert not re.search(r"Value error|Input should|permitted|required|after validation|b'", str(faults))


def test_a_statistic_of_another_role_is_told_in_words(client: FlaskClient) -> None:
    requested = {"player_id": BOS_STARTER, "game_date": str(TOMORROW), "stats": ["walks", "hits"]}
    detail = client.post("/predict/player", json=requested).json["detail"]
    assert detail.endswith("in a role for which walks or hits would be forecast")
