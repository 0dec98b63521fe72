"""What the clubs bring besides their players: rest, form, fatigue, the way they came, whom they met."""

import numpy as np
import polars as pl

from shared.sports.mlb.matchup.expectation import Expectation, batter_column, column, league_runs, over_slots
from shared.sports.mlb.matchup.game_conditions import travel
from shared.sports.mlb.states import CLUB, SERIES
from shared.sports.mlb.states.entities import Floats

LONGEST_REST = 7
SERIES_PRIOR = 10.0  # even games added to those of two clubs


def club_features(expected: Expectation, games: pl.DataFrame) -> dict[str, Floats]:
    """Return features of both clubs: (games, 2) each."""
    return _form(expected) | _strength(expected) | _condition(expected, games)


def _of(expected: Expectation, name: str) -> Floats:
    return column(expected.sums.clubs, CLUB, name)


def _form(expected: Expectation) -> dict[str, Floats]:
    games, season_games = _of(expected, "games"), _of(expected, "season_games")
    usual = league_runs(expected.sums)[:, None]
    return {
        "run_form": (_of(expected, "runs_for") - _of(expected, "runs_against")) / (games + 10.0),
        "runs_for": (_of(expected, "runs_for") + 10.0 * usual) / (games + 10.0),
        "runs_against": (_of(expected, "runs_against") + 10.0 * usual) / (games + 10.0),
        "season_win_share": (_of(expected, "season_wins") + 10.0) / (season_games + 20.0),
        "lately_win_share": (_of(expected, "lately_wins") + 2.5) / (_of(expected, "lately_games") + 5.0),
        "streak": _of(expected, "streak"),
    }


def _strength(expected: Expectation) -> dict[str, Floats]:
    faced = _of(expected, "season_opponent_elo") / (_of(expected, "season_games") + 10.0)
    return {
        "pen_value": expected.value(expected.pen_shift),
        "catcher_value": expected.value(expected.catcher_shift),
        "opponents_elo": faced,
        "series_win_share": _series_share(expected),
    }


def _series_share(expected: Expectation) -> Floats:
    series, clubs = expected.sums.series, expected.who.clubs
    games, wins = (column(series, SERIES, f"season_{name}")[:, None] for name in ("games", "wins"))
    of_lower = clubs == clubs.min(axis=1, keepdims=True)
    won = np.where(of_lower, wins, games - wins)
    return np.asarray((won + SERIES_PRIOR / 2) / (games + SERIES_PRIOR))


def _condition(expected: Expectation, games: pl.DataFrame) -> dict[str, Floats]:
    rest = np.minimum(expected.who.days[:, None] - expected.sums.club_days, LONGEST_REST)
    recent = over_slots(batter_column(expected, "recent_plate_appearances"))
    postseason = np.log1p(batter_column(expected, "postseason_plate_appearances"))
    return {
        "pen_fatigue": _of(expected, "pen_batters_faced"),
        "rest_days": rest.astype(np.float64),
        "regulars_share": np.minimum(recent / (_of(expected, "recent_plate_appearances") + 1.0), 1.0),
        "postseason_experience": over_slots(postseason) / 9,
        **travel(games, _of(expected, "last_latitude"), _of(expected, "last_longitude")),
    }
