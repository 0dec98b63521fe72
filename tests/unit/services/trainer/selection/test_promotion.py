"""What is built when, and what a candidate must show to be deployed."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from services.trainer.dataset import build_sample
from services.trainer.fitting.count_shape import fit_shape
from services.trainer.recipes import build_recipe
from services.trainer.scores import PairedDifference, build_evaluation, score_rows
from services.trainer.selection import promotion
from services.trainer.selection.plausibility import plausibility_warnings
from services.trainer.selection.promotion import TrainingPlan, choose_plan
from services.trainer.selection.walk_forward import walk_forward_all
from shared.modeling.manifest import Evaluation, Score, TrainedOn
from shared.modeling.target import FORMS
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


@pytest.mark.parametrize(("mean", "wins"), [(-0.02, True), (-0.01, False), (0.02, False)])
def test_challenger_needs_confidence(mean, wins):
    assert promotion.passes_superiority(PairedDifference(mean, 0.01, 100, 100)).deploy is wins


@pytest.mark.parametrize(("mean", "stands"), [(-0.02, True), (0.01, True), (0.02, False)])
def test_same_form_must_be_no_worse(mean, stands):
    assert promotion.passes_non_inferiority(PairedDifference(mean, 0.01, 100, 100)).deploy is stands


def test_verdict_says_by_how_much():
    reason = promotion.passes_non_inferiority(PairedDifference(0.02, 0.01, 300, 100)).reason
    assert reason == "worse than production: +0.02000 ± 0.01000 log loss over 100 games"


def evaluated(gain, games=1000, log_loss=0.68, log_loss_se=0.002, mae=1.8):
    score = Score(log_loss, log_loss_se, 0.24, 0.01, mae, 2.2, 0.2)
    return Evaluation(DAY, DAY, games, games, 3, score, score, gain, 0.01)


@pytest.mark.parametrize(("gain", "stands"), [(0.02, True), (-0.01, True), (-0.02, False)])
def test_first_model_may_not_be_worse_than_naive(gain, stands):
    assert promotion.passes_first_release(evaluated(gain)).deploy is stands


def test_challenger_that_looks_better_goes_on_in_shadow():
    verdicts = [
        promotion.passes_superiority(PairedDifference(mean, 0.01, 100, 100)) for mean in (-0.02, -0.01, 0.01)
    ]
    assert [verdict.challenges for verdict in verdicts] == [False, True, False]


def first_choice(frame):
    rows = build_sample(frame, WIN)
    trials = walk_forward_all([build_recipe(WIN, form) for form in WIN.candidate_forms], WIN, rows)
    return promotion.choose_first(trials)[0].form


def test_first_model_that_beats_naive_is_the_usual():
    assert first_choice(league(days=60, seed=2).games) == WIN.default_form


def test_first_model_falls_back_to_the_formula_where_only_that_beats_naive():
    games = league(days=60).games
    judged = pl.col("game_date") > games["game_date"].max() - timedelta(days=12)
    turned = pl.when(judged).then(pl.col("margin_home_win")).otherwise(-pl.col("margin_home_win"))
    assert first_choice(games.with_columns(margin_home_win=3 * turned)) == "formula"


def chosen(**truth):
    rows = build_sample(league(days=20, **truth).starters, STRIKEOUTS)
    trials = walk_forward_all([build_recipe(STRIKEOUTS, form) for form in FORMS], STRIKEOUTS, rows)
    return promotion.choose_recipe(trials)[0].form


def test_true_formula_needs_no_trees():
    assert "boosted_formula" not in {chosen(seed=seed) for seed in range(5)}


def test_overconfident_formula_is_fitted():
    assert chosen(formula=3.0) == "fitted_formula"


def test_incomplete_formula_gets_trees():
    assert chosen(signal=0.5) == "boosted_formula"


def test_too_good_to_be_true_is_suspicious():
    assert "look for a leak" in plausibility_warnings(WIN, evaluated(0.1, log_loss=0.65))[0]
    assert "mae 1.6300" in plausibility_warnings(STRIKEOUTS, evaluated(0.1, mae=1.63))[0]


REACHED = {  # log loss of whole counts on 2013-2016; of hits and home runs, the lowest of a season
    "home_win": 0.6777, "home_score": 2.3877, "away_score": 2.3999, "batter_hits": 1.1877,
    "batter_home_runs": 0.3006, "batter_total_bases": 1.6158, "batter_rbis": 0.8533,
    "batter_strikeouts": 1.1109, "batter_walks": 0.6852, "pitcher_outs": 2.5064,
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
    assert plausibility_warnings(target, evaluated(0.1, **{target.bound.measure: 0.95 * target.bound.least}))


@pytest.mark.parametrize(
    "honest", [evaluated(0.1), evaluated(0.1, log_loss=0.67), evaluated(0.1, log_loss=0.65, games=300)]
)
def test_honest_or_thin_numbers_are_not_suspicious(honest):
    assert plausibility_warnings(WIN, honest) == []
