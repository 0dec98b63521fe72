"""Two clubs, two line-ups, a park and a date to a model's row: the one assembly of features."""

from shared.matchup.lineups import fill_lineups
from shared.matchup.rows import (
    BATTER_FEATURES,
    GAME_FEATURES,
    STARTER_FEATURES,
    game_rows,
    player_rows,
)

__all__ = [
    "BATTER_FEATURES",
    "GAME_FEATURES",
    "STARTER_FEATURES",
    "fill_lineups",
    "game_rows",
    "player_rows",
]
