"""One release at a time: loaded whole, swapped at once, kept where the new one is broken; forecasts journaled."""

from datetime import timedelta

import msgspec
import pytest
from flask.testing import FlaskClient

from services.predict_api.app import create_app
from services.predict_api.journal import Journal, stored
from shared.envelope import Message, attributes, push_body
from shared.errors import StoreUnavailable
from shared.events import ModelDeployed
from tests.fakes import InMemoryObjectStore
from tests.unit.predict_api.standing import AS_OF, FORMS, NOW, TOMORROW, fill

GAME = {"home_team": "NYY", "away_team": "BOS", "game_date": str(TOMORROW)}


class FullAtFirst(InMemoryObjectStore):
    """A store whose disk is full for the first write."""

    is_full = True

    def put(self, name: str, data: bytes) -> None:
        if self.is_full:
            self.is_full = False
            raise StoreUnavailable("no space left on device")
        super().put(name, data)


def pushed() -> bytes:
    event = ModelDeployed(run_id="run-2", occurred_at=NOW, release="release/pointer/000002.json", models=())
    message = Message(event.model_dump_json().encode(), attributes(event), "1", NOW)
    return push_body(message, "model.deployed--predict_api", 1)


def push(client: FlaskClient) -> int:
    return client.post("/events", data=pushed()).status_code


def home_win(client: FlaskClient) -> float:
    return client.post("/predict/game", json=GAME).json["predictions"]["home_win_probability"]


def test_is_not_ready_before_a_release() -> None:
    client = create_app(InMemoryObjectStore(), lambda: NOW).test_client()
    assert [client.get(path).status_code for path in ("/healthz", "/readyz", f"/slate/{TOMORROW}")] == [
        200,
        503,
        503,
    ]


def test_is_alive_where_the_front_end_lets_ask() -> None:
    client = create_app(InMemoryObjectStore(), lambda: NOW).test_client()
    assert client.get("/health").json == {"status": "alive"}


def test_an_event_swaps_the_release(objects: InMemoryObjectStore, client: FlaskClient) -> None:
    before = home_win(client)
    fill(objects, "run-2", shift=0.5)
    assert push(client) == 200
    assert home_win(client) > before + 0.1


def test_a_broken_release_leaves_the_old_one_serving(
    objects: InMemoryObjectStore, client: FlaskClient
) -> None:
    before = home_win(client)
    release = fill(objects, "run-2", shift=0.5)
    objects.replace(release.models["home_win"].object, b"not a model")
    assert push(client) == 200
    assert home_win(client) == before


def test_a_body_that_is_no_event_is_acknowledged(client: FlaskClient) -> None:
    assert client.post("/events", data=b"{}").status_code == 200


def test_a_slate_forecasts_every_game(client: FlaskClient) -> None:
    games = client.get(f"/slate/{TOMORROW + timedelta(days=1)}").json["games"]
    assert [game["game_number"] for game in games] == [1, 2]


def test_a_slate_is_stored_with_its_players(objects: InMemoryObjectStore, client: FlaskClient) -> None:
    client.get(f"/slate/{TOMORROW}")
    push(client)  # an event writes the journal before it looks at the pointer
    targets = [row["target"] for row in stored(objects, str(TOMORROW))]
    assert (targets.count("home_win"), targets.count("batter_hits"), targets.count("pitcher_strikeouts")) == (
        1,
        18,
        2,
    )


def test_the_same_forecast_is_stored_once(objects: InMemoryObjectStore, client: FlaskClient) -> None:
    for _ in range(3):
        home_win(client)
        push(client)
    assert len(stored(objects, str(TOMORROW))) == 1


def test_what_if_questions_are_not_stored(objects: InMemoryObjectStore, client: FlaskClient) -> None:
    client.post("/predict/game", json={**GAME, "starting_pitchers": {"home": 2101}})
    push(client)
    assert stored(objects, str(TOMORROW)) == []


def test_a_known_day_is_answered_as_it_was_forecast(
    objects: InMemoryObjectStore, client: FlaskClient
) -> None:
    row = {
        "target": "home_win", "is_challenger": False, "home_team_id": 147, "away_team_id": 111, "game_number": 1,
        "game_pk": 9, "game_date": str(AS_OF), "mean": 0.61, "model_version": "0.9.0", "release_id": "000000",
        "as_of": "2026-04-30", "made_at": "2026-05-01T12:00:00Z", "flags": "[]", "forecast_id": "x",
    }  # fmt: skip
    objects.put(f"forecasts/{AS_OF}/earlier-000001.jsonl", msgspec.json.encode(row))
    answer = client.post("/predict/game", json={**GAME, "game_date": str(AS_OF)}).json
    assert answer["predictions"]["home_win_probability"] == 0.61
    assert (answer["as_of"], answer["flags"]) == ("2026-04-30", ["stored forecast"])


def test_forecasts_wait_for_a_store_that_fails() -> None:
    journal = Journal(FullAtFirst(), "here")
    journal.record([{"forecast_id": "a", "release_id": "000001", "game_date": TOMORROW}])
    assert [journal.flush(), journal.flush(), journal.flush()] == [0, 1, 0]


def test_a_target_without_a_model_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(FORMS, "home_win")
    objects = InMemoryObjectStore()
    fill(objects)
    answer = create_app(objects, lambda: NOW).test_client().post("/predict/game", json=GAME)
    assert (answer.status_code, answer.json["target"]) == (503, "home_win")
