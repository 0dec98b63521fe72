"""Game rows from an assembled match-up: the columns of game_features_daily but labels."""

import numpy as np
import polars as pl

from shared.sports.mlb.matchup.club_features import club_features
from shared.sports.mlb.matchup.columns import (
    HOME_AND_AWAY,
    IDENTITY,
    dates,
    features_of,
    ids,
    month,
    park_runs,
    park_runs_lately,
    sources,
    starter_score,
    strikeout_rate,
)
from shared.sports.mlb.matchup.expectation import Expectation, batter_column, column, opposite, over_slots
from shared.sports.mlb.matchup.game_conditions import surroundings
from shared.sports.mlb.matchup.lineups import SOURCES
from shared.sports.mlb.matchup.outcomes import home_win_margin
from shared.sports.mlb.states import CLUB, PITCHER
from shared.sports.mlb.states.entities import Floats

GAME_FEATURES = features_of("game_features_daily", "")


def assembled_game_rows(games: pl.DataFrame, expected: Expectation) -> pl.DataFrame:
    """Return game rows of games whose match-ups are assembled, in the same order."""
    head = games.select(*IDENTITY, as_of=dates(expected.sums.as_of))
    clubs = games.select("home_team_id", "away_team_id", "venue_id")
    starters = {
        f"{side}_starter_id": ids(expected.who.starters[:, i]) for i, side in enumerate(HOME_AND_AWAY)
    }
    origins = {
        f"{side}_lineup_source": sources(expected.who.sources[:, i]) for i, side in enumerate(HOME_AND_AWAY)
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


def _game_features(expected: Expectation, games: pl.DataFrame) -> dict[str, Floats]:
    runs, who = expected.runs, expected.who
    lineups, starters = _lineup_features(expected), _starter_features(expected)
    one = {
        "margin_home_win": home_win_margin(runs[:, 0], runs[:, 1]),
        "expected_run_difference": runs[:, 0] - runs[:, 1],
        "starter_experience_difference": -np.diff(starters["starter_log_experience"])[:, 0],
        "lineup_experience_difference": -np.diff(lineups["lineup_log_experience"])[:, 0],
        "elo_difference": -np.diff(column(expected.sums.clubs, CLUB, "elo"))[:, 0],
        "park_runs": park_runs(expected),
        "park_runs_lately": park_runs_lately(expected),
        "umpire_value": expected.value(expected.umpire_shift),
        "month": month(games),
        "starters_known": (who.starters >= 0).sum(axis=1).astype(np.float64),
        "lineups_confirmed": (who.sources == SOURCES.index("confirmed")).sum(axis=1).astype(np.float64),
    }
    one |= surroundings(games)
    both = {"expected_runs": runs} | lineups | starters
    both |= club_features(expected, games)
    return one | {
        f"{side}_{name}": values[:, i]
        for name, values in both.items()
        for i, side in enumerate(HOME_AND_AWAY)
    }


def _lineup_features(expected: Expectation) -> dict[str, Floats]:
    experience = np.log1p(batter_column(expected, "career_plate_appearances"))
    weights = expected.slot_turns[:, None, :]
    value = over_slots(weights * expected.value(expected.batter_shift)) / over_slots(weights)
    return {
        "lineup_value": value,
        "lineup_log_experience": over_slots(experience) / 9,
        "platoon_share": over_slots(opposite(expected.who)) / 9,
    }


def _starter_features(expected: Expectation) -> dict[str, Floats]:
    return {
        "starter_value": expected.value(expected.starter_shift),
        "starter_strikeout_rate": strikeout_rate(expected, expected.starter_shift),
        "starter_strikeout_score": starter_score(expected),
        "starter_expected_batters": expected.batters_faced,
        "starter_log_experience": np.log1p(column(expected.sums.starters, PITCHER, "career_batters_faced")),
    }
