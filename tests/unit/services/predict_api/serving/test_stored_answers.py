"""A day that is already known is answered with all that was stored before it, and with nothing else."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient

from services.predict_api.app import create_app
from services.predict_api.mlb.quality_flags import FLAG_TEXTS, QualityFlag
from services.predict_api.serving.stored_format import stored_flags
from shared.modeling import registry
from shared.storage import snapshot
from shared.storage.forecast_objects import decode_forecasts, encode_forecasts, parse_forecast_rows
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
    flag_codes,
)

GAME = {"home_team": "NYY", "away_team": "BOS", "game_date": str(TOMORROW)}
BATTER = {"player_id": BOS_BATTERS[0], "game_date": str(TOMORROW), "lines": {"hits": 1}}
PITCHER = {"player_id": BOS_STARTER, "game_date": str(TOMORROW)}
ADDED = {"flags", "made_at"}  # what a stored answer says besides


def know(objects: InMemoryObjectStore, models: Any) -> FlaskClient:
    """Publish a release that knows the first day and the doubleheader, and return a client of it."""
    later = Snapshot(DOUBLEHEADER_DAY, "run-9", release_store.tables())
    name = snapshot.save_snapshot(later, objects)
    registry.publish_release(
        objects, snapshot=name, models=models, run_id="run-9", now=NOW + timedelta(days=2), reason="test"
    )
    return create_app(objects, lambda: NOW + timedelta(days=2)).test_client()


@pytest.fixture
def before() -> tuple[InMemoryObjectStore, FlaskClient, registry.Release]:
    """A store before its games, a client of it, and its release."""
    objects = InMemoryObjectStore()
    release = release_store.fill(objects)
    return objects, create_app(objects, lambda: NOW).test_client(), release


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/predict/game", GAME),
        ("/predict/game", {**GAME, "reasons": False}),
        ("/predict/player", BATTER),
        ("/predict/player", {**BATTER, "stats": ["hits"], "reasons": False, "opponent": "NYY"}),
        ("/predict/player", PITCHER),
    ],
)
def test_a_stored_forecast_says_all_that_was_answered(before: Any, path: str, asked: dict[str, Any]) -> None:
    objects, client, release = before
    live = client.post(path, json=asked).json
    stored = know(objects, release.models).post(path, json=asked).json
    for answer in (stored, live):
        answer["lines"] = [
            part.pop("line", {}) for part in answer["predictions"].values() if isinstance(part, dict)
        ]
    assert stored.pop("lines") == [pytest.approx(odds, abs=1e-5) for odds in live.pop("lines")]
    assert {name: value for name, value in stored.items() if name not in ADDED} == {
        name: value for name, value in live.items() if name not in ADDED
    }
    assert flag_codes(stored) == ["STORED_FORECAST", *flag_codes(live)]
    assert stored["made_at"] == NOW.isoformat().replace("+00:00", "Z")


def test_a_stored_slate_has_runs_starters_and_reasons(before: Any) -> None:
    objects, client, release = before
    live = client.get(f"/slate/{DOUBLEHEADER_DAY}").json["games"]
    stored = know(objects, release.models).get(f"/slate/{DOUBLEHEADER_DAY}").json["games"]
    assert [game["game_number"] for game in stored] == [1, 2]
    for name in ("runs", "starting_pitchers", "feature_importance", "world", "venue"):
        assert [game[name] for game in stored] == [game[name] for game in live]


def test_a_stored_player_of_a_doubleheader_needs_its_number(before: Any) -> None:
    objects, client, release = before
    client.get(f"/slate/{DOUBLEHEADER_DAY}")
    later = know(objects, release.models)
    asked = {**PITCHER, "game_date": str(DOUBLEHEADER_DAY)}
    assert later.post("/predict/player", json=asked).json["game_numbers"] == [1, 2]
    assert later.post("/predict/player", json={**asked, "game_number": 2}).json["game_pk"] == 3


def test_the_newest_forecast_before_the_game_counts(before: Any) -> None:
    objects, client, release = before
    client.get(f"/slate/{TOMORROW}")
    release_store.fill(objects, "run-2", shift=0.5)
    newest = create_app(objects, lambda: NOW).test_client().post("/predict/game", json=GAME).json
    stored = know(objects, release.models).post("/predict/game", json=GAME).json
    assert stored["release"] == newest["release"] == "000002"
    assert stored["predictions"] == newest["predictions"]


def test_a_forecast_made_after_the_game_began_does_not_count(before: Any) -> None:
    objects, client, _ = before
    in_time = client.post("/predict/game", json=GAME).json
    late = release_store.fill(objects, "run-2", shift=0.5)
    name = snapshot.save_snapshot(Snapshot(AS_OF, "run-3", release_store.tables()), objects)
    after = NOW + timedelta(hours=12)
    registry.publish_release(
        objects, snapshot=name, models=late.models, run_id="run-3", now=after, reason="test"
    )
    create_app(objects, lambda: after).test_client().get(f"/slate/{TOMORROW}")
    stored = know(objects, late.models).post("/predict/game", json=GAME).json
    assert stored["predictions"] == in_time["predictions"]


@pytest.mark.parametrize(
    ("asked", "missing"),
    [
        ({**BATTER, "stats": ["hits"], "lines": {"walks": 0.5}}, "walks"),
        ({**BATTER, "lines": {"outs": 17.5}}, "outs"),
    ],
)
def test_a_line_on_what_was_not_stored_is_reported(before: Any, asked: dict[str, Any], missing: str) -> None:
    objects, client, release = before
    client.get(f"/slate/{TOMORROW}")
    answer = know(objects, release.models).post("/predict/player", json=asked).json
    assert answer["unavailable"] == {missing: "no forecast of it was stored before the game"}


@pytest.mark.parametrize(("path", "asked"), [("/predict/game", GAME), ("/predict/player", BATTER)])
def test_what_was_not_stored_is_refused(before: Any, path: str, asked: dict[str, Any]) -> None:
    objects, _, release = before
    for name in list(objects.list_names("forecasts/")):
        objects.delete(name)
    later = know(objects, release.models)
    answer = later.post(path, json={**asked, "game_date": str(AS_OF - timedelta(days=30))})
    assert (answer.status_code, answer.json["title"]) == (409, "game already played")


def test_a_stored_forecast_cannot_be_asked_for_with_other_players(before: Any) -> None:
    objects, client, release = before
    client.get(f"/slate/{TOMORROW}")
    asked = {**GAME, "starting_pitchers": {"home": NYY_BATTERS[0]}}
    answer = know(objects, release.models).post("/predict/game", json=asked)
    assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, "starting_pitchers")


def test_a_store_of_an_earlier_version_answers_what_it_has(before: Any) -> None:
    objects, client, release = before
    live = {
        "game": client.post("/predict/game", json=GAME).json,
        "player": client.post("/predict/player", json=BATTER).json,
    }
    name = f"forecasts/{TOMORROW}/release-000001.json.zst"
    rows = [msgspec.json.decode(row) for row in parse_forecast_rows(name, objects.read_bytes(name))]
    for name in list(objects.list_names("forecasts/")):
        objects.delete(name)
    older = b"\n".join(msgspec.json.encode({**row, "stored_at": None}) for row in rows)
    objects.overwrite(f"forecasts/{TOMORROW}/console-1-000001.jsonl", older)
    later = know(objects, release.models)
    game, player = (
        later.post(f"/predict/{kind}", json=asked).json
        for kind, asked in (("game", GAME), ("player", BATTER))
    )
    assert flag_codes(game)[:2] == flag_codes(player)[:2] == ["STORED_FORECAST", "STORED_IN_PART"]
    chances = live["game"]["predictions"]["home_win_probability"]
    assert game["predictions"]["home_win_probability"] == pytest.approx(chances)
    for part in ("mean", "interval_80", "line"):
        assert player["predictions"]["hits"][part] == pytest.approx(
            live["player"]["predictions"]["hits"][part]
        )
    assert "runs" not in game
    assert "team" not in player


OLDER_PHRASES = {"LINEUP_PROJECTED": "line-up projected", "FEW_GAMES": "few games"}


def as_stored_before(answer: dict[str, Any]) -> dict[str, Any]:
    """Return a stored answer as versions wrote it that had `base`, `at_least_one` and flags as phrases."""
    older = dict(answer)
    if "baseline" in older:
        older["base"] = older.pop("baseline")
    older["flags"] = [OLDER_PHRASES[flag["code"]] for flag in answer["flags"]]
    for name, one in answer["predictions"].items():
        if isinstance(one, dict) and "p_at_least_one" in one:
            renamed = {"p_at_least_one": "at_least_one", "baseline": "base"}
            older["predictions"][name] = {renamed.get(field, field): value for field, value in one.items()}
    return older


@pytest.mark.parametrize(("path", "asked"), [("/predict/game", GAME), ("/predict/player", BATTER)])
def test_answers_that_an_earlier_version_stored_still_open(
    before: Any, path: str, asked: dict[str, Any]
) -> None:
    objects, client, release = before
    client.post(path, json=asked)
    today = know(objects, release.models).post(path, json=asked).json
    name = f"forecasts/{TOMORROW}/release-000001.json.zst"
    day = decode_forecasts(name, objects.read_bytes(name))
    games, players = (
        tuple(
            msgspec.Raw(msgspec.json.encode(as_stored_before(msgspec.json.decode(answer))))
            for answer in answers
        )
        for answers in (day.games, day.players)
    )
    assert b'"base":' in bytes(games[0])
    assert b'"at_least_one":' in bytes(players[0])
    objects.overwrite(name, encode_forecasts(msgspec.structs.replace(day, games=games, players=players)))
    assert know(objects, release.models).post(path, json=asked).json == today


def test_flags_of_stored_rows_are_read_as_codes_and_as_phrases() -> None:
    codes, phrases = '["LINEUP_PROJECTED","FEW_GAMES"]', '["line-up projected","few games"]'
    assert stored_flags(codes) == stored_flags(phrases) != []
    assert stored_flags(None) == stored_flags('["not a flag of any version"]') == []


def test_every_flag_has_a_label_and_a_sentence() -> None:
    assert set(FLAG_TEXTS) == set(QualityFlag)
    assert all(one.label and one.text.endswith(".") for one in FLAG_TEXTS.values())


def test_a_stored_game_has_its_page(before: Any) -> None:
    objects, client, release = before
    client.get(f"/slate/{TOMORROW}")
    later = know(objects, release.models)
    slate = later.get(f"/day/{TOMORROW}").text
    link = f"/game/1?day={TOMORROW}"
    assert link in slate
    page = later.get(link).text
    for part in (
        "As it was forecast before the game.",
        "Runs of both clubs",
        "<h2>Why</h2>",
        "New York Yankees",
    ):
        assert part in page
    assert later.get("/game/1?day=2026-04-01").status_code == 404
