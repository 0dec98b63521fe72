"""Odds of runs: they add up, keep what was expected, and agree with the chance to win."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.predict_api.run_odds import WIDEST, joined, run_odds, runs

expected_runs = st.floats(1.5, 8.0)


@given(expected_runs, expected_runs, st.floats(0.2, 0.8))
def test_every_distribution_adds_up(home: float, away: float, home_win: float) -> None:
    odds = run_odds(home, away, home_win)
    sums = [chances.sum() for chances in (odds.home, odds.away, odds.total, odds.margin)]
    assert sums == pytest.approx([1, 1, 1, 1])


@given(expected_runs, expected_runs, st.floats(0.2, 0.8))
def test_the_margin_agrees_with_the_chance_to_win(home: float, away: float, home_win: float) -> None:
    margin = run_odds(home, away, home_win).margin
    assert margin[WIDEST + 1 :].sum() == pytest.approx(home_win, abs=1e-6)
    assert margin[WIDEST] == pytest.approx(0, abs=1e-12)  # nobody is left tied


def test_a_side_scores_what_is_expected_of_it() -> None:
    chances = runs(4.3)
    assert chances @ np.arange(len(chances)) == pytest.approx(4.3, abs=0.01)


def test_runs_spread_as_those_of_real_games() -> None:
    chances, counts = runs(4.28), np.arange(21)
    variance = chances @ counts**2 - (chances @ counts) ** 2
    assert variance == pytest.approx(9.1, abs=0.5)  # of the 34,014 sides of 2010-2016


@given(st.floats(0.2, 0.8))
def test_sides_told_by_models_are_joined_as_they_are(home_win: float) -> None:
    home, away = runs(5.0), runs(3.5)
    odds = joined(home, away, home_win, (5.0, 3.5))
    assert odds.margin[WIDEST + 1 :].sum() == pytest.approx(home_win)
    assert (odds.home is home, odds.total.sum()) == (True, pytest.approx(1))
