"""Forecasts of a day are made from the days before it and from nothing else."""

from datetime import timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.trainer.dataset import build_sample
from services.trainer.folds import forward_folds
from services.trainer.recipes import build_recipe
from services.trainer.selection.walk_forward import calibrate_ahead, walk_forward
from shared.sports.mlb.targets import TARGETS
from tests.unit.services.trainer.league import league

BY_NAME = {target.name: target for target in TARGETS}
WIN, STRIKEOUTS = BY_NAME["home_win"], BY_NAME["pitcher_strikeouts"]
PLAYED = league(days=15)
POOL = build_recipe(STRIKEOUTS)


def first_fold_losses(frame):
    trial = walk_forward(POOL, STRIKEOUTS, build_sample(frame, STRIKEOUTS))
    judged = trial.rows.days == trial.rows.days.min()
    return trial.ours.log_loss[judged], trial.naive.log_loss[judged]


def test_newest_fifth_of_the_days_is_judged():
    rows = build_sample(league(days=30, games_a_day=1).games, WIN)
    parts = forward_folds(rows)
    assert parts[-1].last - parts[0].first + 1 == 6
    assert parts[-1].last == rows.days.max()


def test_folds_follow_each_other():
    parts = forward_folds(build_sample(PLAYED.games, WIN))
    assert all(before.last < after.first for before, after in pairwise(parts))


def test_four_days_are_too_few():
    assert forward_folds(build_sample(league(days=4).games, WIN)) == ()


@settings(max_examples=8)
@given(seed=st.integers(0, 2**32 - 1))
def test_later_results_change_no_earlier_forecast(seed):
    dice = np.random.default_rng(seed)
    third_last = PLAYED.starters["game_date"].unique().sort()[-3]
    later = pl.col("game_date") > third_last
    shuffled = pl.Series(dice.integers(0, 20, PLAYED.starters.height))
    changed = PLAYED.starters.with_columns(
        strikeouts=pl.when(later).then(shuffled).otherwise(pl.col("strikeouts"))
    )
    for before, after in zip(first_fold_losses(PLAYED.starters), first_fold_losses(changed), strict=True):
        assert (before == after).all()


def test_result_known_later_teaches_nothing_yet():
    last = PLAYED.last
    unknown = pl.col("game_date") == PLAYED.starters["game_date"].min()
    late = pl.when(unknown).then(last).otherwise(pl.col("known_date"))
    suspended = PLAYED.starters.with_columns(known_date=late)
    dropped = suspended.filter(~unknown)
    for with_them, without in zip(first_fold_losses(suspended), first_fold_losses(dropped), strict=True):
        assert (with_them == without).all()


def test_knowing_formula_beats_naive():
    summary = walk_forward(
        build_recipe(WIN, "formula"), WIN, build_sample(league(days=60).games, WIN)
    ).build_evaluation()
    assert summary.gain > 0


def test_ignorant_formula_gains_nothing():
    rows = build_sample(league(days=60, formula=0.0).games, WIN)
    summary = walk_forward(build_recipe(WIN), WIN, rows).build_evaluation()
    assert summary.gain == pytest.approx(0, abs=0.006)


def test_shuffled_outcomes_score_like_the_base_rate():
    games = league(days=60).games
    dice = np.random.default_rng(60)
    shuffled = games.with_columns(home_win=pl.Series(dice.permutation(games["home_win"].to_numpy())))
    result = walk_forward(build_recipe(WIN), WIN, build_sample(shuffled, WIN)).build_evaluation()
    assert result.gain < 2 * result.gain_se


def test_pools_that_lack_a_voice_are_judged_too():
    rows = build_sample(PLAYED.starters, STRIKEOUTS)
    trial = walk_forward(POOL, STRIKEOUTS, rows)
    line, trees = STRIKEOUTS.pool
    alone = walk_forward(POOL.without_voice(line.name), STRIKEOUTS, rows)
    assert trial.without.keys() == {line.name, trees.name}
    assert trial.without[line.name].absolute == pytest.approx(alone.ours.absolute, abs=1e-4)
    assert alone.without == {}


def test_calibration_is_of_days_that_were_not_fitted():
    """A formula twice too bold is put right on the days before; turned round at the end, it is not."""
    games = league(days=120, formula=2.0).games
    turned = pl.when(pl.col("game_date") > games["game_date"].max() - timedelta(days=23))
    spoilt = games.with_columns(
        margin_home_win=turned.then(-pl.col("margin_home_win")).otherwise(pl.col("margin_home_win"))
    )
    right, wrong = (
        calibrate_ahead(build_recipe(WIN), WIN, build_sample(one, WIN)) for one in (games, spoilt)
    )
    assert right.slope == pytest.approx(1, abs=3 * right.slope_se)
    assert wrong.slope < 0
