"""Game rows from an assembled match-up: the columns of game_features_daily but labels."""

import numpy as np
import polars as pl

from shared.sports.mlb.matchup.club_features import club_features
from shared.sports.mlb.matchup.columns import (
    HOME_AND_AWAY,
    IDENTITY,
    dates_from_days,
    features_of,
    month_numbers,
    nullable_ids,
    park_factor_runs,
    park_factor_runs_recent,
    starter_strikeout_z,
    status_names,
    strikeout_rate,
)
from shared.sports.mlb.matchup.expectation import (
    MatchupExpectation,
    batter_column,
    platoon_advantage,
    state_column,
    sum_over_slots,
)
from shared.sports.mlb.matchup.game_conditions import game_conditions
from shared.sports.mlb.matchup.lineups import AWAY, CONFIRMED, HOME
from shared.sports.mlb.matchup.outcomes import home_win_margin
from shared.sports.mlb.states import CLUB, PITCHER
from shared.sports.mlb.states.entities import Floats

GAME_FEATURES = features_of("game_features_daily", "")


def assembled_game_rows(games: pl.DataFrame, expected: MatchupExpectation) -> pl.DataFrame:
    """Return game rows of games whose match-ups are assembled, in the same order."""
    head = games.select(*IDENTITY, as_of=dates_from_days(expected.sums.as_of))
    clubs = games.select("home_team_id", "away_team_id", "venue_id")
    starters = {
        f"{side}_starter_id": nullable_ids(expected.who.starters[:, i])
        for i, side in enumerate(HOME_AND_AWAY)
    }
    origins = {
        f"{side}_lineup_status": status_names(expected.who.sources[:, i])
        for i, side in enumerate(HOME_AND_AWAY)
    }
    features = _game_features(expected, games)
    return pl.concat(
        [
            head,
            clubs,
            pl.DataFrame(starters | origins),
            pl.DataFrame({name: features[name] for name in GAME_FEATURES}),
        ],
        how="horizontal",
    )


def _game_features(expected: MatchupExpectation, games: pl.DataFrame) -> dict[str, Floats]:
    runs, who = expected.expected_runs, expected.who
    lineups, starters = _lineup_features(expected), _starter_features(expected)
    one = {
        "margin_home_win": home_win_margin(runs[:, HOME], runs[:, AWAY]),
        "expected_run_difference": runs[:, HOME] - runs[:, AWAY],
        "starter_experience_difference": -np.diff(starters["starter_log_experience"])[:, 0],
        "lineup_experience_difference": -np.diff(lineups["lineup_log_experience"])[:, 0],
        "elo_difference": -np.diff(state_column(expected.sums.clubs, CLUB, "elo"))[:, 0],
        "park_factor_runs": park_factor_runs(expected),
        "park_factor_runs_recent": park_factor_runs_recent(expected),
        "umpire_runs_above_average": expected.runs_above_average(expected.umpire_shift),
        "month": month_numbers(games),
        "starters_known": (who.starters >= 0).sum(axis=1).astype(np.float64),
        "lineups_confirmed": (who.sources == CONFIRMED).sum(axis=1).astype(np.float64),
    }
    one |= game_conditions(games)
    both = {"expected_runs": runs} | lineups | starters
    both |= club_features(expected, games)
    return one | {
        f"{side}_{name}": values[:, i]
        for name, values in both.items()
        for i, side in enumerate(HOME_AND_AWAY)
    }


def _lineup_features(expected: MatchupExpectation) -> dict[str, Floats]:
    experience = np.log1p(batter_column(expected, "career_plate_appearances"))
    weights = expected.slot_plate_appearances[:, None, :]
    value = sum_over_slots(weights * expected.runs_above_average(expected.batter_shift)) / sum_over_slots(
        weights
    )
    return {
        "lineup_runs_above_average": value,
        "lineup_log_experience": sum_over_slots(experience) / 9,
        "platoon_share": sum_over_slots(platoon_advantage(expected.who)) / 9,
    }


def _starter_features(expected: MatchupExpectation) -> dict[str, Floats]:
    return {
        "starter_runs_above_average": expected.runs_above_average(expected.starter_shift),
        "starter_strikeout_rate": strikeout_rate(expected, expected.starter_shift),
        "starter_strikeout_z": starter_strikeout_z(expected),
        "starter_expected_batters": expected.batters_faced,
        "starter_log_experience": np.log1p(
            state_column(expected.sums.starters, PITCHER, "career_batters_faced")
        ),
    }
