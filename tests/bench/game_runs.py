"""Microseconds for the odds of runs of a game, in batches and alone."""

from collections.abc import Iterator
from time import process_time

import numpy as np

from shared.sports.mlb.game_runs import GameForecasts, GameRules, game_odds
from tests.bench.figures import Figure

_TARGET = {1000: "200 µs"}  # a game, in a batch of so many
_REPEATS = 5


def run() -> Iterator[Figure]:
    """Yield processor time a game for a day of games and for a thousand."""
    for games in (15, 1000):
        how = f"{games:,} games at once, processor time, best of {_REPEATS}"
        yield Figure("game runs", "odds of a game's runs", measured(games), "µs", how, _TARGET.get(games, ""))


def measured(games: int) -> float:
    """Return microseconds of processor time a game, the best of several runs."""
    random = np.random.default_rng(1)
    forecasts = GameForecasts(
        1 / (1 + np.exp(-random.normal(0.14, 0.4, games))),
        random.normal(4.4, 0.5, games),
        random.normal(4.2, 0.5, games),
        np.ones((games, 2)),
    )
    rules = GameRules.of_games([2026] * games, ["R"] * games, [9] * games)
    taken = []
    for _ in range(_REPEATS):
        start = process_time()
        game_odds(forecasts, rules)
        taken.append(process_time() - start)
    return min(taken) / games * 1e6
