"""Odds of runs: everything told of a game's runs comes from one joint distribution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.predict_api.mlb.run_odds import MAX_MARGIN, RunOdds, run_distribution, run_odds

expected_runs = st.floats(2.5, 7.0)
edges = st.floats(-0.4, 0.4)  # log-odds by which a model of the winner may differ from the expected runs
chances = st.floats(1e-6, 1 - 1e-6)


def home_win(home: float, away: float, edge: float) -> float:
    """Return a chance to win that two clubs of these runs can have."""
    return float(1 / (1 + np.exp(-1.83 * np.log(home / away) - edge)))


@given(st.floats(0.5, 12.0), st.floats(0.5, 12.0), chances)
def test_everything_follows_from_the_joint(home: float, away: float, wins: float) -> None:
    odds = run_odds(home, away, wins)
    counts = np.arange(len(odds.home_runs))
    assert [
        part.sum() for part in (odds.home_runs, odds.away_runs, odds.total_runs, odds.run_margin)
    ] == pytest.approx([1] * 4)
    assert odds.expected_runs == pytest.approx((odds.home_runs @ counts, odds.away_runs @ counts))
    assert odds.total_runs @ np.arange(len(odds.total_runs)) == pytest.approx(sum(odds.expected_runs))


@given(st.floats(0.5, 12.0), st.floats(0.5, 12.0), chances)
def test_the_home_club_leads_as_often_as_it_wins(home: float, away: float, wins: float) -> None:
    odds = run_odds(home, away, wins)
    assert odds.run_margin[MAX_MARGIN + 1 :].sum() == pytest.approx(wins, abs=1e-9)
    assert np.tril(odds.joint, -1).sum() == pytest.approx(wins, abs=1e-9)
    assert np.trace(odds.joint) == 0  # nobody is left tied


@given(expected_runs, expected_runs, edges)
def test_each_side_keeps_its_own_distribution(home: float, away: float, edge: float) -> None:
    hosts, guests = run_distribution(home), run_distribution(away)
    odds = RunOdds.from_sides(hosts, guests, home_win(home, away, edge))
    assert np.abs(odds.home_runs - hosts).max() < 1e-6
    assert np.abs(odds.away_runs - guests).max() < 1e-6
    assert odds.expected_runs == pytest.approx((home, away), abs=0.01)


def test_games_are_as_close_as_real_ones() -> None:
    margin = run_odds(4.343, 4.215, 0.5367).run_margin  # as in the 17,007 games of 2010-2016
    assert margin[[MAX_MARGIN - 1, MAX_MARGIN + 1]].sum() == pytest.approx(0.298, abs=0.02)


def test_a_side_scores_what_is_expected_of_it() -> None:
    chances = run_distribution(4.3)
    assert chances @ np.arange(len(chances)) == pytest.approx(4.3, abs=0.001)


def test_runs_spread_as_those_of_real_games() -> None:
    chances = run_distribution(4.28)
    counts = np.arange(len(chances))
    variance = chances @ counts**2 - (chances @ counts) ** 2
    assert variance == pytest.approx(9.1, abs=0.5)  # of the 34,014 sides of 2010-2016
