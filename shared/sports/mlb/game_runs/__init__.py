"""One game of baseball: every forecast of runs from one distribution that agrees with who wins."""

from shared.sports.mlb.game_runs.half_innings import MAX_RUNS, SCORING, ScoringConstants
from shared.sports.mlb.game_runs.odds import MAX_MARGIN, GameOdds, ScoreDistribution, game_odds
from shared.sports.mlb.game_runs.rules import GameRules
from shared.sports.mlb.game_runs.solve import GameForecasts
from shared.sports.mlb.game_runs.starters import early_to_late, promised_early_to_late

__all__ = [
    "MAX_MARGIN",
    "MAX_RUNS",
    "SCORING",
    "GameForecasts",
    "GameOdds",
    "GameRules",
    "ScoreDistribution",
    "ScoringConstants",
    "early_to_late",
    "game_odds",
    "promised_early_to_late",
]
