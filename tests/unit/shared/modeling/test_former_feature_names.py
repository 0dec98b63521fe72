"""A model that was trained before its features were renamed loads, and forecasts the same under the new names."""

import numpy as np
import polars as pl
import pytest
import xgboost

from shared.adapters.local.folder_store import FolderStore
from shared.modeling import manifest as manifests
from shared.modeling import registry
from shared.modeling.manifest import FeatureProfile, Margin, features_hash
from shared.modeling.model import Model, ModelMismatch, load_booster
from tests.unit.shared.modeling.manifests import manifest

FORMER = ("speed", "old_rest")
CURRENT = ("speed", "rest")
PROFILE = FeatureProfile((1.0,), (0.5, 0.5), 0.0)


@pytest.fixture(autouse=True)
def _renamed(monkeypatch):
    """`old_rest`, `old_runs`, `old_tries` are the former names of `rest`, `runs`, `tries`."""
    names = {"old_rest": "rest", "old_runs": "runs", "old_tries": "tries"}
    monkeypatch.setattr(manifests, "current_feature_names", lambda: names)


@pytest.fixture
def artifact():
    dice = np.random.default_rng(7)
    inputs, label = dice.normal(size=(200, 2)), dice.poisson(4, 200)
    data = xgboost.DMatrix(inputs, label, feature_names=list(FORMER), nthread=1)
    booster = xgboost.train({"objective": "count:poisson", "max_depth": 2, "nthread": 1}, data, 5)
    return bytes(booster.save_raw("ubj"))


@pytest.fixture
def stored(artifact, tmp_path):
    """The store and the reference of a model with the former names."""
    objects = FolderStore(tmp_path)
    described = manifest(
        "pitcher_outs", "1.0.0", artifact,
        margin=Margin("old_runs", "log", terms=(("old_rest", 0.5),)), trials="old_tries",
        features=FORMER, features_sha256=features_hash(FORMER), profile={"old_rest": PROFILE, "speed": PROFILE},
    )  # fmt: skip
    return objects, registry.save_model(objects, "pitcher_outs", "1.0.0", artifact, described)


def test_manifest_names_the_current_features(stored):
    objects, ref = stored
    for described in (
        registry.load_manifest_of(objects, ref),
        registry.load_manifest(objects, *ref_key(ref)),
    ):
        assert described.features == CURRENT
        assert described.margin == Margin("runs", "log", terms=(("rest", 0.5),))
        assert described.trials == "tries"
        assert described.profile == {"rest": PROFILE, "speed": PROFILE}


def ref_key(ref):
    return ref.target, ref.version


def test_hashes_are_those_of_the_stored_model(stored, artifact):
    objects, ref = stored
    described = registry.load_manifest_of(objects, ref)
    assert described.features_sha256 == features_hash(FORMER)
    assert described.artifact_sha256 == registry.sha256_hex(artifact) == ref.sha256


def test_forecasts_are_those_of_the_former_names(stored, artifact):
    model = Model.from_artifact(*registry.load_model(*stored))
    rows = pl.DataFrame({"speed": [0.1, -2.0, None], "rest": [1.5, None, 0.0], "runs": [4.0, 5.0, 6.0]})
    assert model.columns == (*CURRENT, "runs", "rest")
    inputs = rows.select(CURRENT).to_numpy()
    start = np.log(rows["runs"].to_numpy()) + 0.5 * np.nan_to_num(inputs[:, 1])
    by_former_names = xgboost.Booster(model_file=bytearray(artifact)).predict(
        xgboost.DMatrix(inputs, base_margin=start, feature_names=list(FORMER))
    )
    assert model.predict_mean(rows).tolist() == by_former_names.tolist()


def test_booster_grows_on_the_current_names(artifact):
    rows = xgboost.DMatrix(np.zeros((9, 2)), np.ones(9), feature_names=list(CURRENT), nthread=1)
    grown = xgboost.train({"nthread": 1}, rows, 1, xgb_model=load_booster(artifact, "outs"))
    assert tuple(load_booster(bytes(grown.save_raw("ubj")), "outs").feature_names) == CURRENT


def test_other_features_are_refused(stored, artifact):
    objects, ref = stored
    described = registry.load_manifest_of(objects, ref)
    other = manifest(
        "pitcher_outs", "1.0.0", artifact, features=CURRENT, features_sha256=features_hash(CURRENT)
    )
    with pytest.raises(ModelMismatch, match="trained on"):
        Model.from_artifact(artifact, other)
    assert Model.from_artifact(artifact, described).manifest is described
