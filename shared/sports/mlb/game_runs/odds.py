"""Every forecast of a game's runs, read from one distribution of its scores."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from shared.modeling.distribution import Floats
from shared.sports.mlb.game_runs.favourite import with_favourite_ahead
from shared.sports.mlb.game_runs.half_innings import SCORING, ScoringConstants
from shared.sports.mlb.game_runs.rules import GameRules
from shared.sports.mlb.game_runs.solve import GameForecasts, solve_scores

MAX_MARGIN = 12  # runs of a margin; the ends hold the tails
_BATCH = 128  # games computed together: as many as fit the processor's cache


@dataclass(frozen=True)
class ScoreDistribution:
    """Chances of scores, [..., runs of the home club, runs of the visitors]; the axes before are of games."""

    joint: Floats

    @cached_property
    def home_runs(self) -> Floats:
        """Return P(0 … n) runs of the home club."""
        return np.asarray(self.joint.sum(axis=-1))

    @cached_property
    def away_runs(self) -> Floats:
        """Return P(0 … n) runs of the visitors."""
        return np.asarray(self.joint.sum(axis=-2))

    @cached_property
    def total_runs(self) -> Floats:
        """Return P(0 … 2n) runs of both."""
        return self._sum_by_diagonal(self.joint)

    @cached_property
    def run_margin(self) -> Floats:
        """Return P(-MAX_MARGIN … MAX_MARGIN) of home minus visitors; the ends hold the tails."""
        exact = self._sum_by_diagonal(self.joint[..., ::-1])
        middle = self.joint.shape[-1] - 1
        low, high = middle - MAX_MARGIN, middle + MAX_MARGIN
        tails = exact[..., : low + 1].sum(axis=-1), exact[..., high:].sum(axis=-1)
        return np.concatenate([tails[0][..., None], exact[..., low + 1 : high], tails[1][..., None]], axis=-1)

    @cached_property
    def home_leads(self) -> Floats:
        """Return the chance that the home club has more runs."""
        return np.asarray(self.run_margin[..., MAX_MARGIN + 1 :].sum(axis=-1))

    @cached_property
    def level(self) -> Floats:
        """Return the chance that both clubs have as many runs."""
        return np.asarray(self.run_margin[..., MAX_MARGIN])

    @property
    def expected_home_runs(self) -> Floats:
        """Return the expected runs of the home club."""
        return np.asarray(self.home_runs @ np.arange(self.joint.shape[-1]))

    @property
    def expected_away_runs(self) -> Floats:
        """Return the expected runs of the visitors."""
        return np.asarray(self.away_runs @ np.arange(self.joint.shape[-1]))

    def _sum_by_diagonal(self, joint: Floats) -> Floats:
        """Return the sums over scores whose places add up to 0, 1 …"""
        size = joint.shape[-1]
        sums = np.zeros((*joint.shape[:-2], 2 * size - 1))
        for home in range(size):
            sums[..., home : home + size] += joint[..., home, :]
        return sums


@dataclass(frozen=True)
class GameOdds:
    """What is forecast of games' runs: final scores, scores after five innings, and extra innings."""

    final: ScoreDistribution
    first_five: ScoreDistribution
    extra_innings: Floats  # chance of any

    def __iter__(self) -> Iterator["GameOdds"]:
        """Yield the odds of each game."""
        for final, first_five, extra in zip(
            self.final.joint, self.first_five.joint, self.extra_innings, strict=True
        ):
            yield GameOdds(ScoreDistribution(final), ScoreDistribution(first_five), extra)

    @property
    def home_win(self) -> Floats:
        """Return the chance of a home win, of games that have a winner."""
        return np.asarray(self.final.home_leads / (1.0 - self.final.level))

    @property
    def one_run_game(self) -> Floats:
        """Return the chance that the clubs end one run apart."""
        margin = self.final.run_margin
        return np.asarray(margin[..., MAX_MARGIN - 1] + margin[..., MAX_MARGIN + 1])

    @property
    def shutout(self) -> Floats:
        """Return the chance that a club scores no run."""
        joint = self.final.joint
        return self.final.home_runs[..., 0] + self.final.away_runs[..., 0] - joint[..., 0, 0]


def game_odds(forecasts: GameForecasts, rules: GameRules, constants: ScoringConstants = SCORING) -> GameOdds:
    """Return the odds of games that agree with the forecasts' chances of a home win and totals of runs.

    A chance beyond .002 … .998 counts as that, and so does a total beyond 2 … 20 runs.

    Example:
        >>> chance, home, away = np.array([0.55]), np.array([4.5]), np.array([4.2])
        >>> forecasts = GameForecasts(chance, home, away, early_to_late=np.ones((1, 2)))
        >>> odds = game_odds(forecasts, GameRules.of_games([2026], ["R"], [9]))
        >>> round(float(odds.home_win[0]), 4)
        0.55
    """
    parts = [
        _odds_of_batch(forecasts[first : first + _BATCH], rules[first : first + _BATCH], constants)
        for first in range(0, max(len(rules), 1), _BATCH)
    ]
    finals, fives, extras = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return GameOdds(ScoreDistribution(finals), ScoreDistribution(fives), extras)


def _odds_of_batch(
    forecasts: GameForecasts, rules: GameRules, constants: ScoringConstants
) -> tuple[Floats, Floats, Floats]:
    scores = solve_scores(forecasts, rules, constants)
    joint = with_favourite_ahead(scores.joint(), forecasts.home_win)
    return joint, scores.first_five(), scores.summary.extra_innings
