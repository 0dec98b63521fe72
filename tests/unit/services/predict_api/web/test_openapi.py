"""The OpenAPI document speaks of what is there, and answers are what it says."""

from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient

from services.predict_api.app import create_app
from services.predict_api.pages.routes import PAGE_ROUTES
from services.predict_api.schemas import requests, responses
from services.predict_api.web.openapi import ENDPOINTS, build_document
from tests.fakes import InMemoryObjectStore
from tests.unit.services.predict_api.release_store import AS_OF, BOS_BATTERS, DOUBLEHEADER_DAY, NOW, TOMORROW
from tests.unit.services.predict_api.result_day import store_results

UNTOLD = {"/events", "/openapi.json", "/static/<path:filename>", "/static/report.css"}
GAME = {"home_team": "NYY", "away_team": "BOS", "game_date": str(TOMORROW)}
PLAYER = {"player_id": BOS_BATTERS[0], "game_date": str(TOMORROW), "lines": {"hits": 1}}
QUESTIONS = {
    "/predict": GAME,
    "/predict/game": GAME,
    "/predict/player": PLAYER,
    "/predict/batch": {"questions": [GAME, PLAYER, {**GAME, "home_team": "nobody"}]},
}
PLACES = {
    "/slate/{day}": f"/slate/{DOUBLEHEADER_DAY}",
    "/players": "/players?q=player",
    "/players/{player_id}": "/players/1101",
    "/games/{game_pk}": "/games/1",
    "/results": f"/results?date={AS_OF}",
    "/daily-reports/{morning}": "/daily-reports/latest",
}


def test_every_route_is_described() -> None:
    app = create_app(InMemoryObjectStore(), lambda: NOW)
    rules = {rule.rule.replace("<", "{").replace(">", "}") for rule in app.url_map.iter_rules()}
    untold = {rule.replace("<", "{").replace(">", "}") for rule in UNTOLD | set(PAGE_ROUTES)}
    assert rules - untold == {endpoint.path for endpoint in ENDPOINTS}


def test_no_two_shapes_have_one_name() -> None:
    requested = {name for name in vars(requests) if isinstance(getattr(requests, name), type)}
    result = {name for name in vars(responses) if isinstance(getattr(responses, name), type)}
    assert not {
        name for name in requested & result if getattr(requests, name) is not getattr(responses, name)
    }


def test_every_reference_leads_somewhere() -> None:
    result = msgspec.json.encode(build_document()).decode()
    wanted = {part.split('"')[0] for part in result.split("#/components/schemas/")[1:]}
    assert wanted <= set(build_document()["components"]["schemas"])


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")
def test_an_answer_has_the_shape_that_is_told(
    client: FlaskClient, objects: InMemoryObjectStore, endpoint: Any
) -> None:
    store_results(objects, AS_OF)
    client.post("/predict/game", json=GAME)
    if endpoint.method == "post":
        answer = client.post(endpoint.path, json=QUESTIONS[endpoint.path])
    else:
        answer = client.get(PLACES.get(endpoint.path, endpoint.path))
    assert answer.status_code == 200
    if not isinstance(endpoint.answer, str):
        assert msgspec.json.decode(answer.data, type=endpoint.answer)


def test_what_is_told_is_all_that_is_told(client: FlaskClient) -> None:
    described = build_document()["components"]["schemas"]["GameAnswer"]["properties"]
    assert set(client.post("/predict/game", json=GAME).json) <= set(described)
