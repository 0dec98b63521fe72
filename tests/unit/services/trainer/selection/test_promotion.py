"""What is built when, and what a candidate must show to be deployed."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from services.trainer.build import TrainingRows, build_candidates
from services.trainer.dataset import build_sample
from services.trainer.fitting.count_shape import fit_shape
from services.trainer.scores import LossTable, PairedDifference, build_evaluation, score_rows
from services.trainer.selection import promotion
from services.trainer.selection.plausibility import plausibility_warnings
from services.trainer.selection.promotion import SEASON_GAMES, TrainingPlan, choose_plan
from services.trainer.selection.walk_forward import WalkForwardResult
from shared.modeling.manifest import Evaluation, Score, TrainedOn
from shared.sports.mlb.targets import TARGETS
from tests.unit.services.trainer.league import league
from tests.unit.shared.modeling.manifests import DAY, manifest

BY_NAME = {target.name: target for target in TARGETS}
WIN, STRIKEOUTS = BY_NAME["home_win"], BY_NAME["pitcher_strikeouts"]


def built(days_ago):
    full = date(2026, 6, 10) - timedelta(days=days_ago)
    return manifest("home_win", "1.0.0", b"", trained_on=TrainedOn(DAY, DAY, 100, full))


@pytest.mark.parametrize(
    ("standing", "trigger", "expected"),
    [
        (None, "daily", TrainingPlan.FULL),
        (built(6), "daily", TrainingPlan.INCREMENTAL),
        (built(7), "daily", TrainingPlan.FULL),
        (built(1), "manual", TrainingPlan.INCREMENTAL),
        (built(1), "weekly", TrainingPlan.FULL),
        (built(1), "monthly", TrainingPlan.TUNED),
        (None, "monthly", TrainingPlan.TUNED),
    ],
)
def test_plan_follows_trigger_and_age(standing, trigger, expected):
    assert choose_plan(standing, trigger, date(2026, 6, 10)) is expected


@pytest.mark.parametrize(("mean", "joins"), [(-0.02, True), (0.025, True), (0.026, False)])
def test_one_more_voice_joins_unless_clearly_worse(mean, joins):
    assert promotion.passes_shadow("1.1.0", PairedDifference(mean, 0.01, 400, 400)).deploy is joins


@pytest.mark.parametrize(
    ("mean", "se", "stands"),
    [
        (-0.02, 0.01, True),
        (0.01, 0.01, True),
        (0.02, 0.01, False),
        (0.0004, 0.00001, True),
        (0.0006, 0.00001, False),
    ],
)
def test_same_form_must_be_no_worse_by_more_than_a_hair(mean, se, stands):
    assert promotion.passes_non_inferiority(PairedDifference(mean, se, 100, 100)).deploy is stands


def test_verdict_says_by_how_much_and_what_could_have_been_seen():
    reason = promotion.passes_non_inferiority(PairedDifference(0.02, 0.01, 300, 100)).reason
    expected = "+0.02000 ± 0.01000 log loss over 100 games, which can show 0.02487"
    assert reason == f"worse than production: {expected}"


def evaluated(gain, games=1000, log_loss=0.68, log_loss_se=0.002, mae=1.8):
    score = Score(log_loss, log_loss_se, 0.24, 0.01, mae, 2.2, 0.2)
    return Evaluation(DAY, DAY, games, games, 3, score, score, gain, 0.01)


@pytest.mark.parametrize(("gain", "stands"), [(0.02, True), (-0.01, True), (-0.02, False)])
def test_first_model_may_not_be_worse_than_naive(gain, stands):
    assert promotion.passes_first_release(evaluated(gain)).deploy is stands


def first_model(frame):
    rows = TrainingRows(build_sample(frame, WIN))
    (first,) = build_candidates(WIN, rows, None, TrainingPlan.FULL, rows.confirmed.last_day)
    return first.fitted.recipe.form


def test_first_model_that_beats_naive_is_the_pool():
    assert first_model(league(days=60, seed=2).games) == "pool"


def test_first_model_falls_back_to_the_formula_where_only_that_beats_naive():
    games = league(days=60).games
    judged = pl.col("game_date") > games["game_date"].max() - timedelta(days=12)
    turned = pl.when(judged).then(pl.col("margin_home_win")).otherwise(-pl.col("margin_home_win"))
    assert first_model(games.with_columns(margin_home_win=3 * turned)) == "formula"


def trial_with(difference, games, noise=0.02):
    """Return a walk-forward in which a pool is worse by so much with a voice than without."""
    dice = np.random.default_rng(3)
    without = dice.normal(0.69, 0.1, games)
    with_it = without + difference + dice.normal(0, noise, games)
    ours, other = (LossTable(*[losses] * 5) for losses in (with_it, without))
    rows = build_sample(league(days=1, games_a_day=games).games, WIN)
    return WalkForwardResult(rows, 1, ours, ours, np.full(games, 0.5), {"extra": other})


def test_voice_that_harms_over_a_season_is_left_out():
    assert set(promotion.harmful_voices(trial_with(0.003, SEASON_GAMES))) == {"extra"}


@pytest.mark.parametrize(("difference", "games"), [(0.0005, SEASON_GAMES), (0.003, SEASON_GAMES - 1)])
def test_little_harm_or_few_games_leave_a_voice_in(difference, games):
    assert promotion.harmful_voices(trial_with(difference, games)) == {}


def test_chance_alone_leaves_voices_in():
    """Of a hundred voices that change nothing, 2.5 standard errors lose one or so."""
    dice = np.random.default_rng(11)
    lost = 0
    trial = trial_with(0.0, SEASON_GAMES)
    for _ in range(100):
        noise = dice.normal(0, 0.02, SEASON_GAMES)
        other = LossTable(*[trial.ours.log_loss + noise] * 5)
        lost += len(promotion.harmful_voices(replace(trial, without={"extra": other})))
    assert lost <= 3


def test_too_good_to_be_true_is_suspicious():
    assert "look for a leak" in plausibility_warnings(WIN, evaluated(0.1, log_loss=0.65))[0]
    assert "log loss 2.1000" in plausibility_warnings(STRIKEOUTS, evaluated(0.1, log_loss=2.1))[0]


REACHED = {  # log loss of whole counts on 2013-2016; of hits and home runs, the lowest of a season
    "home_win": 0.6777, "home_score": 2.3877, "away_score": 2.3999, "batter_hits": 1.1877,
    "batter_home_runs": 0.3006, "batter_total_bases": 1.6158, "batter_rbis": 0.8533,
    "batter_strikeouts": 1.1109, "batter_walks": 0.6852, "pitcher_outs": 2.5064,
    "pitcher_strikeouts": 2.1798,
}  # fmt: skip


@pytest.mark.parametrize("target", REACHED)
def test_what_was_reached_is_plausible_in_every_target(target):
    assert plausibility_warnings(BY_NAME[target], evaluated(0.1, log_loss=REACHED[target])) == []


@pytest.fixture(scope="module")
def leaked_league():
    return league(days=60)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_planted_leak_raises_the_alarm_in_every_target(target, leaked_league):
    frame = {"game": leaked_league.games, "batter": leaked_league.batters, "starter": leaked_league.starters}
    rows = build_sample(frame[target.rows], target)
    means = np.clip(
        rows.label, 0.05, 0.95 if target.family == "bernoulli" else None
    )  # the label is the forecast
    losses = score_rows(target, means, rows, fit_shape(target, means, rows))
    assert plausibility_warnings(target, build_evaluation(losses, losses, rows, folds=1))


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_score_below_the_bound_is_suspicious_in_every_target(target):
    assert plausibility_warnings(target, evaluated(0.1, log_loss=0.95 * target.bound))


@pytest.mark.parametrize(
    "honest", [evaluated(0.1), evaluated(0.1, log_loss=0.67), evaluated(0.1, log_loss=0.65, games=300)]
)
def test_honest_or_thin_numbers_are_not_suspicious(honest):
    assert plausibility_warnings(WIN, honest) == []
