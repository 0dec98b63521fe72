"""Reasons: what the forecast gains because a part of the match-up is not average."""

import numpy as np
import polars as pl
import pytest
from flask.testing import FlaskClient

from services.predict_api.app import create_app
from shared import registry, snapshot
from shared.snapshot import Snapshot
from shared.states import BATTER
from tests.fakes import InMemoryObjectStore
from tests.unit.predict_api.standing import AS_OF, BOS_BATTERS, FORMS, NOW, NYY_BATTERS, TOMORROW, fill

GAME = {"home_team": "NYY", "away_team": "BOS", "game_date": str(TOMORROW)}


def sluggers(players: tuple[int, ...]) -> pl.DataFrame:
    """Return batters who hit twice as many home runs as was expected of them."""
    row = np.zeros((len(players), len(BATTER.columns)))
    row[:, :30] = np.tile([100.0, 400.0, 50.0], (len(players), 10))
    frame = {"as_of": [AS_OF] * len(players), BATTER.key: players, "season": [2026] * len(players)}
    return pl.DataFrame(frame).hstack(pl.DataFrame(row, schema=list(BATTER.names)))


@pytest.fixture
def slugging() -> FlaskClient:
    objects = InMemoryObjectStore()
    first = fill(objects)
    told = snapshot.load(first.snapshot, objects)
    tables = {**told.tables, "batter_states": sluggers(NYY_BATTERS)}
    name = snapshot.save(Snapshot(AS_OF, "sluggers", tables), objects)
    registry.publish_release(objects, snapshot=name, models=None, run_id="r", now=NOW, reason="test")
    return create_app(objects, lambda: NOW).test_client()


def reasons(answer: dict[str, object]) -> dict[str, float]:
    return {one["feature"]: one["effect"] for one in answer["feature_importance"]}


def test_the_strongest_part_comes_first(slugging: FlaskClient) -> None:
    told = slugging.post("/predict/game", json=GAME).json
    assert told["feature_importance"][0]["feature"] == "home_lineup"
    assert reasons(told)["home_lineup"] > 0.05


def test_an_average_part_weighs_nothing(slugging: FlaskClient) -> None:
    told = reasons(slugging.post("/predict/game", json=GAME).json)
    assert told["away_lineup"] == pytest.approx(0, abs=1e-6)


def test_a_batter_is_told_of_his_own_bat(slugging: FlaskClient) -> None:
    asked = {"player_id": NYY_BATTERS[0], "game_date": str(TOMORROW), "stats": ["home_runs"]}
    told = slugging.post("/predict/player", json=asked).json["predictions"]["home_runs"]
    assert told["feature_importance"][0]["feature"] == "his_bat"
    assert 0 < reasons(told)["his_bat"] < told["mean"]


def test_reasons_may_be_left_out(client: FlaskClient) -> None:
    asked = {"player_id": BOS_BATTERS[0], "game_date": str(TOMORROW), "reasons": False}
    told = client.post("/predict/player", json=asked).json["predictions"]
    assert all("feature_importance" not in one for one in told.values())
    assert "feature_importance" not in client.post("/predict/game", json={**GAME, "reasons": False}).json


def test_every_form_has_reasons(client: FlaskClient) -> None:
    assert set(FORMS) >= {"home_win", "batter_hits"}
    assert len(client.post("/predict/game", json=GAME).json["feature_importance"]) == 5
