"""Two clubs, two line-ups, a park and a date to a model's row: the one assembly of features."""

from shared.matchup.expectation import Expectation, Sums, expectation
from shared.matchup.lineups import fill_lineups, slate
from shared.matchup.rows import (
    BATTER_FEATURES,
    GAME_FEATURES,
    STARTER_FEATURES,
    assembled_game_rows,
    assembled_player_rows,
    game_rows,
    player_rows,
)

__all__ = [
    "BATTER_FEATURES",
    "GAME_FEATURES",
    "STARTER_FEATURES",
    "Expectation",
    "Sums",
    "assembled_game_rows",
    "assembled_player_rows",
    "expectation",
    "fill_lineups",
    "game_rows",
    "player_rows",
    "slate",
]
