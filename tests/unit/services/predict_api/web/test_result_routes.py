"""Results beside forecasts, for programs: one game, a day, a player's last games and the record, as CSV too."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.predict_api.app import create_app
from shared.modeling import registry
from shared.storage import snapshot
from shared.storage.snapshot import Snapshot
from tests.fakes import InMemoryObjectStore
from tests.unit.services.predict_api import release_store
from tests.unit.services.predict_api.release_store import (
    AS_OF,
    BOS_BATTERS,
    BOS_STARTER,
    DOUBLEHEADER_DAY,
    NOW,
    NYY_BATTERS,
    TOMORROW,
)
from tests.unit.services.predict_api.result_day import lines, result, scored, store_results, store_season

GAME = {"home_team": "NYY", "away_team": "BOS", "game_date": str(TOMORROW)}
LATER = NOW + timedelta(days=1)


@pytest.fixture
def stored() -> InMemoryObjectStore:
    """A store whose release forecast its next days, and its later releases."""
    objects = InMemoryObjectStore()
    release_store.fill(objects)
    create_app(objects, lambda: NOW).test_client().get("/readyz")
    return objects


def release_of(objects: InMemoryObjectStore, as_of: Any, run_id: str, now: Any) -> FlaskClient:
    """Publish a release that knows a day, and return a client of it."""
    name = snapshot.save_snapshot(Snapshot(as_of, run_id, release_store.tables()), objects)
    registry.publish_release(objects, snapshot=name, models=None, run_id=run_id, now=now, reason="test")
    return create_app(objects, lambda: now).test_client()


@pytest.fixture
def after(stored: InMemoryObjectStore) -> FlaskClient:
    """A client that knows the first day and its results."""
    store_results(stored, TOMORROW)
    return release_of(stored, TOMORROW, "run-2", LATER)


def rows_of(answer: Any) -> list[dict[str, str]]:
    assert answer.content_type == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_game_that_is_over_has_result_forecast_and_players(after: FlaskClient) -> None:
    game = after.get("/games/1").json
    assert (game["game_date"], game["home_team"], game["away_team"]) == (str(TOMORROW), "NYY", "BOS")
    assert game["result"] == {
        "state": "final", "detailed_state": "Final", "game_date": str(TOMORROW), "home_score": 5, "away_score": 3,
        "innings": 9, "favourite_won": True, "p_actual": 0.6, "log_loss": 0.5108,
    }  # fmt: skip
    assert game["forecast"]["result"] == game["result"]
    batter, starter = game["players"]
    assert (batter["name"], batter["team"], batter["plate_appearances"]) == ("Player 1101", "BOS", 4)
    assert batter["batting"]["hits"] == {
        "actual": 2, "mean": 1.1, "interval_80": [0, 2], "hit": True, "p_actual": 0.6
    }  # fmt: skip
    assert batter["batting"]["home_runs"] == {
        "actual": 0, "mean": None, "interval_80": None, "hit": None, "p_actual": None
    }  # fmt: skip
    assert starter["pitching"]["strikeouts"]["actual"] == 6


def test_game_ahead_has_its_forecast_and_no_result(after: FlaskClient) -> None:
    game = after.get("/games/2").json
    assert (game["result"], game["players"]) == (None, [])
    assert game["forecast"]["game_pk"] == 2
    assert [one["release"] for one in game["versions"]] == ["000001", "000002"]


def test_superseded_forecasts_are_listed_in_order(stored: InMemoryObjectStore) -> None:
    refresh, late = NOW + timedelta(hours=1), NOW + timedelta(hours=9)
    release_of(stored, AS_OF, "lineups-1", refresh).get("/readyz")
    release_of(stored, AS_OF, "lineups-2", late).get("/readyz")
    store_results(stored, TOMORROW)
    game = release_of(stored, TOMORROW, "run-2", LATER).get("/games/1").json
    found = [(one["release"], one["made_before_start"]) for one in game["versions"]]
    assert found == [("000001", True), ("000002", True), ("000003", False)]
    assert game["forecast"]["release"] == "000002"


def test_postponed_game_has_the_forecasts_of_both_days(stored: InMemoryObjectStore) -> None:
    moved = {"game_date": DOUBLEHEADER_DAY, "original_date": TOMORROW}
    store_results(
        stored, TOMORROW, games=(result(TOMORROW, state="postponed", **moved),), lines=(), forecasts=()
    )
    store_results(stored, DOUBLEHEADER_DAY, games=(result(DOUBLEHEADER_DAY, **moved),))
    game = release_of(stored, DOUBLEHEADER_DAY, "run-2", LATER + timedelta(days=1)).get("/games/1").json
    assert (game["game_date"], game["result"]["state"]) == (str(DOUBLEHEADER_DAY), "final")
    assert [one["release"] for one in game["versions"]] == ["000001"]
    assert game["forecast"]["game_date"] == str(TOMORROW)


def test_game_that_was_not_forecast_has_its_result(stored: InMemoryObjectStore) -> None:
    store_results(stored, AS_OF, games=(result(AS_OF, 77),), lines=lines(77), forecasts=())
    game = create_app(stored, lambda: NOW).test_client().get("/games/77").json
    assert (game["forecast"], game["versions"], game["result"]["favourite_won"]) == (None, [], None)
    assert len(game["players"]) == 2


@pytest.mark.parametrize(
    ("path", "status", "title"),
    [
        ("/games/77", 404, "unknown game"),
        (f"/games/77?date={TOMORROW}", 404, "unknown game"),
        ("/games/none", 422, "invalid request"),
        ("/games/1?date=soon", 422, "invalid request"),
        ("/results", 422, "invalid request"),
        (f"/results?date={TOMORROW}&format=xml", 422, "invalid request"),
        (f"/results?date={DOUBLEHEADER_DAY}", 409, "not played yet"),
        (f"/results?date={AS_OF}", 404, "no game on that day"),
        ("/track-record?format=pdf", 422, "invalid request"),
    ],
)
def test_what_is_not_there_is_a_problem(after: FlaskClient, path: str, status: int, title: str) -> None:
    answer = after.get(path)
    assert (answer.status_code, answer.json["title"]) == (status, title)


def test_game_that_is_old_is_found_by_its_day(after: FlaskClient, stored: InMemoryObjectStore) -> None:
    day = TOMORROW - timedelta(days=900)
    store_results(stored, day, games=(result(day, 99),), lines=(), forecasts=())
    assert after.get("/games/99").status_code == 404
    assert after.get(f"/games/99?date={day}").json["result"]["home_score"] == 5


def test_results_of_a_day(after: FlaskClient) -> None:
    answer = after.get(f"/results?date={TOMORROW}").json
    assert [(one["game_pk"], one["state"], one["home_score"]) for one in answer["games"]] == [(1, "final", 5)]
    win, hits = answer["forecasts"]
    assert (win["target"], win["player_id"], win["hit"], win["actual"]) == ("home_win", None, True, 1)
    assert (hits["target"], hits["name"], hits["interval_80"]) == ("batter_hits", "Player 1101", [0, 2])


@pytest.mark.parametrize(
    ("query", "headers"), [("&format=csv", {}), ("", {"Accept": "text/csv"})], ids=["format", "accept"]
)
def test_results_are_given_as_csv(after: FlaskClient, query: str, headers: dict[str, str]) -> None:
    win, hits = rows_of(after.get(f"/results?date={TOMORROW}{query}", headers=headers))
    assert (win["away_team"], win["home_score"], win["target"], win["hit"]) == (
        "BOS",
        "5",
        "home_win",
        "true",
    )
    assert (hits["name"], hits["low_80"], hits["high_80"], hits["actual"]) == ("Player 1101", "0", "2", "2")


def test_game_without_forecast_has_a_row_of_its_own(stored: InMemoryObjectStore) -> None:
    store_results(stored, AS_OF, games=(result(AS_OF, 77, state="cancelled"),), lines=(), forecasts=())
    client = create_app(stored, lambda: NOW).test_client()
    (row,) = rows_of(client.get(f"/results?date={AS_OF}&format=csv"))
    assert (row["game_pk"], row["state"], row["target"]) == ("77", "cancelled", "")


def test_forecast_of_a_past_game_has_its_result(after: FlaskClient) -> None:
    assert after.post("/predict/game", json=GAME).json["result"]["home_score"] == 5


def test_forecast_of_a_past_player_has_what_they_did(after: FlaskClient) -> None:
    asked = {"player_id": BOS_BATTERS[0], "game_date": str(TOMORROW), "stats": ["hits"]}
    answer = after.post("/predict/player", json=asked).json
    assert (answer["predictions"]["hits"]["actual"], answer["predictions"]["hits"]["hit"]) == (2, True)
    assert answer["result"]["state"] == "final"


def test_player_who_did_not_take_part_has_no_actual(after: FlaskClient) -> None:
    asked = {"player_id": NYY_BATTERS[0], "game_date": str(TOMORROW)}
    answer = after.post("/predict/player", json=asked).json
    assert "actual" not in answer["predictions"]["hits"]
    assert answer["result"]["state"] == "final"


def test_slate_of_a_past_day_has_results(after: FlaskClient) -> None:
    slate = after.get(f"/slate/{TOMORROW}").json
    assert [game["result"]["home_score"] for game in slate["games"]] == [5]
    assert slate["unforecast"] == []


def test_slate_of_a_day_that_was_not_forecast_has_its_games(stored: InMemoryObjectStore) -> None:
    store_results(stored, AS_OF, games=(result(AS_OF, 77),), lines=(), forecasts=())
    slate = create_app(stored, lambda: NOW).test_client().get(f"/slate/{AS_OF}").json
    assert (slate["kind"], slate["games"]) == ("games", [])
    assert [one["game_pk"] for one in slate["unforecast"]] == [77]


def test_answers_of_games_ahead_have_no_result(after: FlaskClient) -> None:
    games = after.get(f"/slate/{DOUBLEHEADER_DAY}").json["games"]
    assert [one.get("result") for one in games] == [None, None]


def test_player_has_their_last_games_beside_the_forecasts(after: FlaskClient) -> None:
    (game,) = after.get(f"/players/{BOS_BATTERS[0]}").json["last_games"]
    assert (game["game_pk"], game["game_date"], game["opponent"]) == (1, str(TOMORROW), "NYY")
    assert game["statistics"]["hits"]["mean"] == 1.1
    (start,) = after.get(f"/players/{BOS_STARTER}").json["last_games"]
    assert set(start["statistics"]) == {"strikeouts"}


def test_correction_is_answered_within_a_minute(
    after: FlaskClient, stored: InMemoryObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert after.get("/games/1").json["result"]["home_score"] == 5
    store_results(
        stored,
        TOMORROW,
        games=(result(TOMORROW, home_score=2),),
        forecasts=(scored("home_win", 0, hit=False),),
    )
    assert after.get("/games/1").json["result"]["home_score"] == 5
    monkeypatch.setattr("services.predict_api.serving.day_cache.RECHECK_INTERVAL", 0.0)
    found = after.get("/games/1").json["result"]
    assert (found["home_score"], found["favourite_won"]) == (2, False)


def test_day_is_read_once_for_many_requests(
    after: FlaskClient, stored: InMemoryObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    after.get("/games/1")
    monkeypatch.setattr(stored, "read_bytes", lambda name: pytest.fail(f"{name} was read again"))
    assert after.get("/games/1").status_code == 200
    assert after.get(f"/results?date={TOMORROW}").status_code == 200
    assert after.post("/predict/game", json=GAME).status_code == 200


def test_record_has_its_windows(stored: InMemoryObjectStore) -> None:
    store_season(stored, AS_OF, 40)
    windows = create_app(stored, lambda: NOW).test_client().get("/track-record").json["windows"]
    found = {one["name"]: (one["favourites_won"], one["favourites"], one["days"]) for one in windows}
    assert found == {
        "day": (1, 1, 1), "7_days": (7, 7, 7), "14_days": (14, 14, 14), "30_days": (30, 30, 30),
        "season": (40, 40, 40),
    }  # fmt: skip
    hits, wins = windows[1]["targets"]
    assert (hits["target"], hits["mean_miss"], hits["decided"], hits["hits"]) == ("batter_hits", 0.5, 63, 56)
    assert wins["guess_log_loss"] is not None


def test_record_is_given_as_csv(stored: InMemoryObjectStore) -> None:
    store_season(stored, AS_OF, 10)
    client = create_app(stored, lambda: NOW).test_client()
    rows = rows_of(client.get("/track-record?format=csv"))
    found = [(row["window"], row["target"], row["hits"]) for row in rows if not row["variant"]]
    assert found[:3] == [
        ("day", "batter_hits", "8"),
        ("day", "home_win", "1"),
        ("7_days", "batter_hits", "56"),
    ]


def test_empty_record_has_empty_windows(stored: InMemoryObjectStore) -> None:
    windows = create_app(stored, lambda: NOW).test_client().get("/track-record").json["windows"]
    assert [(one["days"], one["targets"]) for one in windows] == [(0, [])] * 5
