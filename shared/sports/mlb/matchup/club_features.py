"""What the clubs bring besides their players: rest, form, fatigue, the way they came, whom they met."""

import numpy as np
import polars as pl

from shared.sports.mlb.matchup.expectation import (
    MatchupExpectation,
    batter_column,
    league_runs,
    state_column,
    sum_over_slots,
)
from shared.sports.mlb.matchup.game_conditions import travel_features
from shared.sports.mlb.states import CLUB, SERIES
from shared.sports.mlb.states.entities import Floats

MAX_REST_DAYS = 7
HEAD_TO_HEAD_PRIOR = 10.0  # even games added to those of two clubs


def club_features(expected: MatchupExpectation, games: pl.DataFrame) -> dict[str, Floats]:
    """Return features of both clubs: (games, 2) each."""
    return _form_features(expected) | _strength_features(expected) | _condition_features(expected, games)


def _club_column(expected: MatchupExpectation, name: str) -> Floats:
    return state_column(expected.sums.clubs, CLUB, name)


def _form_features(expected: MatchupExpectation) -> dict[str, Floats]:
    games, season_games = _club_column(expected, "games"), _club_column(expected, "season_games")
    usual = league_runs(expected.sums)[:, None]
    return {
        "run_form": (_club_column(expected, "runs_for") - _club_column(expected, "runs_against"))
        / (games + 10.0),
        "runs_for": (_club_column(expected, "runs_for") + 10.0 * usual) / (games + 10.0),
        "runs_against": (_club_column(expected, "runs_against") + 10.0 * usual) / (games + 10.0),
        "season_win_pct": (_club_column(expected, "season_wins") + 10.0) / (season_games + 20.0),
        "recent_win_pct": (_club_column(expected, "recent_wins") + 2.5)
        / (_club_column(expected, "recent_games") + 5.0),
        "streak": _club_column(expected, "streak"),
    }


def _strength_features(expected: MatchupExpectation) -> dict[str, Floats]:
    faced = _club_column(expected, "season_opponent_elo") / (_club_column(expected, "season_games") + 10.0)
    return {
        "bullpen_runs_above_average": expected.runs_above_average(expected.bullpen_shift),
        "catcher_runs_above_average": expected.runs_above_average(expected.catcher_shift),
        "strength_of_schedule": faced,
        "head_to_head_win_pct": _head_to_head_win_pct(expected),
    }


def _head_to_head_win_pct(expected: MatchupExpectation) -> Floats:
    series, clubs = expected.sums.series, expected.who.clubs
    games, wins = (state_column(series, SERIES, f"season_{name}")[:, None] for name in ("games", "wins"))
    of_lower = clubs == clubs.min(axis=1, keepdims=True)
    won = np.where(of_lower, wins, games - wins)
    return np.asarray((won + HEAD_TO_HEAD_PRIOR / 2) / (games + HEAD_TO_HEAD_PRIOR))


def _condition_features(expected: MatchupExpectation, games: pl.DataFrame) -> dict[str, Floats]:
    rest = np.minimum(expected.who.days[:, None] - expected.sums.club_days, MAX_REST_DAYS)
    recent = sum_over_slots(batter_column(expected, "recent_plate_appearances"))
    postseason = np.log1p(batter_column(expected, "postseason_plate_appearances"))
    return {
        "bullpen_fatigue": _club_column(expected, "bullpen_batters_faced"),
        "rest_days": rest.astype(np.float64),
        "regulars_share": np.minimum(
            recent / (_club_column(expected, "recent_plate_appearances") + 1.0), 1.0
        ),
        "postseason_experience": sum_over_slots(postseason) / 9,
        **travel_features(
            games, _club_column(expected, "last_latitude"), _club_column(expected, "last_longitude")
        ),
    }
