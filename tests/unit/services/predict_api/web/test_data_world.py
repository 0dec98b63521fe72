"""Every answer names the world that its games come from, whichever route gives it."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from services.predict_api.app import create_app
from services.predict_api.web.openapi import build_document
from shared.runtime.data_world import DataWorld, write_world
from shared.storage.daily_reports import save_report
from tests.fakes import InMemoryObjectStore
from tests.unit.services.predict_api.release_store import AS_OF, BOS_BATTERS, NOW, TOMORROW, fill
from tests.unit.services.predict_api.result_day import store_results
from tests.unit.shared.reporting.reports import QUIET

LABEL = "simulated league, seed 7"
GAME = {"home_team": "NYY", "away_team": "BOS", "game_date": str(TOMORROW)}
PLAYER = {"player_id": BOS_BATTERS[0], "game_date": str(TOMORROW)}
BODIES = {
    "/predict": GAME,
    "/predict/game": GAME,
    "/predict/player": PLAYER,
    "/predict/batch": {"questions": [GAME, PLAYER]},
}
VALUES = {
    "day": str(TOMORROW),
    "player_id": str(BOS_BATTERS[0]),
    "q": "player",
    "game_pk": "1",
    "date": str(AS_OF),
    "morning": "latest",
}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every method and path of the OpenAPI document."""
    for path, methods in build_document()["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


@pytest.mark.parametrize(("method", "path", "operation"), list(operations()), ids=lambda one: str(one)[:40])
def test_every_route_names_its_world(method: str, path: str, operation: dict[str, Any]) -> None:
    objects = InMemoryObjectStore()
    fill(objects)
    store_results(objects, AS_OF)
    write_world(objects, DataWorld(LABEL))
    save_report(objects, msgspec.structs.replace(QUIET, world=LABEL), "", "")
    client = create_app(objects, lambda: NOW).test_client()
    assert client.get("/readyz").status_code == 200
    query = {one["name"]: VALUES[one["name"]] for one in operation["parameters"] if one["required"]}
    answer = client.open(path.format(**VALUES), method=method, json=BODIES.get(path), query_string=query)
    assert answer.status_code == 200, answer.text
    if answer.is_json:
        assert answer.json["world"] == LABEL
    else:
        assert f'world="{LABEL}"' in answer.text
