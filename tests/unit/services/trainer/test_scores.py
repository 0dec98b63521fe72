"""Scores are the textbook's, and errors know that a game's rows hang together."""

from dataclasses import replace

import numpy as np
import pytest

from services.trainer.dataset import build_sample
from services.trainer.scores import build_evaluation, clustered_error, paired_difference, score_rows
from shared.modeling.distribution import poisson_distribution
from shared.modeling.manifest import CountShape
from shared.sports.mlb.targets import TARGETS
from tests.unit.services.trainer.league import league

BY_NAME = {target.name: target for target in TARGETS}
WIN, HOME_RUNS, STRIKEOUTS = (
    BY_NAME[name] for name in ("home_win", "batter_home_runs", "pitcher_strikeouts")
)
SHAPE = CountShape(tuple(poisson_distribution(np.array([5.0]), STRIKEOUTS.max_count)[0]))


@pytest.fixture(scope="module")
def played():
    return league(days=4)


def test_win_scores_are_the_textbooks(played):
    rows = replace(build_sample(played.games[:2], WIN), label=np.array([1.0, 0.0]))
    scored = score_rows(WIN, np.array([0.6, 0.3]), rows)
    assert scored.log_loss == pytest.approx(-np.log([0.6, 0.7]))
    assert scored.brier == pytest.approx([0.16, 0.09])


def test_count_errors_are_the_means(played):
    rows = replace(build_sample(played.starters[:2], STRIKEOUTS), label=np.array([7.0, 4.0]))
    scored = score_rows(STRIKEOUTS, np.array([5.5, 5.0]), rows, SHAPE)
    assert (scored.absolute.tolist(), scored.squared.tolist()) == ([1.5, 1.0], [2.25, 1.0])


def test_ranked_score_prefers_the_nearer_miss(played):
    rows = replace(build_sample(played.starters[:2], STRIKEOUTS), label=np.array([6.0, 12.0]))
    near, far = score_rows(STRIKEOUTS, np.array([5.0, 5.0]), rows, SHAPE).ranked
    assert near < far


def test_brier_of_a_count_is_of_at_least_one(played):
    rows = replace(build_sample(played.batters[:1], HOME_RUNS), label=np.array([3.0]))
    chance_of_none = 0.99 * 0.75**4 + 0.01 * np.exp(-1)
    rows = replace(rows, trials=np.array([4.0]))
    assert score_rows(HOME_RUNS, np.array([1.0]), rows).brier[0] == pytest.approx(chance_of_none**2)


@pytest.mark.parametrize(("count", "taken_for"), [(30.0, 5.0), (-1.0, 0.0)])
def test_a_count_beyond_the_distribution_is_taken_for_its_end(played, count, taken_for):
    result, meant = (
        replace(build_sample(played.batters[:1], HOME_RUNS), label=np.array([n])) for n in (count, taken_for)
    )
    beyond, end = (score_rows(HOME_RUNS, np.array([1.0]), rows).log_loss for rows in (result, meant))
    assert beyond == end


def test_error_of_lone_rows_is_the_usual_one():
    values = np.random.default_rng(1).normal(size=500)
    assert clustered_error(values, np.arange(500)) == pytest.approx(values.std() / np.sqrt(500))


def test_repeating_rows_of_a_game_adds_no_certainty():
    values, games = np.random.default_rng(2).normal(size=200), np.arange(200)
    repeated = clustered_error(np.repeat(values, 9), np.repeat(games, 9))
    assert repeated == pytest.approx(clustered_error(values, games))


def test_difference_with_itself_is_nothing(played):
    rows = build_sample(played.games, WIN)
    scored = score_rows(WIN, np.full(len(rows), 0.5), rows)
    difference = paired_difference(scored, scored, rows.games)
    assert (difference.mean, difference.se, difference.games) == (0, 0, 60)


def test_gain_is_naive_minus_ours(played):
    rows = build_sample(played.games, WIN)
    ours, naive = (score_rows(WIN, np.full(len(rows), chance), rows) for chance in (0.55, 0.5))
    summary = build_evaluation(ours, naive, rows, folds=3)
    assert summary.gain == pytest.approx(summary.naive.log_loss - summary.ours.log_loss)
