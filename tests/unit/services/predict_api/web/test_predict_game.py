"""POST /predict/game: what is answered, and how questions that have no answer are refused."""

import polars as pl
import pytest
from flask.testing import FlaskClient

from services.predict_api.app import create_app
from services.predict_api.problems import UnknownGame
from services.predict_api.serving.directory import Directory
from services.predict_api.serving.what_if import apply_what_if
from shared.modeling import registry
from shared.runtime.data_world import DataWorld, write_world
from shared.storage import snapshot
from shared.storage.snapshot import Snapshot
from tests.fakes import InMemoryObjectStore
from tests.unit.services.predict_api.release_store import (
    AS_OF,
    BOS,
    BOS_BATTERS,
    BOS_STARTER,
    DEBUTANT,
    DOUBLEHEADER_DAY,
    NOBODYS,
    NOW,
    NYY,
    NYY_BATTERS,
    NYY_STARTER,
    TOMORROW,
    flag_codes,
    tables,
)

GAME = {"home_team": "NYY", "away_team": "BOS", "game_date": str(TOMORROW)}


def test_answers_probabilities_that_add_up(client: FlaskClient) -> None:
    chances = client.post("/predict/game", json=GAME).json["predictions"]
    assert chances["home_win_probability"] + chances["away_win_probability"] == pytest.approx(1)
    assert 0.5 < chances["home_win_probability"] < 0.6  # two clubs of strangers: the home edge alone


def test_answer_has_the_fields_that_clients_were_promised(client: FlaskClient) -> None:
    starters = {"home": NYY_STARTER, "away": BOS_STARTER}
    answer = client.post("/predict/game", json={**GAME, "starting_pitchers": starters}).json
    assert {"game_id", "predictions", "confidence", "model_version", "feature_importance"} <= set(answer)
    assert {"home_win_probability", "away_win_probability"} <= set(answer["predictions"])


def test_confidence_is_the_edge_over_a_coin_flip_and_described_so(client: FlaskClient) -> None:
    answer = client.post("/predict/game", json=GAME).json
    chance = answer["predictions"]["home_win_probability"]
    assert answer["confidence"] == pytest.approx(abs(2 * chance - 1), abs=1e-5)
    described = client.get("/openapi.json").json["components"]["schemas"]["GameAnswer"]["properties"]
    assert "|2p - 1|" in described["confidence"]["description"]


def test_names_game_release_and_what_it_knew(client: FlaskClient) -> None:
    answer = client.post("/predict/game", json=GAME).json
    assert answer["game_id"] == f"{TOMORROW}-NYY-BOS"
    assert (answer["as_of"], answer["release"], answer["model_version"]) == ("2026-05-01", "000001", "1.0.0")


def test_names_the_world_it_speaks_of(objects: InMemoryObjectStore) -> None:
    write_world(objects, DataWorld("simulated league, seed 7"))
    client = create_app(objects, lambda: NOW).test_client()
    assert client.post("/predict/game", json=GAME).json["world"] == "simulated league, seed 7"


def test_takes_starters_from_the_schedule(client: FlaskClient) -> None:
    starters = client.post("/predict/game", json=GAME).json["starting_pitchers"]
    assert starters["away"] == {"player_id": BOS_STARTER, "name": f"Player {BOS_STARTER}"}


def test_flags_say_what_limits_a_forecast(client: FlaskClient) -> None:
    assert flag_codes(client.post("/predict/game", json=GAME).json) == ["LINEUP_PROJECTED", "FEW_GAMES"]


def test_a_named_lineup_is_no_projection(client: FlaskClient) -> None:
    batters = list(NYY_BATTERS)
    named = {**GAME, "lineups": {"home": batters, "away": [player - 1000 for player in batters]}}
    assert "LINEUP_PROJECTED" not in flag_codes(client.post("/predict/game", json=named).json)


def test_regular_who_cannot_play_is_flagged_and_only_where_they_would_start(
    objects: InMemoryObjectStore,
) -> None:
    projected = tables()["recent_lineups"]
    replaced = pl.when(pl.col("player_id") == BOS_BATTERS[0]).then(NOBODYS)
    content = tables() | {"recent_lineups": projected.with_columns(in_place_of=replaced)}
    name = snapshot.save_snapshot(Snapshot(AS_OF, "run-2", content), objects)
    registry.publish_release(objects, snapshot=name, models=None, run_id="run-2", now=NOW, reason="test")
    client = create_app(objects, lambda: NOW).test_client()
    assert "REGULAR_ABSENT" in flag_codes(client.post("/predict/game", json=GAME).json)
    named = GAME | {"lineups": {"away": list(BOS_BATTERS)}}
    assert "REGULAR_ABSENT" not in flag_codes(client.post("/predict/game", json=named).json)


def test_a_named_starter_replaces_the_probable_one(client: FlaskClient) -> None:
    named = {**GAME, "starting_pitchers": {"away": DEBUTANT}}
    starters = client.post("/predict/game", json=named).json["starting_pitchers"]
    assert starters["away"]["player_id"] == DEBUTANT


@pytest.mark.parametrize("name", ["yankees", "New York Yankees", 147, "147", " nyy "])
def test_finds_a_club_by_any_name(client: FlaskClient, name: str | int) -> None:
    assert client.post("/predict/game", json={**GAME, "home_team": name}).status_code == 200


def test_an_unknown_club_is_told_its_neighbours(client: FlaskClient) -> None:
    answer = client.post("/predict/game", json={**GAME, "home_team": "Yankes"})
    assert (answer.status_code, answer.json["suggestions"]) == (404, ["New York Yankees"])


def test_a_doubleheader_needs_its_number(client: FlaskClient) -> None:
    day = {**GAME, "game_date": str(DOUBLEHEADER_DAY)}
    assert client.post("/predict/game", json=day).json["game_numbers"] == [1, 2]
    assert client.post("/predict/game", json={**day, "game_number": 2}).json["game_pk"] == 3


def test_a_game_nobody_scheduled_is_not_invented(client: FlaskClient) -> None:
    answer = client.post("/predict/game", json={**GAME, "home_team": "BOS", "away_team": "NYY"})
    assert (answer.status_code, answer.json["suggestions"]) == (404, ["BOS at NYY"])


def test_games_of_other_clubs_are_not_suggested(objects: InMemoryObjectStore) -> None:
    """Five games between clubs that nobody asked about stand beside the one that is meant."""
    content, own = tables(), tables()["schedule"]
    others = [
        own.head(1).with_columns(
            game_pk=pl.lit(50 + n, pl.Int64),
            home_team_id=pl.lit(200 + n, pl.Int64),
            away_team_id=pl.lit(300 + n, pl.Int64),
        )
        for n in range(5)
    ]
    content["schedule"] = pl.concat([own, *others])
    name = snapshot.save_snapshot(Snapshot(AS_OF, "run-2", content), objects)
    directory = Directory(snapshot.load_snapshot(name, objects))
    with pytest.raises(UnknownGame) as unknown:
        directory.find_game(TOMORROW, BOS, NYY, None)
    assert unknown.value.more["suggestions"] == ["BOS at NYY"]


def test_a_day_already_known_is_refused(client: FlaskClient) -> None:
    answer = client.post("/predict/game", json={**GAME, "game_date": "2026-05-01"})
    assert (answer.status_code, answer.json["title"]) == (409, "game already played")


def test_a_pitcher_may_bat_in_the_order_that_is_asked(client: FlaskClient) -> None:
    requested = {
        "starting_pitchers": {"home": NYY_STARTER},
        "lineups": {"home": [*NYY_BATTERS[:8], NYY_STARTER]},
    }
    result = client.post("/predict/game", json={**GAME, **requested}).json
    assert result["starting_pitchers"]["home"]["player_id"] == NYY_STARTER
    assert flag_codes(result) == ["LINEUP_PROJECTED", "FEW_GAMES"]
    assert result["inputs"]["home_lineup"] == "confirmed"


def test_a_named_lineup_keeps_its_catcher() -> None:
    games = pl.DataFrame({"game_pk": [1], "home_team_id": [NYY], "home_probable_pitcher_id": [NYY_STARTER]})
    nobody = pl.DataFrame(
        schema={"team_id": pl.Int64, "player_id": pl.Int64, "is_starting_pitcher": pl.Boolean}
    )
    catcher, other = NYY_BATTERS[4], NYY_BATTERS[0]
    expected = pl.DataFrame(
        {"team_id": [NYY, NYY, BOS], "player_id": [catcher, other, other], "position": ["C", "LF", "C"]}
    )
    _, result = apply_what_if(games, nobody, expected, "home", None, [*NYY_BATTERS[::-1]])
    assert result.filter(pl.col("position") == "C")["player_id"].to_list() == [catcher]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"game_date": "2026-13-01"}, "game_date"),
        ({"home_team": None}, "home_team"),
        ({"starting_pitchers": {"home": -1}}, "starting_pitchers/home"),
        ({"lineups": {"home": [1, 2]}}, "lineups/home"),
        ({"gamedate": "2026-05-02"}, "gamedate"),
        ({"game_number": 10**30}, "game_number"),
    ],
)
def test_faults_name_their_path(client: FlaskClient, change: dict[str, object], path: str) -> None:
    answer = client.post("/predict/game", json={**GAME, **change})
    assert answer.status_code == 422
    assert all(fault["path"].startswith(path) for fault in answer.json["errors"])


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b"NaN", b"[" * 5000])
def test_bodies_that_are_no_question_are_refused(client: FlaskClient, body: bytes) -> None:
    assert client.post("/predict/game", data=body).status_code == 422


def test_a_huge_body_is_refused_unread(client: FlaskClient) -> None:
    assert client.post("/predict/game", data=b" " * 70_000).status_code == 413


def test_errors_are_problem_details(client: FlaskClient) -> None:
    answer = client.get("/no/such/page")
    assert (answer.content_type, answer.json["status"]) == ("application/problem+json", 404)


def test_runs_agree_with_each_other_and_with_who_wins(client: FlaskClient) -> None:
    answer = client.post("/predict/game", json=GAME).json
    runs, predictions = answer["runs"], answer["predictions"]
    margin, lowest = runs["margin"]["chances"], runs["margin"]["lowest"]
    home_wins = sum(chance for by, chance in enumerate(margin, lowest) if by > 0)
    assert home_wins == pytest.approx(predictions["home_win_probability"], abs=1e-3)
    assert margin[-lowest] == pytest.approx(0, abs=1e-6)  # a regular-season game has a winner
    by_two = sum(chance for by, chance in enumerate(margin, lowest) if by >= 2)
    assert runs["run_line"]["home_minus_1_5"] == pytest.approx(by_two, abs=1e-4)
    assert runs["run_line"]["away_plus_1_5"] == pytest.approx(1 - by_two, abs=1e-4)
    assert runs["one_run_game"] == pytest.approx(margin[-lowest - 1] + margin[-lowest + 1], abs=1e-4)
    score = predictions["predicted_score"]
    total = sum(count * chance for count, chance in enumerate(runs["total"]))
    assert score["home"] + score["away"] == pytest.approx(total, abs=0.01)
    assert runs["shutout"] == pytest.approx(runs["home"][0] + runs["away"][0], abs=1e-4)  # never both


def test_total_lines_lie_around_even_chances(client: FlaskClient) -> None:
    runs = client.post("/predict/game", json=GAME).json["runs"]
    lines = runs["total_lines"]
    assert [one["line"] - lines[0]["line"] for one in lines] == [0, 0.5, 1, 1.5, 2]
    for one in lines:
        assert one["over"] == pytest.approx(
            sum(chance for count, chance in enumerate(runs["total"]) if count > one["line"]), abs=1e-4
        )
        assert one["over"] + one["under"] + one["push"] == pytest.approx(1)
    assert 0.4 < lines[2]["over"] < 0.6


def test_first_five_innings_are_a_part_of_the_game(client: FlaskClient) -> None:
    answer = client.post("/predict/game", json=GAME).json
    five, score = answer["runs"]["first_five"], answer["predictions"]["predicted_score"]
    assert five["home_leads"] + five["away_leads"] + five["tied"] == pytest.approx(1)
    assert sum(five["total"]) == pytest.approx(1, abs=1e-4)
    assert 0.5 * score["home"] < five["expected"]["home"] < 0.65 * score["home"]
    assert answer["runs"]["extra_innings"] < five["tied"]
