"""The joint distribution of both sides' runs, consistent with each side's forecast and with who wins."""

from dataclasses import dataclass
from functools import cached_property
from math import lgamma
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shared.modeling.distribution import Floats

# Negative binomial: variance m + m²/4. Runs of a side had mean 4.28 and variance 9.1 over the 34,014 sides
# of 2010-2016 (size 3.8); the game's expected runs explain a little of that.
DISPERSION_SIZE = 4.0
MAX_RUNS = 25  # runs of a side; the last count holds the tail
MAX_MARGIN = 12  # runs of a margin; the ends hold the tails
_MAX_ITERATIONS = 200
_TOLERANCE = 1e-10  # probability by which the joint may miss a side's distribution
_MAX_ODDS = 400.0  # on the half in which the home club leads: beyond what any two clubs need
_MIN_PROBABILITY = 1e-300
_LOG_COEFFICIENTS = np.array(
    [lgamma(n + DISPERSION_SIZE) - lgamma(DISPERSION_SIZE) - lgamma(n + 1) for n in range(MAX_RUNS)]
)


@dataclass(frozen=True)
class RunOdds:
    """Chances of every final score, [runs of the home club, runs of the visitors]."""

    joint: Floats

    @classmethod
    def from_sides(cls, home: Floats, away: Floats, home_win: float) -> Self:
        """Return the odds that agree with both sides' distributions and with the chance of a home win."""
        return cls(_fit_joint(_independent_joint(home, away, home_win), home, away, home_win))

    @cached_property
    def home_runs(self) -> Floats:
        """Return P(0 … n) runs of the home club."""
        return np.asarray(self.joint.sum(axis=1))

    @cached_property
    def away_runs(self) -> Floats:
        """Return P(0 … n) runs of the visitors."""
        return np.asarray(self.joint.sum(axis=0))

    @cached_property
    def total_runs(self) -> Floats:
        """Return P(0 … 2n) runs of both."""
        return np.asarray(np.bincount(np.add(*_score_grid(self.joint)).ravel(), weights=self.joint.ravel()))

    @cached_property
    def run_margin(self) -> Floats:
        """Return P(-MAX_MARGIN … MAX_MARGIN) of home minus visitors."""
        difference = np.clip(np.subtract(*_score_grid(self.joint)), -MAX_MARGIN, MAX_MARGIN)
        places = (difference + MAX_MARGIN).ravel()
        return np.asarray(np.bincount(places, weights=self.joint.ravel(), minlength=2 * MAX_MARGIN + 1))

    @property
    def expected_runs(self) -> tuple[float, float]:
        """Return the expected runs of home and visitors."""
        runs = np.arange(len(self.joint))
        return float(self.home_runs @ runs), float(self.away_runs @ runs)


def run_odds(home_runs: float, away_runs: float, home_win: float) -> RunOdds:
    """Return the odds of two sides with these expected runs."""
    return RunOdds.from_sides(run_distribution(home_runs), run_distribution(away_runs), home_win)


def run_distribution(mean: float) -> Floats:
    """Return P(0 … MAX_RUNS) of a negative binomial with this mean and size 4; the last holds the tail."""
    counts = np.arange(MAX_RUNS)
    chances = np.exp(
        _LOG_COEFFICIENTS
        + DISPERSION_SIZE * np.log(DISPERSION_SIZE / (DISPERSION_SIZE + mean))
        + counts * np.log(mean / (DISPERSION_SIZE + mean))
    )
    return np.append(chances, max(0.0, 1.0 - float(chances.sum())))


def _independent_joint(home: Floats, away: Floats, home_win: float) -> Floats:
    """Return the joint of sides that score apart (their correlation was .03), ties played on by one run."""
    joint = np.outer(home, away)
    level = np.arange(len(home) - 1)
    tied = joint[level, level]
    np.fill_diagonal(joint, 0.0)
    joint[level + 1, level] += home_win * tied
    joint[level, level + 1] += (1.0 - home_win) * tied
    return joint


def _fit_joint(joint: Floats, home: Floats, away: Floats, home_win: float) -> Floats:
    """Return the nearest joint, in Kullback and Leibler's sense, that has the sides and the chance to win.

    Iterative proportional fitting (Deming and Stephan, 1940) of rows, columns and the half in which the home
    club leads. Sides that contradict the chance to win outright give way to it.
    """
    ahead, behind = np.tril(joint, -1), np.triu(joint, 1)
    odds, hosts, guests = 1.0, np.ones_like(home), np.ones_like(away)
    for _ in range(_MAX_ITERATIONS):
        weighed = odds * ahead + behind
        rows = weighed @ guests
        if np.abs(hosts * rows - home).max() < _TOLERANCE:
            break
        hosts = home / np.maximum(rows, _MIN_PROBABILITY)
        guests = away / np.maximum(hosts @ weighed, _MIN_PROBABILITY)
        won, lost = odds * (hosts @ ahead @ guests), hosts @ behind @ guests
        agreeing = float(odds * home_win * lost / ((1.0 - home_win) * won))
        odds = min(max(agreeing, 1.0 / _MAX_ODDS), _MAX_ODDS)
    won, lost = np.outer(hosts, guests) * ahead, np.outer(hosts, guests) * behind
    return np.asarray(won * (home_win / won.sum()) + lost * ((1.0 - home_win) / lost.sum()))


def _score_grid(joint: Floats) -> NDArray[np.int64]:
    return np.indices(joint.shape)
