"""What a release must show before it is served, and what happens to one that cannot."""

import msgspec
import pytest
from flask.testing import FlaskClient

from services.predict_api.serving.release_check import ReleaseRefused
from services.predict_api.serving.release_loader import ReleasePartDamaged
from services.predict_api.serving.release_manager import ReleaseManager
from shared.errors import ObjectCorrupted
from shared.modeling import registry
from shared.modeling.model import Model
from shared.modeling.registry import ModelRef, Release
from shared.storage.forecast_objects import load_forecast_rows
from tests.fakes import InMemoryObjectStore
from tests.unit.services.predict_api.release_store import NOW, TOMORROW, fill
from tests.unit.services.predict_api.serving.test_release_manager import pushed

GAME = {"home_team": "NYY", "away_team": "BOS", "game_date": str(TOMORROW)}


@pytest.fixture
def shelf(objects: InMemoryObjectStore) -> ReleaseManager:
    shelf = ReleaseManager(objects)
    assert shelf.wait_for_forecaster() is not None
    return shelf


def served(shelf: ReleaseManager) -> str:
    return shelf.require_forecaster().release.id


def released(objects: InMemoryObjectStore, **changes: object) -> Release:
    """Publish a home-win model with other words in its manifest, whose hash the release knows."""
    ref = fill(objects, "run-2", shift=0.5).models["home_win"]
    name = f"models/home_win/{ref.version}/manifest.json"
    manifest = registry.load_manifest(objects, "home_win", ref.version)
    data = msgspec.json.encode(msgspec.structs.replace(manifest, **changes))
    objects.overwrite(name, data)
    refs = {"home_win": msgspec.structs.replace(ref, manifest_sha256=registry.sha256_hex(data))}
    return registry.publish_release(
        objects, snapshot=None, models=refs, run_id="r", now=NOW, reason="other words"
    )


def test_every_forecast_is_tried(shelf: ReleaseManager) -> None:
    trial = shelf.last_swap.release_check
    assert trial.rows == {"home_win": 3, "batter_hits": 54, "batter_home_runs": 54, "pitcher_strikeouts": 6}
    assert trial.largest_difference <= 1e-6


def test_a_swap_tells_how_far_answers_moved(objects: InMemoryObjectStore, shelf: ReleaseManager) -> None:
    fill(objects, "run-2", shift=0.5)
    shelf.serve_newest()
    assert 0.1 < shelf.last_swap.release_check.mean_change["home_win"] < 0.13


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"features": ("month",)}, ReleasePartDamaged),
        ({"features_sha256": "0" * 64}, ReleasePartDamaged),
        ({"vector": "strikeouts_v1"}, ReleasePartDamaged),
        ({"libraries": {"xgboost": "99.0"}}, ReleaseRefused),
        ({"family": "poisson", "max_count": 20}, ReleaseRefused),
        ({"max_count": 2}, ReleaseRefused),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(
    objects: InMemoryObjectStore, shelf: ReleaseManager, changes: dict[str, object], why: type[Exception]
) -> None:
    released(objects, **changes)
    with pytest.raises(why):
        shelf.serve_newest()
    assert served(shelf) == "000001"


def test_tampered_bytes_are_refused(objects: InMemoryObjectStore, shelf: ReleaseManager) -> None:
    release = fill(objects, "run-2", shift=0.5)
    ref = release.models["home_win"]
    objects.overwrite(ref.object, objects.read_bytes(ref.object).replace(b"logistic", b"logitraw"))
    with pytest.raises(ObjectCorrupted):
        shelf.serve_newest()
    assert served(shelf) == "000001"


def test_an_engine_that_differs_from_xgboost_is_refused(
    objects: InMemoryObjectStore, shelf: ReleaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict = Model.predict_mean
    monkeypatch.setattr(Model, "predict_mean", lambda model, rows: predict(model, rows) + 1e-4)
    fill(objects, "run-2", shift=0.5)
    with pytest.raises(ReleaseRefused, match="expected what XGBoost answers"):
        shelf.serve_newest()


def test_a_refusal_is_told_where_people_look(objects: InMemoryObjectStore, client: FlaskClient) -> None:
    client.get("/readyz")
    released(objects, features_sha256="0" * 64)
    client.post("/events", data=pushed())
    result = client.get("/status").json
    assert (result["state"], result["release"]) == ("refused", "000001")
    assert "hankstank_release_refused" in client.get("/metrics").text


def test_a_rollback_is_a_swap(objects: InMemoryObjectStore, shelf: ReleaseManager) -> None:
    first = {ref.target: ref.version for ref in shelf.require_forecaster().release.models.values()}
    fill(objects, "run-2", shift=0.5)
    shelf.serve_newest()
    registry.rollback_model(objects, "home_win", first["home_win"], NOW)
    shelf.serve_newest()
    assert shelf.require_forecaster().models["home_win"].manifest.version == first["home_win"]
    assert served(shelf) == "000003"


def test_a_challenger_is_recorded_and_never_answers(
    objects: InMemoryObjectStore, client: FlaskClient
) -> None:
    before = client.post("/predict/game", json=GAME).json["predictions"]
    challengers = {"home_win": challenger(objects)}
    registry.publish_release(
        objects, snapshot=None, models=None, run_id="r", now=NOW, reason="challenge", challengers=challengers
    )
    client.post("/events", data=pushed())
    assert client.post("/predict/game", json=GAME).json["predictions"] == before
    rows = load_forecast_rows(objects, TOMORROW)
    shadow = next(row for row in rows if row["is_challenger"])
    assert shadow["mean"] > before["home_win_probability"] + 0.1
    assert len({row["forecast_id"] for row in rows}) == len(rows)


def challenger(objects: InMemoryObjectStore) -> ModelRef:
    """Return a model that stands beside production: one that was released and went back."""
    champions = registry.current_release(objects).models
    release = fill(objects, "run-2", shift=0.5)
    registry.publish_release(
        objects, snapshot=None, models=champions, run_id="r", now=NOW, reason="production again"
    )
    return release.models["home_win"]
