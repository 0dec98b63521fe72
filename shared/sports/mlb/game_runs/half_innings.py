"""Runs of a half-inning, and of a club's innings of a game: the building blocks of a game's score."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from shared.modeling.distribution import Floats

Complexes = NDArray[np.complex128]
Mask = NDArray[np.bool_]
MAX_RUNS = 31  # counts of runs are 0 … MAX_RUNS: more has a chance below a millionth in a usual game
SIDES = HOME, AWAY = 0, 1
EARLY_INNINGS = 5
_NODES = 2  # of the quadrature over a factor; more change no chance by .0001
_LARGEST_SHARE = 0.95  # of half-innings with a run: beyond any club's


@dataclass(frozen=True)
class ScoringConstants:
    """What the scoring of all games has in common.

    A half-inning of m expected runs has a run with chance `scoring_scale` m^`scoring_exponent`, and further
    runs are geometric: the more a club scores, the larger its innings, too. A game multiplies each club's
    runs by a log-normal factor of variance `club_spread`. The factors of the ninth multiply the expected runs
    of a half-inning, relative to innings six to eight; extra innings are as those.
    """

    scoring_scale: float
    scoring_exponent: float
    club_spread: float
    top_of_ninth: float
    bottom_when_behind: float  # of the ninth: the visitors' closer pitches
    level_after_nine: float  # chance that regulation ends level, over that of clubs that score apart
    placed_runner_scores: float  # with a runner placed on second, chance of a run where none would be scored
    walk_off_margins: tuple[float, ...]  # chances that a walk-off wins by 1, 2 …


# Fitted on the regular seasons 2010-2012 by `evaluation.game_runs_fit`, judged on 2013-2016.
SCORING = ScoringConstants(
    scoring_scale=0.4868,
    scoring_exponent=0.8175,
    club_spread=0.01,
    top_of_ninth=0.9182,
    bottom_when_behind=0.864,
    level_after_nine=0.9112,
    placed_runner_scores=0.4616,
    walk_off_margins=(0.9027, 0.0569, 0.0284, 0.012),
)


@dataclass(frozen=True)
class HalfInning:
    """Distributions of the runs of half-innings: `score` is the chance of a run, `more` that of another.

    P(0) = 1 - score, P(k) = score (1 - more) more^(k - 1): geometric with another chance of none.
    """

    score: Floats
    more: Floats

    @classmethod
    def from_expected_runs(cls, expected: Floats, constants: ScoringConstants = SCORING) -> "HalfInning":
        """Return the distributions with these means."""
        usual = constants.scoring_scale * expected**constants.scoring_exponent
        score = np.minimum(np.minimum(usual, expected), _LARGEST_SHARE)
        return cls(score, 1.0 - score / expected)

    def with_placed_runner(self, places: Mask, scores: float) -> "HalfInning":
        """Return the distributions of half-innings some of which begin with a runner on second."""
        helped = 1.0 - (1.0 - self.score) * (1.0 - scores)
        return HalfInning(np.where(places[:, None], helped, self.score), self.more)

    def chances(self, counts: int) -> Floats:
        """Return P(0 … counts - 1), [..., counts]; the last holds the tail."""
        runs = np.arange(1, counts - 1)
        scored = (self.score * (1.0 - self.more))[..., None] * self.more[..., None] ** (runs - 1)
        tail = (self.score * self.more ** (counts - 2))[..., None]
        return np.concatenate([1.0 - self.score[..., None], scored, tail], axis=-1)

    def transform(self) -> Complexes:
        """Return the generating function at the roots of unity that `chances_of` inverts, [..., roots]."""
        score, more = self.score[..., None], self.more[..., None]
        return np.asarray((1.0 - score + (score - more) * _ROOTS) / (1.0 - more * _ROOTS))


_ROOTS = np.exp(-2j * np.pi * np.arange((MAX_RUNS + 1) // 2 + 1) / (MAX_RUNS + 1))


def chances_of(transform: Complexes) -> Floats:
    """Return P(0 … MAX_RUNS) of a sum of half-innings, the product of their transforms."""
    return np.asarray(np.maximum(np.fft.irfft(transform, MAX_RUNS + 1), 0.0))


@cache
def factor_nodes(spread: float) -> tuple[Floats, Floats]:
    """Return values and weights of a log-normal factor of mean 1 (Gauss-Hermite quadrature)."""
    places, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    values, weights = np.exp(np.sqrt(spread) * places), weights / weights.sum()
    return values / (values @ weights), weights
