"""Two clubs, two line-ups, a park and a date to a model's row: the one assembly of features."""

from shared.sports.mlb.matchup.expectation import EntityStates, MatchupExpectation, expected_matchup
from shared.sports.mlb.matchup.game_features import GAME_FEATURES, assembled_game_rows
from shared.sports.mlb.matchup.lineups import Slate, build_slate, fill_lineups
from shared.sports.mlb.matchup.player_features import BATTER_FEATURES, STARTER_FEATURES, assembled_player_rows
from shared.sports.mlb.matchup.rows import game_rows, player_rows

__all__ = [
    "BATTER_FEATURES",
    "GAME_FEATURES",
    "STARTER_FEATURES",
    "EntityStates",
    "MatchupExpectation",
    "Slate",
    "assembled_game_rows",
    "assembled_player_rows",
    "build_slate",
    "expected_matchup",
    "fill_lineups",
    "game_rows",
    "player_rows",
]
