"""Odds of runs: everything told of a game's runs comes from one joint distribution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.predict_api.mlb.run_odds import WIDEST, RunOdds, run_odds, runs

expected_runs = st.floats(2.5, 7.0)
edges = st.floats(-0.4, 0.4)  # log-odds by which a model of the winner may differ from the expected runs
chances = st.floats(1e-6, 1 - 1e-6)


def home_win(home: float, away: float, edge: float) -> float:
    """Return a chance to win that two clubs of these runs can have."""
    return float(1 / (1 + np.exp(-1.83 * np.log(home / away) - edge)))


@given(st.floats(0.5, 12.0), st.floats(0.5, 12.0), chances)
def test_everything_follows_from_the_joint(home: float, away: float, wins: float) -> None:
    odds = run_odds(home, away, wins)
    counts = np.arange(len(odds.home))
    assert [part.sum() for part in (odds.home, odds.away, odds.total, odds.margin)] == pytest.approx([1] * 4)
    assert odds.expected == pytest.approx((odds.home @ counts, odds.away @ counts))
    assert odds.total @ np.arange(len(odds.total)) == pytest.approx(sum(odds.expected))


@given(st.floats(0.5, 12.0), st.floats(0.5, 12.0), chances)
def test_the_home_club_leads_as_often_as_it_wins(home: float, away: float, wins: float) -> None:
    odds = run_odds(home, away, wins)
    assert odds.margin[WIDEST + 1 :].sum() == pytest.approx(wins, abs=1e-9)
    assert np.tril(odds.joint, -1).sum() == pytest.approx(wins, abs=1e-9)
    assert np.trace(odds.joint) == 0  # nobody is left tied


@given(expected_runs, expected_runs, edges)
def test_each_side_keeps_its_own_distribution(home: float, away: float, edge: float) -> None:
    hosts, guests = runs(home), runs(away)
    odds = RunOdds.of(hosts, guests, home_win(home, away, edge))
    assert np.abs(odds.home - hosts).max() < 1e-6
    assert np.abs(odds.away - guests).max() < 1e-6
    assert odds.expected == pytest.approx((home, away), abs=0.01)


def test_games_are_as_close_as_real_ones() -> None:
    margin = run_odds(4.343, 4.215, 0.5367).margin  # as in the 17,007 games of 2010-2016
    assert margin[[WIDEST - 1, WIDEST + 1]].sum() == pytest.approx(0.298, abs=0.02)


def test_a_side_scores_what_is_expected_of_it() -> None:
    chances = runs(4.3)
    assert chances @ np.arange(len(chances)) == pytest.approx(4.3, abs=0.001)


def test_runs_spread_as_those_of_real_games() -> None:
    chances = runs(4.28)
    counts = np.arange(len(chances))
    variance = chances @ counts**2 - (chances @ counts) ** 2
    assert variance == pytest.approx(9.1, abs=0.5)  # of the 34,014 sides of 2010-2016
