"""Every console view and every page draws every answer that the API's description allows.

The description says what may be absent or null; of real answers, live, stored, called off and without line-ups,
any of it is taken away.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import msgspec
import polars as pl
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hankstank import terminal
from hankstank.cli import views
from services.predict_api.app import create_app
from services.predict_api.schemas import responses, track_record_responses
from services.predict_api.serving import freshness, track_record
from services.predict_api.serving.predict import PredictionService
from services.predict_api.web import lookup_routes
from services.predict_api.web.openapi import build_document
from shared.modeling import registry
from shared.storage import snapshot
from shared.storage.forecast_objects import parse_forecast_rows
from shared.storage.snapshot import Snapshot
from tests.fakes import InMemoryObjectStore
from tests.unit.services.predict_api import release_store
from tests.unit.services.predict_api.release_store import (
    BOS_BATTERS,
    BOS_STARTER,
    DOUBLEHEADER_DAY,
    NOW,
    TOMORROW,
)

SCHEMAS = build_document()["components"]["schemas"]
CALLED_OFF = TOMORROW + timedelta(days=3)
GAME = {"home_team": "NYY", "away_team": "BOS", "game_date": str(TOMORROW)}
BATTER = {"player_id": BOS_BATTERS[0], "game_date": str(TOMORROW), "lines": {"hits": 1, "outs": 17.5}}
PITCHER = {"player_id": BOS_STARTER, "game_date": str(TOMORROW), "lines": {"strikeouts": 5.5}}
Path = tuple[str | int, ...]


def changed_tables(*, has_lineups: bool) -> dict[str, pl.DataFrame]:
    """Return a snapshot's tables with a game called off, and where wanted without anybody to play."""
    tables = release_store.tables()
    off = release_store.game_row(4, CALLED_OFF, 1) | {"status": "Other", "detailed_state": "Postponed"}
    tables["schedule"] = pl.concat([tables["schedule"], pl.DataFrame([off])])
    if not has_lineups:
        starters = ("home_probable_pitcher_id", "away_probable_pitcher_id")
        tables["schedule"] = tables["schedule"].with_columns(
            pl.lit(None, pl.Int64).alias(one) for one in starters
        )
        tables["recent_lineups"] = tables["recent_lineups"].clear()
    return tables


def released(
    objects: InMemoryObjectStore, as_of: Any, run: str, models: Any, *, has_lineups: bool
) -> FlaskClient:
    kept = Snapshot(as_of, run, changed_tables(has_lineups=has_lineups))
    registry.publish_release(
        objects,
        snapshot=snapshot.save_snapshot(kept, objects),
        models=models,
        run_id=run,
        now=NOW,
        reason="test",
    )
    return create_app(objects, lambda: NOW).test_client()


def as_an_earlier_version_stored(objects: InMemoryObjectStore) -> None:
    """Leave of what is stored the rows alone."""
    for name in list(objects.list_names("forecasts/")):
        rows = parse_forecast_rows(name, objects.read_bytes(name))
        objects.delete(name)
        objects.write_once(name.partition("release-")[0] + "console-1.jsonl", b"\n".join(rows))


def found_answers() -> dict[str, tuple[str, dict[str, Any]]]:
    """Return the kind and JSON of answers by what they are about."""
    objects = InMemoryObjectStore()
    models = release_store.fill(objects).models
    live = released(objects, release_store.AS_OF, "run-2", models, has_lineups=True)
    found = answers_of(live, "live")
    found["called off"] = ("SlateAnswer", live.get(f"/slate/{CALLED_OFF}").json)
    found["not known"] = ("SlateAnswer", live.get("/slate/2026-06-10").json)
    known = released(objects, DOUBLEHEADER_DAY, "run-3", models, has_lineups=True)
    found |= answers_of(known, "stored")
    as_an_earlier_version_stored(objects)
    found |= answers_of(released(objects, DOUBLEHEADER_DAY, "run-4", models, has_lineups=True), "in part")
    unknown = released(objects, release_store.AS_OF, "run-5", models, has_lineups=False)
    found["unknown line-ups game"] = ("GameAnswer", unknown.post("/predict/game", json=GAME).json)
    found["unknown line-ups slate"] = ("SlateAnswer", unknown.get(f"/slate/{DOUBLEHEADER_DAY}").json)
    return found


def answers_of(client: FlaskClient, what: str) -> dict[str, tuple[str, dict[str, Any]]]:
    return {
        f"{what} game": ("GameAnswer", client.post("/predict/game", json=GAME).json),
        f"{what} batter": ("PlayerAnswer", client.post("/predict/player", json=BATTER).json),
        f"{what} pitcher": ("PlayerAnswer", client.post("/predict/player", json=PITCHER).json),
        f"{what} slate": ("SlateAnswer", client.get(f"/slate/{DOUBLEHEADER_DAY}").json),
    }


ANSWERS = found_answers()
OBJECTS = InMemoryObjectStore()
release_store.fill(OBJECTS)
CLIENT = create_app(OBJECTS, lambda: NOW).test_client()
KINDS = {
    "GameAnswer": (
        responses.GameAnswer,
        views.draw_game,
        (PredictionService, "predict_scheduled"),
        "/game/1",
    ),
    "PlayerAnswer": (
        responses.PlayerAnswer,
        views.draw_player,
        (PredictionService, "predict_player"),
        f"/player/{BOS_BATTERS[0]}",
    ),
    "SlateAnswer": (
        responses.SlateAnswer,
        views.draw_slate,
        (PredictionService, "predict_slate"),
        f"/day/{TOMORROW}",
    ),
}
OTHERS = {
    "TrackRecordAnswer": (
        track_record_responses.TrackRecordAnswer,
        (track_record, "build_track_record"),
        "/record",
        "/track-record",
    ),
    "StatusAnswer": (responses.StatusAnswer, (freshness, "build_status"), "/freshness", "/status"),
    "ModelsAnswer": (
        track_record_responses.ModelsAnswer,
        (track_record, "describe_models"),
        "/freshness",
        "/models",
    ),
    "Player": (
        responses.Player,
        (lookup_routes, "build_player"),
        "/find?q=player",
        f"/players/{BOS_BATTERS[0]}",
    ),
    "PlayerCard": (
        responses.PlayerCard,
        (lookup_routes, "build_player_card"),
        f"/player/{BOS_BATTERS[0]}",
        f"/players/{BOS_BATTERS[0]}",
    ),
}


def optional(schema: Mapping[str, Any], value: Any, at: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield where a value may lack something or be null, by its schema, and which of the two."""
    if "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rpartition("/")[2]]
    for one in schema.get("anyOf", ()):
        if one == {"type": "null"}:
            yield at, "null"
        elif value is not None:
            yield from optional(one, value, at)
    if isinstance(value, dict):
        required = schema.get("required", ())
        named = [name for name in schema.get("properties", {}) if name in value]
        yield from (((*at, name), "absent") for name in named if name not in required)
    for place, part, inner in parts_of(schema, value):
        yield from optional(inner, part, (*at, place))


def parts_of(schema: Mapping[str, Any], value: Any) -> Iterator[tuple[str | int, Any, Mapping[str, Any]]]:
    """Yield the parts of an object or array with their places and schemas."""
    if isinstance(value, dict):
        known = schema.get("properties", {})
        for name, part in value.items():
            yield name, part, known.get(name) or as_schema(schema.get("additionalProperties"))
    if isinstance(value, list):
        yield from ((place, part, as_schema(schema.get("items"))) for place, part in enumerate(value))


def as_schema(found: Any) -> Mapping[str, Any]:
    """Return a schema; true, false or none of them say nothing of a part."""
    return found if isinstance(found, dict) else {}


def without(answer: dict[str, Any], changes: list[tuple[Path, str]]) -> dict[str, Any]:
    """Return an answer with some of it taken away, the deepest first."""
    left = deepcopy(answer)
    for path, how in sorted(changes, key=lambda change: -len(change[0])):
        *where, last = path
        holder: Any = left
        for step in where:
            holder = holder[step]
        if how == "absent":
            del holder[last]
        else:
            holder[last] = None
    return left


def drawn(kind: str, answer: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    places = list(optional(SCHEMAS[kind], answer))
    chosen = data.draw(st.lists(st.sampled_from(places), unique_by=lambda one: one[0])) if places else []
    return without(answer, chosen)


def test_the_schema_says_what_may_be_absent() -> None:
    kind, game = ANSWERS["live game"]
    places = dict(optional(SCHEMAS[kind], game))
    assert places[("predictions", "predicted_score")] == "absent"
    assert places[("starting_pitchers", "home", "name")] == "null"
    assert ("game_pk",) not in places


@pytest.mark.parametrize("about", ANSWERS)
@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_an_answer_is_drawn_whatever_it_lacks(about: str, data: st.DataObject) -> None:
    kind, answer = ANSWERS[about]
    shape, draw, (owner, method), path = KINDS[kind]
    left = drawn(kind, answer, data)
    struct = msgspec.convert(left, type=shape, strict=False)
    terminal.show_value(left, draw, as_json=False)
    terminal.show_value(left, draw, as_json=True)
    with patch.object(owner, method, return_value=struct):
        page = CLIENT.get(path)
    assert page.status_code == 200, page.text
    assert not [word for word in ("Unset", "UNSET", "None", "nan") if f">{word}" in page.text]


@pytest.mark.parametrize("kind", OTHERS)
@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_a_page_is_drawn_whatever_its_answer_lacks(kind: str, data: st.DataObject) -> None:
    shape, (owner, function), path, route = OTHERS[kind]
    left = drawn(kind, CLIENT.get(route).json, data)
    with patch.object(owner, function, return_value=msgspec.convert(left, type=shape, strict=False)):
        page = CLIENT.get(path)
    assert page.status_code == 200, page.text
    assert not [word for word in ("Unset", "UNSET", "None", "nan") if f">{word}" in page.text]
