"""What-if questions: players who cannot play so are refused with the reason, unusual ones are flagged."""

import pytest
from flask.testing import FlaskClient

from tests.unit.services.predict_api.release_store import (
    BOS_BATTERS,
    BOS_STARTER,
    DEBUTANT,
    NYY_BATTERS,
    NYY_STARTER,
    TOMORROW,
    flag_codes,
)

GAME = {"home_team": "NYY", "away_team": "BOS", "game_date": str(TOMORROW)}
NYY_ORDER, BOS_ORDER = list(NYY_BATTERS), list(BOS_BATTERS)
NOBODY = 1


@pytest.mark.parametrize(
    ("named", "path", "expected"),
    [
        ({"lineups": {"home": [NYY_BATTERS[0]] * 9}}, "lineups/home", "nine different players"),
        (
            {"lineups": {"home": [*NYY_ORDER[:8], NYY_ORDER[0]]}},
            "lineups/home",
            f"{NYY_BATTERS[0]} came more than once",
        ),
        (
            {"starting_pitchers": {"home": DEBUTANT, "away": DEBUTANT}},
            "starting_pitchers/home",
            "on one side only: this one is in the line-up of BOS",
        ),
        (
            {"starting_pitchers": {"home": BOS_STARTER}},
            "starting_pitchers/home",
            "on one side only: this one is in the line-up of BOS",
        ),
        (
            {"lineups": {"home": NYY_ORDER, "away": [*BOS_ORDER[:8], NYY_ORDER[0]]}},
            "lineups/away/8",
            "on one side only: this one is in the line-up of NYY",
        ),
        (
            {"lineups": {"away": [*BOS_ORDER[:8], NYY_ORDER[0]]}},
            "lineups/away/8",
            "on one side only: this one is in the line-up of NYY",
        ),
        (
            {"starting_pitchers": {"away": NYY_ORDER[0]}},
            "starting_pitchers/away",
            "on one side only: this one is in the line-up of NYY",
        ),
        ({"starting_pitchers": {"home": NOBODY}}, "starting_pitchers/home", "a known player"),
        ({"lineups": {"home": [*range(1, 10)]}}, "lineups/home/8", "a known player"),
    ],
)
def test_what_cannot_be_played_is_refused(
    client: FlaskClient, named: dict[str, object], path: str, expected: str
) -> None:
    answer = client.post("/predict/game", json={**GAME, **named})
    assert answer.status_code == 422, answer.json
    faults = {fault["path"]: fault["expected"] for fault in answer.json["errors"]}
    assert expected in faults[path]


@pytest.mark.parametrize(
    ("named", "flag", "caveat"),
    [
        (
            {"starting_pitchers": {"away": BOS_ORDER[0]}},
            "NOT_A_PITCHER",
            f"Player {BOS_ORDER[0]} is listed as CF",
        ),
        (
            {"lineups": {"home": [BOS_ORDER[0], *NYY_ORDER[1:]], "away": [NYY_ORDER[0], *BOS_ORDER[1:]]}},
            "OTHER_CLUB",
            f"Player {BOS_ORDER[0]} last played for BOS, not for NYY.",
        ),
        (
            {
                "starting_pitchers": {"home": DEBUTANT},
                "lineups": {"home": [*NYY_ORDER[:8], NYY_STARTER]},
            },
            "PITCHER_BATS",
            f"Player {NYY_STARTER} is a pitcher",
        ),
    ],
)
def test_what_is_unusual_is_flagged_with_its_reason(
    client: FlaskClient, named: dict[str, object], flag: str, caveat: str
) -> None:
    answer = client.post("/predict/game", json={**GAME, **named})
    assert answer.status_code == 200, answer.json
    assert flag in flag_codes(answer.json)
    assert [one for one in answer.json["caveats"] if caveat in one]


def test_an_ordinary_question_has_no_caveats(client: FlaskClient) -> None:
    named = {"starting_pitchers": {"home": NYY_STARTER}, "lineups": {"home": NYY_ORDER, "away": BOS_ORDER}}
    assert "caveats" not in client.post("/predict/game", json={**GAME, **named}).json


def test_a_line_on_a_statistic_that_a_player_lacks_is_reported(client: FlaskClient) -> None:
    requested = {
        "player_id": BOS_BATTERS[0],
        "game_date": str(TOMORROW),
        "lines": {"outs": 17.5, "hits": 0.5},
    }
    answer = client.post("/predict/player", json=requested).json
    assert answer["unavailable"] == {"outs": "no model of it is released yet"}
    assert "line" in answer["predictions"]["hits"]


def test_a_line_asks_for_its_statistic(client: FlaskClient) -> None:
    requested = {
        "player_id": BOS_BATTERS[0],
        "game_date": str(TOMORROW),
        "stats": ["hits"],
        "lines": {"home_runs": 0.5},
    }
    answer = client.post("/predict/player", json=requested).json
    assert answer["predictions"]["home_runs"]["line"]["line"] == 0.5
