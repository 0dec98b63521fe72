"""How many runs: each side's distribution, their total and margin, in agreement with the chance to win."""

from dataclasses import dataclass
from math import lgamma

import numpy as np

from shared.distribution import Floats

# Negative binomial: variance m + m²/4. Runs of a side had mean 4.28 and variance 9.1 over the 34,014 sides
# of 2010-2016 (size 3.8); what is expected of a game explains a little of that.
SIZE = 4.0
MOST = 20  # runs of a side; the last count holds the tail
WIDEST = 12  # runs of a margin; the ends hold the tails
_STEPS = 40  # halvings until the margin agrees with the chance to win
_LARGEST_TILT = 3.0  # in log-odds of run shares: beyond any two clubs
_WAYS = np.array([lgamma(n + SIZE) - lgamma(SIZE) - lgamma(n + 1) for n in range(MOST)])


@dataclass(frozen=True, slots=True)
class RunOdds:
    """P(0 … n) runs of each side, P(0 … 2n) of both, P(-WIDEST … WIDEST) of home minus visitors."""

    home: Floats
    away: Floats
    total: Floats
    margin: Floats
    expected: tuple[float, float]  # runs of home and visitors


def run_odds(home_runs: float, away_runs: float, home_win: float) -> RunOdds:
    """Return the odds of two sides who are expected to score so many.

    The sides score independently (their correlation was .03); the expected total stands, and is shared so
    that the home club leads as often as `home_win` says. A tie after nine goes to extra innings: one run
    more for the winner, who is the home club with probability `home_win`.
    """
    low, high = -_LARGEST_TILT, _LARGEST_TILT
    for _ in range(_STEPS):
        middle = (low + high) / 2
        won = _home_share(*_sides(home_runs, away_runs, middle), home_win)
        low, high = (middle, high) if won < home_win else (low, middle)
    tilt = (low + high) / 2
    share = _share(home_runs, away_runs, tilt)
    expected = (home_runs + away_runs) * share, (home_runs + away_runs) * (1.0 - share)
    return joined(*_sides(home_runs, away_runs, tilt), home_win, expected)


def runs(mean: float) -> Floats:
    """Return P(0 … MOST) of a negative binomial with this mean and size 4; the last holds the tail."""
    counts = np.arange(MOST)
    chances = np.exp(_WAYS + SIZE * np.log(SIZE / (SIZE + mean)) + counts * np.log(mean / (SIZE + mean)))
    return np.append(chances, max(0.0, 1.0 - float(chances.sum())))


def _sides(home: float, away: float, tilt: float) -> tuple[Floats, Floats]:
    share = _share(home, away, tilt)
    return runs((home + away) * share), runs((home + away) * (1.0 - share))


def _share(home: float, away: float, tilt: float) -> float:
    return float(1.0 / (1.0 + away / home * np.exp(-tilt)))


def _home_share(home: Floats, away: Floats, home_win: float) -> float:
    fewer = np.concatenate([[0.0], np.cumsum(away)[:-1]])
    return float(home @ fewer + (home @ away) * home_win)


def joined(home: Floats, away: Floats, home_win: float, expected: tuple[float, float]) -> RunOdds:
    """Return the odds of two independent sides; the half in which the home club wins weighs `home_win`.

    A tie after nine goes to extra innings: one run more for the winner.
    """
    joint = np.outer(home, away)
    tied = np.diag(joint).copy()
    decided = _weighed(joint, float(tied.sum()), home_win)
    total, margin = _totals(decided, tied), _margin(decided, float(tied.sum()), home_win)
    return RunOdds(home, away, total, margin, expected)


def _weighed(joint: Floats, tied: float, home_win: float) -> Floats:
    """Return the games decided in nine, weighed so that with their part of the ties wins are `home_win`."""
    won, lost = np.tril(joint, -1), np.triu(joint, 1)
    decided = 1.0 - tied
    return np.asarray(
        won * (home_win * decided / won.sum()) + lost * ((1.0 - home_win) * decided / lost.sum())
    )


def _totals(decided: Floats, tied: Floats) -> Floats:
    most = len(tied) - 1
    both = np.add.outer(np.arange(most + 1), np.arange(most + 1))
    sums = np.bincount(both.ravel(), weights=decided.ravel(), minlength=2 * most + 2)
    total = np.asarray(sums, dtype=np.float64)
    total[1::2] += tied  # level at n, then n and n + 1
    return np.append(total[: 2 * most], total[2 * most :].sum())


def _margin(decided: Floats, tied: float, home_win: float) -> Floats:
    counts = np.arange(len(decided))
    difference = np.subtract.outer(counts, counts)
    place = np.clip(difference, -WIDEST, WIDEST) + WIDEST
    margin = np.bincount(place.ravel(), weights=decided.ravel(), minlength=2 * WIDEST + 1)
    margin[WIDEST + 1] += tied * home_win
    margin[WIDEST - 1] += tied * (1.0 - home_win)
    return np.asarray(margin)
