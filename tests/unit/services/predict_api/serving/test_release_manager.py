"""One release at a time: loaded whole, swapped at once, kept where the new one is broken; forecasts journaled."""

from datetime import timedelta

import msgspec
import pytest
from flask.testing import FlaskClient

from services.predict_api.app import create_app
from services.predict_api.serving import forecaster
from services.predict_api.serving.forecast_log import ForecastLog
from services.predict_api.serving.release_manager import ReleaseManager
from shared.errors import StoreUnavailable
from shared.messaging.envelope import Message, event_attributes, push_body
from shared.messaging.events import Event, ModelDeployed, Ticked
from shared.storage.forecast_objects import load_day_forecasts, load_forecast_rows
from tests.fakes import InMemoryObjectStore
from tests.unit.services.predict_api.release_store import (
    AS_OF,
    BOS_BATTERS,
    DOUBLEHEADER_DAY,
    FORMS,
    NOW,
    NYY_BATTERS,
    NYY_STARTER,
    TOMORROW,
    fill,
    flag_codes,
)

GAME = {"home_team": "NYY", "away_team": "BOS", "game_date": str(TOMORROW)}


class FullDisk(InMemoryObjectStore):
    """A store whose disk may be full."""

    is_full = False

    def create_if_absent(self, name: str, data: bytes) -> bool:
        if self.is_full:
            raise StoreUnavailable("no space left on device")
        return super().create_if_absent(name, data)


def result(event: Event) -> bytes:
    return push_body(Message(event.model_dump_json().encode(), event_attributes(event), "1", NOW), "s", 1)


def pushed() -> bytes:
    event = ModelDeployed(run_id="run-2", occurred_at=NOW, release="release/pointer/000002.json", models=())
    message = Message(event.model_dump_json().encode(), event_attributes(event), "1", NOW)
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
    assert client.get("/health").json == {"status": "alive", "world": None, "release": None, "degraded": []}


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
    objects.overwrite(release.models["home_win"].object, b"not a model")
    assert push(client) == 200
    assert home_win(client) == before


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{}", "expected a Pub/Sub push body"),
        (b"", "expected a Pub/Sub push body"),
        (b'{"message": ' * 5_000, "expected a Pub/Sub push body"),
        (b'{"x": ' + b"[" * 30_000, "expected a Pub/Sub push body"),
        (push_body(Message(b"{}", {"topic": "games.won"}, "1", NOW), "s", 1), "expected a topic among"),
        (push_body(Message(b"{}", {"topic": "model.deployed"}, "1", NOW), "s", 1), "model.deployed: "),
        (push_body(Message(b"[" * 9_000, {"topic": "model.deployed"}, "1", NOW), "s", 1), "model.deployed: "),
        (result(Ticked(run_id="r", occurred_at=NOW, trigger="manual")), "expected features.created or model"),
    ],
    ids=range(8),
)
def test_a_push_of_nothing_known_is_refused_with_the_reason_and_no_error(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, body: bytes, reason: str
) -> None:
    answer = client.post("/events", data=body)
    assert (answer.status_code, answer.text[: len(reason)]) == (400, reason)
    assert not caplog.records


def test_a_slate_forecasts_every_game(client: FlaskClient) -> None:
    games = client.get(f"/slate/{TOMORROW + timedelta(days=1)}").json["games"]
    assert [game["game_number"] for game in games] == [1, 2]


def test_a_slate_is_stored_with_its_players(objects: InMemoryObjectStore, client: FlaskClient) -> None:
    client.get(f"/slate/{TOMORROW}")
    targets = [row["target"] for row in load_forecast_rows(objects, TOMORROW)]
    assert (targets.count("home_win"), targets.count("batter_hits"), targets.count("pitcher_strikeouts")) == (
        1,
        18,
        2,
    )


def test_the_same_forecast_is_stored_once(objects: InMemoryObjectStore, client: FlaskClient) -> None:
    for _ in range(3):
        home_win(client)
        push(client)
    assert len(objects.list_names(f"forecasts/{TOMORROW}/")) == 1


def test_a_release_is_stored_before_it_is_served(objects: InMemoryObjectStore) -> None:
    served_when_stored = []
    shelf = ReleaseManager(
        objects, store_forecasts=lambda new: served_when_stored.append((new.release.id, shelf._served))
    )
    shelf.require_forecaster()
    assert served_when_stored == [("000001", None)]


def test_a_day_is_stored_before_its_first_answer_is_given(
    objects: InMemoryObjectStore, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecaster, "PRECOMPUTED_DAYS", 1)
    answer = client.get(f"/slate/{DOUBLEHEADER_DAY}").json
    (day,) = load_day_forecasts(objects, DOUBLEHEADER_DAY)
    assert [msgspec.json.decode(game) for game in day.games] == answer["games"]


def test_what_is_stored_of_a_day_is_what_is_answered(
    objects: InMemoryObjectStore, client: FlaskClient
) -> None:
    requested = {"player_id": BOS_BATTERS[0], "game_date": str(TOMORROW)}
    game, player = client.post("/predict/game", json=GAME), client.post("/predict/player", json=requested)
    (day,) = load_day_forecasts(objects, TOMORROW)
    assert bytes(day.games[0]) == game.data
    assert player.data in list(map(bytes, day.players))
    assert (day.release_id, day.made_at, day.stored_at) == ("000001", NOW, NOW)


def test_two_workers_store_a_day_once(objects: InMemoryObjectStore) -> None:
    for _ in range(2):
        create_app(objects, lambda: NOW).test_client().get("/readyz")
    assert objects.list_names("forecasts/") == [
        f"forecasts/{day}/release-000001.json.zst" for day in (TOMORROW, DOUBLEHEADER_DAY)
    ]


def test_a_newer_release_leaves_the_forecasts_before_it(
    objects: InMemoryObjectStore, client: FlaskClient
) -> None:
    client.get("/readyz")
    before = load_day_forecasts(objects, TOMORROW)
    fill(objects, "run-2", shift=0.5)
    push(client)
    assert load_day_forecasts(objects, TOMORROW)[:1] == before
    assert [day.release_id for day in load_day_forecasts(objects, TOMORROW)] == ["000001", "000002"]


def test_what_if_questions_are_not_stored(objects: InMemoryObjectStore, client: FlaskClient) -> None:
    client.post("/predict/game", json={**GAME, "starting_pitchers": {"home": NYY_BATTERS[0]}})
    (day,) = load_day_forecasts(objects, TOMORROW)
    stored = [msgspec.json.decode(game)["starting_pitchers"]["home"]["player_id"] for game in day.games]
    assert stored == [NYY_STARTER]


def test_a_known_day_is_answered_as_it_was_forecast(
    objects: InMemoryObjectStore, client: FlaskClient
) -> None:
    row = {
        "target": "home_win", "is_challenger": False, "home_team_id": 147, "away_team_id": 111, "game_number": 1,
        "game_pk": 9, "game_date": str(AS_OF), "mean": 0.61, "model_version": "0.9.0", "release_id": "000000",
        "as_of": "2026-04-30", "made_at": "2026-05-01T12:00:00Z", "flags": "[]", "forecast_id": "x",
    }  # fmt: skip
    objects.write_once(f"forecasts/{AS_OF}/earlier-000001.jsonl", msgspec.json.encode(row))
    answer = client.post("/predict/game", json={**GAME, "game_date": str(AS_OF)}).json
    assert answer["predictions"]["home_win_probability"] == 0.61
    assert (answer["as_of"], flag_codes(answer)) == ("2026-04-30", ["STORED_FORECAST", "STORED_IN_PART"])


def test_a_full_disk_stops_no_answer_and_forecasts_are_stored_later() -> None:
    objects = FullDisk()
    fill(objects)
    journal = ForecastLog(objects, lambda: NOW)
    objects.is_full = True
    served = ReleaseManager(objects, store_forecasts=journal.store_next_days).require_forecaster()
    assert served.release.id == "000001"
    journal.flush_unstored()
    assert journal.unstored_days == (TOMORROW, DOUBLEHEADER_DAY)
    objects.is_full = False
    journal.flush_unstored()
    assert journal.unstored_days == ()
    assert len(objects.list_names("forecasts/")) == 2


def test_a_target_without_a_model_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(FORMS, "home_win")
    objects = InMemoryObjectStore()
    fill(objects)
    answer = create_app(objects, lambda: NOW).test_client().post("/predict/game", json=GAME)
    assert (answer.status_code, answer.json["target"]) == (503, "home_win")
