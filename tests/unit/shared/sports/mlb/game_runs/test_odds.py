"""Odds agree with what is served, and everything in them follows from one distribution of scores."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.sports.mlb.game_runs import MAX_MARGIN, GameForecasts, GameRules, ScoreDistribution, game_odds
from shared.sports.mlb.game_runs.favourite import with_favourite_ahead

chances = st.floats(0.05, 0.95)
totals = st.floats(5.0, 14.0)


def odds_of(home_win, total, season=2024, kind="R", ratio=1.0):
    home_win, total = np.atleast_1d(home_win).astype(float), np.atleast_1d(total).astype(float)
    games = len(home_win)
    forecasts = GameForecasts(home_win, total / 2, total / 2, np.full((games, 2), ratio))
    return game_odds(forecasts, GameRules.of_games([season] * games, [kind] * games, [9] * games))


@settings(max_examples=20, deadline=None)
@given(chances, totals, st.sampled_from([2013, 2024]), st.sampled_from(["R", "S", "W"]))
def test_the_home_club_wins_as_often_as_is_served_and_the_total_is_kept(home_win, total, season, kind):
    odds = odds_of(home_win, total, season, kind)
    assert odds.home_win == pytest.approx([home_win], abs=1e-4)
    runs = odds.final.expected_home_runs + odds.final.expected_away_runs
    assert runs == pytest.approx([total], abs=0.002)


@settings(max_examples=20, deadline=None)
@given(chances, totals)
def test_every_distribution_is_one_of_the_joint(home_win, total):
    final = odds_of(home_win, total).final
    joint = final.joint[0]
    assert joint.min() >= 0
    scores = [(joint[home, away], home, away) for home in range(32) for away in range(32)]
    assert sum(chance for chance, *_ in scores) == pytest.approx(1)
    assert final.home_runs[0, 3] == pytest.approx(sum(p for p, home, _ in scores if home == 3))
    assert final.away_runs[0, 4] == pytest.approx(sum(p for p, _, away in scores if away == 4))
    assert final.total_runs[0, 9] == pytest.approx(sum(p for p, home, away in scores if home + away == 9))
    by_two = sum(p for p, home, away in scores if home - away == 2)
    assert final.run_margin[0, MAX_MARGIN + 2] == pytest.approx(by_two)
    blowouts = sum(p for p, home, away in scores if away - home >= MAX_MARGIN)
    assert final.run_margin[0, 0] == pytest.approx(blowouts)


def test_one_run_games_and_shutouts_are_counted_once():
    joint = np.zeros((1, 32, 32))
    joint[0, 1, 0], joint[0, 2, 3], joint[0, 0, 4], joint[0, 3, 1] = 0.1, 0.2, 0.3, 0.4
    odds = odds_of(0.5, 9)
    odds = type(odds)(ScoreDistribution(joint), odds.first_five, odds.extra_innings)
    assert odds.one_run_game == pytest.approx([0.1 + 0.2])
    assert odds.shutout == pytest.approx([0.1 + 0.3])
    assert odds.home_win == pytest.approx([0.1 + 0.4])


@pytest.mark.parametrize("total", [6.0, 8.5, 12.0])
def test_a_clear_favourite_is_expected_to_score_more(total):
    home_win = np.concatenate([np.linspace(0.511, 0.9, 150), np.linspace(0.1, 0.489, 150)])
    final = odds_of(home_win, np.full(300, total)).final
    lead = final.expected_home_runs - final.expected_away_runs
    assert (np.sign(lead) == np.sign(home_win - 0.5)).all()


def test_expected_runs_grow_smoothly_with_the_chance_to_win():
    home_win = np.linspace(0.4, 0.6, 101)
    final = odds_of(home_win, np.full(101, 8.6)).final
    steps = np.diff(final.expected_home_runs - final.expected_away_runs)
    assert steps.min() >= -1e-6
    assert steps.max() < 0.08  # runs for .002 of chance: no jump where the favourite becomes clear


def test_the_margin_falls_off_without_a_cliff():
    margin = odds_of(0.54, 8.5, season=2013).final.run_margin[0]
    by_home = margin[MAX_MARGIN + 1 : MAX_MARGIN + 6]
    assert (np.diff(by_home) < 0).all()
    assert by_home[1] > 0.5 * by_home[0]  # 10.2 % to 16.4 % of the games of 2010-2012
    runs = odds_of(0.54, 8.5).final.home_runs[0]
    assert (np.diff(np.sign(np.diff(runs[:12]))) != 0).sum() == 1  # one mode


def test_a_good_starter_moves_runs_out_of_the_first_five_innings():
    usual, few = (odds_of(0.54, 8.5, ratio=ratio).first_five for ratio in (1.0, 0.8))
    assert few.expected_home_runs < usual.expected_home_runs - 0.1


def test_games_computed_together_are_those_computed_alone():
    home_win, total = np.linspace(0.3, 0.7, 140), np.linspace(6, 12, 140)
    together = odds_of(home_win, total)
    for place, one in list(enumerate(together))[::23]:
        alone = odds_of(home_win[place], total[place])
        assert one.final.joint == pytest.approx(alone.final.joint[0], abs=1e-5)
        assert one.extra_innings == pytest.approx(alone.extra_innings[0], abs=1e-5)


def test_no_games_have_no_odds():
    assert list(odds_of(np.array([]), np.array([]))) == []


@settings(max_examples=20, deadline=None)
@given(st.floats(0.0, 1.0), st.floats(0.1, 40.0))
def test_forecasts_beyond_what_a_game_can_have_still_give_odds(home_win, total):
    joint = odds_of(home_win, total).final.joint
    assert np.isfinite(joint).all()
    assert joint.sum() == pytest.approx(1)


def test_a_favourite_is_put_ahead_without_changing_who_wins_or_the_total():
    joint = np.array([[[0.02, 0.2, 0.12, 0.06], [0.21, 0.0, 0.05, 0.02], [0.12, 0.05, 0.0, 0.03],
                       [0.02, 0.05, 0.05, 0.0]]])  # fmt: skip
    home_win = np.array([0.515])
    counts = np.arange(4)
    before = joint.sum(axis=2) @ counts, joint.sum(axis=1) @ counts
    after = with_favourite_ahead(joint, home_win)
    home, away = after.sum(axis=2) @ counts, after.sum(axis=1) @ counts
    assert home + away == pytest.approx(before[0] + before[1])
    lead = before[0] - before[1]
    assert home - away == pytest.approx(np.maximum(lead, 0.005), abs=1e-6)
    assert np.tril(after[0], -1).sum() == pytest.approx(np.tril(joint[0], -1).sum())
    assert np.trace(after[0]) == pytest.approx(np.trace(joint[0]))
