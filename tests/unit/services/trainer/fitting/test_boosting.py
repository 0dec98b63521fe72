"""Boosters joined into one say the sum of what they said, each by its share, and parts of it can be asked alone."""

import numpy as np
import pytest
import xgboost

from services.trainer.dataset import build_sample
from services.trainer.fitting.boosting import bin_rows, fit_booster, join_boosters
from services.trainer.fitting.train import fit_recipe
from services.trainer.recipes import build_recipe
from shared.modeling.manifest import TreeSettings
from shared.modeling.model import Model
from shared.sports.mlb.targets import BY_NAME
from tests.unit.services.trainer.league import league

STRIKEOUTS = BY_NAME["pitcher_strikeouts"]
ROWS = build_sample(league(days=10, signal=0.3).starters, STRIKEOUTS)
START = np.log(ROWS.frame["expected_strikeouts"].to_numpy())
SETTINGS = [
    TreeSettings(
        rounds=rounds,
        max_depth=2,
        eta=0.2,
        min_child_weight=5,
        reg_lambda=1,
        row_share=share,
        column_share=share,
    )
    for rounds, share in ((7, 1.0), (4, 0.5))
]


def grown(settings):
    return fit_booster(settings, STRIKEOUTS, STRIKEOUTS.features, bin_rows(STRIKEOUTS.features, ROWS), START)


def trees_say(booster, rounds=(0, 0)):
    inputs = ROWS.frame.select(STRIKEOUTS.features).to_numpy()
    data = xgboost.DMatrix(inputs, base_margin=np.zeros(len(ROWS)))
    return booster.predict(data, output_margin=True, iteration_range=rounds)


def test_joined_trees_say_their_share():
    boosters = [grown(one) for one in SETTINGS]
    joined = join_boosters(boosters, 0.5)
    assert joined.num_boosted_rounds() == 11
    assert trees_say(joined) == pytest.approx(sum(trees_say(one) for one in boosters) / 2, abs=1e-5)


def test_rounds_of_one_are_found_in_the_joined():
    first, second = (grown(one) for one in SETTINGS)
    joined = join_boosters([first, second], 1.0)
    assert trees_say(joined, (0, 7)) == pytest.approx(trees_say(first), abs=1e-6)
    assert trees_say(joined, (7, 11)) == pytest.approx(trees_say(second), abs=1e-6)


def test_drawn_trees_are_the_same_every_time_and_differ_from_whole_ones():
    once, again = grown(SETTINGS[1]), grown(SETTINGS[1])
    assert once.save_raw("ubj") == again.save_raw("ubj")
    whole = grown(TreeSettings(rounds=4, max_depth=2, eta=0.2, min_child_weight=5, reg_lambda=1))
    assert once.save_raw("ubj") != whole.save_raw("ubj")


def test_pool_loads_as_any_other_model():
    pool = fit_recipe(build_recipe(STRIKEOUTS), STRIKEOUTS, ROWS)
    assert Model.from_artifact(pool.artifact, pool.specification).manifest.features == STRIKEOUTS.features
