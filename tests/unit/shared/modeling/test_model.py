"""A saved model forecasts what XGBoost forecasts, and refuses rows and bytes that do not fit."""

import subprocess
import sys

import numpy as np
import polars as pl
import pytest
import xgboost as xgb

from shared.errors import ObjectCorrupted
from shared.modeling.manifest import Margin, features_hash
from shared.modeling.model import Model, ModelMismatch
from tests.unit.shared.modeling.manifests import manifest

FEATURES = ("rest", "form")


@pytest.fixture(scope="module")
def rows():
    dice = np.random.default_rng(7)
    return pl.DataFrame(
        {"expected": dice.uniform(2, 8, 400), "form": dice.normal(size=400), "rest": dice.normal(size=400)}
    )


def boosted(rows, margin, rounds=5):
    label = np.round(rows["expected"].to_numpy() + rows["form"].to_numpy()).clip(0)
    inputs = rows.select(FEATURES).to_numpy()
    data = xgb.DMatrix(inputs, label, base_margin=margin, feature_names=list(FEATURES), nthread=1)
    booster = xgb.train({"objective": "count:poisson", "max_depth": 2, "nthread": 1}, data, rounds)
    return booster, data


def described(artifact, **changes):
    margin = Margin("expected", "log", intercept=0.1, slope=0.9)
    fields = {"margin": margin, "family": "poisson", "max_count": 25, "features": FEATURES, **changes}
    fields.setdefault("features_sha256", features_hash(fields["features"]))
    return manifest("pitcher_strikeouts", "1.0.0", artifact, **fields)


@pytest.fixture(scope="module")
def trained(rows):
    booster, data = boosted(rows, 0.1 + 0.9 * np.log(rows["expected"].to_numpy()))
    artifact = bytes(booster.save_raw("ubj"))
    return Model.from_artifact(artifact, described(artifact)), booster.predict(data), artifact


def test_forecasts_what_xgboost_forecasts(trained, rows):
    model, expected, _ = trained
    assert model.predict_mean(rows) == pytest.approx(expected, rel=1e-6)


def test_matrix_and_frame_forecast_alike(trained, rows):
    model, _, _ = trained
    matrix = rows.select(model.columns).to_numpy()
    assert (model.predict_mean(matrix) == model.predict_mean(rows)).all()


def test_one_row_forecasts_like_many(trained, rows):
    model, _, _ = trained
    assert model.predict_mean(rows[17:18])[0] == model.predict_mean(rows)[17]


def test_missing_feature_is_allowed(trained, rows):
    model, _, _ = trained
    unknown_form = rows.with_columns(form=pl.lit(None, pl.Float64))
    assert np.isfinite(model.predict_mean(unknown_form)).all()


def test_missing_margin_is_named(trained, rows):
    model, _, _ = trained
    with pytest.raises(ModelMismatch, match="finite expected in every row, got nan in row 0"):
        model.predict_mean(rows.with_columns(expected=pl.lit(None, pl.Float64)))


def test_lacking_column_is_named(trained, rows):
    model, _, _ = trained
    with pytest.raises(ModelMismatch, match=r"lack \['form'\]"):
        model.predict_mean(rows.drop("form"))


def test_matrix_of_another_width_is_refused(trained):
    model, _, _ = trained
    with pytest.raises(ModelMismatch, match=r"got shape \(1, 2\)"):
        model.predict_mean(np.zeros((1, 2)))


def test_features_in_another_order_are_refused(trained):
    _, _, artifact = trained
    with pytest.raises(ModelMismatch, match="expected the manifest's features"):
        Model.from_artifact(artifact, described(artifact, features=("form", "rest")))


def test_bytes_that_are_no_model_are_refused():
    with pytest.raises(ObjectCorrupted, match=r"pitcher_strikeouts 1\.0\.0"):
        Model.from_artifact(b"{}", described(b"{}"))


def test_model_without_trees_is_the_fitted_formula(rows):
    booster, _ = boosted(rows, np.log(rows["expected"].to_numpy()), rounds=0)
    artifact = bytes(booster.save_raw("ubj"))
    means = Model.from_artifact(artifact, described(artifact)).predict_mean(rows)
    assert means == pytest.approx(np.exp(0.1) * rows["expected"].to_numpy() ** 0.9, rel=1e-5)


def test_distribution_fits_the_family(trained, rows):
    model, _, _ = trained
    chances = model.count_distribution(model.predict_mean(rows))
    assert chances.shape == (400, 26)
    assert chances.sum(axis=1) == pytest.approx(1)


def test_importing_the_model_loads_no_xgboost():
    code = "import sys, shared.modeling.model; sys.exit('xgboost' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
