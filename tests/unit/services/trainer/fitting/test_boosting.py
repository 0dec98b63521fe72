"""A blend is the mean it says, and is served as one ordinary model."""

import numpy as np
import polars as pl
import pytest

from services.trainer.dataset import build_sample
from services.trainer.fitting.boosting import fit_booster, scale_booster
from services.trainer.fitting.linear import fit_line, fit_weight, start_of
from services.trainer.fitting.train import fit_recipe
from services.trainer.recipes import build_recipe
from shared.modeling.model import Model
from shared.sports.mlb.targets import TARGETS
from tests.unit.services.trainer.league import league

BY_NAME = {target.name: target for target in TARGETS}
WIN, STRIKEOUTS = BY_NAME["home_win"], BY_NAME["pitcher_strikeouts"]
SMALL = league(days=10, signal=0.3)
ROWS = build_sample(SMALL.starters, STRIKEOUTS)
LINE, TREES, BLEND = (
    fit_recipe(build_recipe(STRIKEOUTS, form), STRIKEOUTS, ROWS)
    for form in ("fitted_terms", "boosted_formula", "blended")
)


def test_blend_is_the_weighted_mean_on_the_scale_of_the_link():
    line, trees, blend = (np.log(one.predict_means(ROWS)) for one in (LINE, TREES, BLEND))
    assert blend == pytest.approx((1 - BLEND.tree_weight) * line + BLEND.tree_weight * trees, abs=1e-5)


def test_blend_loads_as_any_other_model():
    assert Model.from_artifact(BLEND.artifact, BLEND.specification).manifest.features == STRIKEOUTS.features


def test_noise_leaves_equal_weights():
    rows = build_sample(league(days=10).games, WIN)
    blend = fit_recipe(build_recipe(WIN, "blended"), WIN, rows)
    assert blend.tree_weight == pytest.approx(0.5, abs=0.1)


def test_trees_that_are_right_count_whole():
    rows = build_sample(league(days=120).games, WIN)
    line = fit_line(WIN, rows)
    truth = 2 * start_of(rows, line)
    right = truth - start_of(rows, line)
    dice = np.random.default_rng(1)
    happened = (dice.random(len(rows)) < 1 / (1 + np.exp(-truth))).astype(float)
    assert fit_weight(WIN, _with_label(rows, happened), start_of(rows, line), right) > 0.8


def _with_label(rows, label):
    changed = rows.frame.with_columns(home_win=pl.Series(label))
    return build_sample(changed, WIN)


def test_scaling_spares_the_trees_known():
    line = fit_line(STRIKEOUTS, ROWS)
    booster = fit_booster(build_recipe(STRIKEOUTS, "boosted_formula"), STRIKEOUTS, line, ROWS)
    known = booster.num_boosted_rounds()
    assert scale_booster(booster, 0.5, known=known).save_raw("ubj") == booster.save_raw("ubj")
