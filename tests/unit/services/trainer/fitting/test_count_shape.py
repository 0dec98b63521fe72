"""A tilted count is as wide as rows of its mean are, and few rows say nothing of it."""

import numpy as np
import polars as pl
import pytest

from services.trainer.dataset import build_sample
from services.trainer.fitting.count_shape import LossLookup, fit_shape
from services.trainer.scores import score_rows
from shared.modeling.distribution import exponential_tilt
from shared.sports.mlb.targets import TARGETS
from tests.unit.services.trainer.league import league

OUTS = next(target for target in TARGETS if target.name == "pitcher_outs")
STARTERS = build_sample(league(days=80, games_a_day=40).starters, OUTS)
DICE = np.random.default_rng(18)
MEANS = np.exp(DICE.uniform(np.log(13), np.log(21), len(STARTERS)))


def rows(spread):
    """Return starters whose outs are spread so widely around their means."""
    outs = np.clip(np.rint(DICE.normal(MEANS, spread)), 0, 36)
    return build_sample(STARTERS.frame.with_columns(outs=pl.Series(outs)), OUTS)


def width(shape, mean):
    chances, counts = exponential_tilt(np.array([mean]), shape, 36)[0], np.arange(37.0)
    return np.sqrt(chances @ (counts - mean) ** 2)


@pytest.mark.parametrize(("low", "high"), [(2.5, 4.5), (3.5, 3.5), (4.5, 3.0)])
def test_width_follows_the_mean(low, high):
    spread = low + (high - low) * (MEANS - 13) / 8
    shape = fit_shape(OUTS, MEANS, rows(spread))
    for mean in (14.0, 17.0, 20.0):
        assert width(shape, mean) == pytest.approx(low + (high - low) * (mean - 13) / 8, rel=0.1)


def test_few_rows_leave_the_width_to_the_tilt():
    few = rows(2.5 + 2 * (MEANS - 13) / 8).filter_rows(np.arange(len(MEANS)) < 8)
    assert abs(fit_shape(OUTS, MEANS[:8], few).width_slope) < 1


def test_same_rows_give_the_same_shape():
    happened = rows(4.0)
    assert fit_shape(OUTS, MEANS, happened) == fit_shape(OUTS, MEANS, happened)


def test_losses_looked_up_are_those_of_the_distributions():
    happened = rows(3.0 + MEANS / 20)
    worked_out = score_rows(OUTS, MEANS, happened, fit_shape(OUTS, MEANS, happened)).log_loss.mean()
    assert LossLookup.from_rows(OUTS, MEANS, happened).mean_loss(MEANS, happened) == pytest.approx(
        worked_out, abs=1e-3
    )
