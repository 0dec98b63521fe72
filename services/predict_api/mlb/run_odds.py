"""How many runs: one joint distribution, in agreement with what is told of each side and who wins."""

from dataclasses import dataclass
from functools import cached_property
from math import lgamma
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shared.modeling.distribution import Floats

# Negative binomial: variance m + m²/4. Runs of a side had mean 4.28 and variance 9.1 over the 34,014 sides
# of 2010-2016 (size 3.8); what is expected of a game explains a little of that.
SIZE = 4.0
MOST = 25  # runs of a side; the last count holds the tail
WIDEST = 12  # runs of a margin; the ends hold the tails
_SWEEPS = 200
_AGREED = 1e-10  # probability by which the joint may miss a side's distribution
_LONGEST_ODDS = 400.0  # on the half in which the home club leads: beyond what any two clubs need
_NEVER = 1e-300
_WAYS = np.array([lgamma(n + SIZE) - lgamma(SIZE) - lgamma(n + 1) for n in range(MOST)])


@dataclass(frozen=True)
class RunOdds:
    """Chances of every final score, [runs of the home club, runs of the visitors]."""

    joint: Floats

    @classmethod
    def of(cls, home: Floats, away: Floats, home_win: float) -> Self:
        """Return the odds that agree with both sides' distributions and with the chance of a home win."""
        return cls(_fitted(_independent(home, away, home_win), home, away, home_win))

    @cached_property
    def home(self) -> Floats:
        """Return P(0 … n) runs of the home club."""
        return np.asarray(self.joint.sum(axis=1))

    @cached_property
    def away(self) -> Floats:
        """Return P(0 … n) runs of the visitors."""
        return np.asarray(self.joint.sum(axis=0))

    @cached_property
    def total(self) -> Floats:
        """Return P(0 … 2n) runs of both."""
        return np.asarray(np.bincount(np.add(*_counts(self.joint)).ravel(), weights=self.joint.ravel()))

    @cached_property
    def margin(self) -> Floats:
        """Return P(-WIDEST … WIDEST) of home minus visitors."""
        difference = np.clip(np.subtract(*_counts(self.joint)), -WIDEST, WIDEST)
        places = (difference + WIDEST).ravel()
        return np.asarray(np.bincount(places, weights=self.joint.ravel(), minlength=2 * WIDEST + 1))

    @property
    def expected(self) -> tuple[float, float]:
        """Return the expected runs of home and visitors."""
        runs = np.arange(len(self.joint))
        return float(self.home @ runs), float(self.away @ runs)


def run_odds(home_runs: float, away_runs: float, home_win: float) -> RunOdds:
    """Return the odds of two sides who are expected to score so many."""
    return RunOdds.of(runs(home_runs), runs(away_runs), home_win)


def runs(mean: float) -> Floats:
    """Return P(0 … MOST) of a negative binomial with this mean and size 4; the last holds the tail."""
    counts = np.arange(MOST)
    chances = np.exp(_WAYS + SIZE * np.log(SIZE / (SIZE + mean)) + counts * np.log(mean / (SIZE + mean)))
    return np.append(chances, max(0.0, 1.0 - float(chances.sum())))


def _independent(home: Floats, away: Floats, home_win: float) -> Floats:
    """Return the joint of sides that score apart (their correlation was .03), ties played on by one run."""
    joint = np.outer(home, away)
    level = np.arange(len(home) - 1)
    tied = joint[level, level]
    np.fill_diagonal(joint, 0.0)
    joint[level + 1, level] += home_win * tied
    joint[level, level + 1] += (1.0 - home_win) * tied
    return joint


def _fitted(joint: Floats, home: Floats, away: Floats, home_win: float) -> Floats:
    """Return the nearest joint, in Kullback and Leibler's sense, that has the sides and the chance to win.

    Iterative proportional fitting (Deming and Stephan, 1940) of rows, columns and the half in which the home
    club leads. Sides that contradict the chance to win outright give way to it.
    """
    ahead, behind = np.tril(joint, -1), np.triu(joint, 1)
    odds, hosts, guests = 1.0, np.ones_like(home), np.ones_like(away)
    for _ in range(_SWEEPS):
        weighed = odds * ahead + behind
        rows = weighed @ guests
        if np.abs(hosts * rows - home).max() < _AGREED:
            break
        hosts = home / np.maximum(rows, _NEVER)
        guests = away / np.maximum(hosts @ weighed, _NEVER)
        won, lost = odds * (hosts @ ahead @ guests), hosts @ behind @ guests
        agreeing = float(odds * home_win * lost / ((1.0 - home_win) * won))
        odds = min(max(agreeing, 1.0 / _LONGEST_ODDS), _LONGEST_ODDS)
    won, lost = np.outer(hosts, guests) * ahead, np.outer(hosts, guests) * behind
    return np.asarray(won * (home_win / won.sum()) + lost * ((1.0 - home_win) / lost.sum()))


def _counts(joint: Floats) -> NDArray[np.int64]:
    return np.indices(joint.shape)
