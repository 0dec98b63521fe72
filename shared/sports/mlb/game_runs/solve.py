"""Finds the expected runs of half-innings that give a game its served chance of a home win and its runs."""

from dataclasses import dataclass

import numpy as np

from shared.modeling.distribution import Floats
from shared.sports.mlb.game_runs.half_innings import SCORING, ScoringConstants
from shared.sports.mlb.game_runs.rules import GameRules
from shared.sports.mlb.game_runs.scores import GameScores, ScoringRates

TOLERANCE = 1e-5  # of the log-odds to win and of the logarithm of the total
_MAX_STEPS = 40
_LONGEST_STEP = 0.5  # of a logarithm
_STANDSTILL = 1e-18  # square of a step too short to learn from
# Where the search begins: what the solutions of usual games come to
_HALF_INNINGS = 8.93  # of a club in a game
_WIN_EXPONENT, _USUAL_TOTAL, _EXPONENT_OF_TOTAL = 1.73, 8.6, 0.43  # odds to win from the ratio of rates
_RUNS_RANGE, _CHANCE_RANGE = (2.0, 20.0), (0.002, 0.998)  # what a game can have


@dataclass(frozen=True)
class GameForecasts:
    """What is served of some games: [games] each."""

    home_win: Floats
    home_runs: Floats
    away_runs: Floats
    early_to_late: Floats  # [games, 2], of home and visitors: see ScoringRates

    def __getitem__(self, games: slice) -> "GameForecasts":
        """Return the forecasts of some games."""
        return GameForecasts(
            self.home_win[games], self.home_runs[games], self.away_runs[games], self.early_to_late[games]
        )

    @property
    def total_runs(self) -> Floats:
        """Return the expected runs of both, within what a game can have."""
        return np.clip(self.home_runs + self.away_runs, *_RUNS_RANGE)

    @property
    def home_log_odds(self) -> Floats:
        """Return the log-odds of a home win, within what a game can have."""
        return _log_odds(np.clip(self.home_win, *_CHANCE_RANGE))


def solve_scores(
    forecasts: GameForecasts, rules: GameRules, constants: ScoringConstants = SCORING
) -> GameScores:
    """Return the scores of games that have the forecasts' chance of a home win and total of runs.

    Both clubs' shares of the total follow from the chance. Broyden's method (1965) for all games at once,
    from the inverse of a usual game's derivatives.
    """
    total = forecasts.total_runs
    exponent = _WIN_EXPONENT * (total / _USUAL_TOTAL) ** _EXPONENT_OF_TOTAL
    share = 1.0 / (1.0 + np.exp(-forecasts.home_log_odds / exponent))
    logs = np.log(np.column_stack([share, 1.0 - share]) * total[:, None] / _HALF_INNINGS)
    inverse = _usual_inverse(share, exponent)
    scores = _scores_at(logs, forecasts, rules, constants)
    residuals = _residuals(scores, forecasts)
    for _ in range(_MAX_STEPS):
        if np.abs(residuals).max(initial=0.0) < TOLERANCE:
            break
        step = np.clip(-np.einsum("gij,gj->gi", inverse, residuals), -_LONGEST_STEP, _LONGEST_STEP)
        logs = logs + step
        scores = _scores_at(logs, forecasts, rules, constants)
        after = _residuals(scores, forecasts)
        inverse = _updated_inverse(inverse, step, after - residuals)
        residuals = after
    return scores


def _scores_at(
    logs: Floats, forecasts: GameForecasts, rules: GameRules, constants: ScoringConstants
) -> GameScores:
    return GameScores.from_rates(ScoringRates(np.exp(logs), forecasts.early_to_late), rules, constants)


def _residuals(scores: GameScores, forecasts: GameForecasts) -> Floats:
    """Return by how much log-odds to win and log total exceed the forecasts, [games, 2]."""
    implied = scores.summary
    chance = np.clip(implied.home_win, _CHANCE_RANGE[0] / 10, 1 - _CHANCE_RANGE[0] / 10)
    total = implied.home_runs + implied.away_runs
    return np.column_stack(
        [_log_odds(chance) - forecasts.home_log_odds, np.log(total / forecasts.total_runs)]
    )


def _usual_inverse(share: Floats, exponent: Floats) -> Floats:
    """Return the inverse of the residuals' derivatives, [games, 2, 2].

    Args:
        share: of the home club in the runs of both.
        exponent: of the ratio of their rates, in the odds to win.
    """
    inverse = np.ones((len(share), 2, 2))
    inverse[:, 0, 0], inverse[:, 1, 0] = (1.0 - share) / exponent, -share / exponent
    return inverse


def _updated_inverse(inverse: Floats, step: Floats, change: Floats) -> Floats:
    """Return the inverse after a step that changed the residuals so; the same for games that stand still."""
    moved = np.einsum("gij,gj->gi", inverse, change)
    backward = np.einsum("gi,gij->gj", step, inverse)
    scale = np.einsum("gi,gi->g", step, moved)
    still = np.abs(scale) < _STANDSTILL
    gain = (step - moved) / np.where(still, 1.0, scale)[:, None]
    return np.where(still[:, None, None], inverse, inverse + gain[:, :, None] * backward[:, None, :])


def _log_odds(chance: Floats) -> Floats:
    return np.asarray(np.log(chance / (1.0 - chance)))
