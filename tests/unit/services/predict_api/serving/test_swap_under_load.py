"""Releases are swapped and rolled back while many ask: no error, and no answer of two releases."""

import threading
from collections import defaultdict

import msgspec

from services.predict_api.app import create_app
from shared.modeling import registry
from tests.fakes import InMemoryObjectStore
from tests.patience import PATIENCE, wait_until
from tests.unit.services.predict_api.release_store import BOS_BATTERS, NOW, TOMORROW, fill
from tests.unit.services.predict_api.serving.test_release_manager import pushed

ASKERS = 4
BREATH = 0.002  # seconds: those who swap must come to their turn
GAME = {"home_team": "NYY", "away_team": "BOS", "game_date": str(TOMORROW)}
PLAYER = {"player_id": BOS_BATTERS[0], "game_date": str(TOMORROW)}


def test_no_answer_mixes_two_releases() -> None:
    objects = InMemoryObjectStore()
    first = fill(objects)
    app = create_app(objects, lambda: NOW)
    done, answers = threading.Event(), []

    def request_once() -> None:
        client, number = app.test_client(), 0
        while not done.wait(BREATH):
            number += 1
            requested = {"questions": [{**PLAYER, "lines": {"hits": number % 50 + 0.25}}, GAME]}
            answers.append(client.post("/predict/batch", json=requested))

    askers = [threading.Thread(target=request_once) for _ in range(ASKERS)]
    for asker in askers:
        asker.start()
    pusher = app.test_client()
    for run in range(3):
        seen = len(answers)
        assert wait_until(lambda seen=seen: len(answers) > seen, PATIENCE)
        fill(objects, f"run-{run}", shift=0.3)
        pusher.post("/events", data=pushed())
        registry.rollback_model(objects, "home_win", first.models["home_win"].version, NOW)
        pusher.post("/events", data=pushed())
    result = len(answers)
    assert wait_until(lambda: len(answers) > result, PATIENCE)
    done.set()
    for asker in askers:
        asker.join()

    assert {answer.status_code for answer in answers} == {200}
    result = [msgspec.json.decode(answer.data)["answers"] for answer in answers]
    versions = defaultdict(set)
    for player, game in result:
        assert player["release"] == game["release"]
        wins = game["predictions"]["home_win_probability"]
        versions[game["release"]].add(
            (game["model_version"], round(wins, 9), player["predictions"]["hits"]["mean"])
        )
    assert len(versions) > 1
    assert all(len(seen) == 1 for seen in versions.values())
