"""Plays games half-inning by half-inning with random numbers: what the distribution must agree with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.sports.mlb.game_runs import ScoringConstants

Runs = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass
class SimulatedGames:
    """Final scores, scores after five innings, innings played, and the runs of every half-inning."""

    home: Runs
    away: Runs
    home_five: Runs
    away_five: Runs
    innings: Runs
    halves: list[tuple[int, bool, Runs, NDArray[np.bool_]]]  # inning, is_top, runs, which games played it


class Simulator:
    """Plays many games at once; `early` and `late` are expected runs of a half-inning, [games, 2]."""

    def __init__(self, seed: int, constants: ScoringConstants, early: Floats, late: Floats) -> None:
        self.random, self.constants = np.random.default_rng(seed), constants
        self.early, self.late = early, late
        self.games = len(early)
        spread = np.sqrt(constants.club_spread)
        logs = self.random.normal(-(spread**2) / 2, spread, (self.games, 2))
        self.factor = np.exp(logs)

    def half(self, expected: Floats, *, placed: bool = False) -> Runs:
        """Return runs of a half-inning of every game."""
        constants = self.constants
        score = constants.scoring_scale * expected**constants.scoring_exponent
        more = 1 - score / expected
        helped = placed & (self.random.random(self.games) < constants.placed_runner_scores)
        scored = helped | (self.random.random(self.games) < score)
        return np.where(scored, self.random.geometric(1 - more), 0)

    def play(
        self, innings: int = 9, *, placed_runner: bool = False, level_stands: bool = False
    ) -> SimulatedGames:
        """Return the games: each ends as soon as the rules say."""
        constants, everywhere = self.constants, np.ones(self.games, dtype=bool)
        home, away = np.zeros(self.games, dtype=int), np.zeros(self.games, dtype=int)
        five = home, away
        halves = []
        for inning in range(1, innings):
            expected = (self.early if inning <= 5 else self.late) * self.factor
            top, bottom = self.half(expected[:, 1]), self.half(expected[:, 0])
            halves += [(inning, True, top, everywhere), (inning, False, bottom, everywhere)]
            away, home = away + top, home + bottom
            five = (home, away) if inning == 5 else five
        late = self.late * self.factor
        top = self.half(late[:, 1] * constants.top_of_ninth)
        away = away + top
        bats = home <= away
        bottom = np.where(
            home == away, self.half(late[:, 0]), self.half(late[:, 0] * constants.bottom_when_behind)
        )
        bottom = self.walk_off(np.where(bats, bottom, 0), away - home, bats)
        home = home + bottom
        halves += [(innings, True, top, everywhere), (innings, False, bottom, bats)]
        played = np.full(self.games, innings)
        while not level_stands and (level := home == away).any():
            top, bottom = (self.half(self.late[:, side], placed=placed_runner) for side in (1, 0))
            top = np.where(level, top, 0)
            bottom = self.walk_off(np.where(level, bottom, 0), top, level)
            away, home, played = away + top, home + bottom, played + level
            number = int(played.max())
            halves += [(number, True, top, level), (number, False, bottom, level)]
        return SimulatedGames(home, away, *five, played, halves)

    def walk_off(self, runs: Runs, needed: Runs, bats: NDArray[np.bool_]) -> Runs:
        """Return the runs of a bottom of the last inning, which ends when they exceed those needed."""
        margins = self.constants.walk_off_margins
        chances = np.array(margins) / sum(margins)
        by = self.random.choice(len(margins), p=chances, size=self.games) + 1
        return np.where(bats & (runs > needed), needed + by, runs)
