"""Game rows from an assembled match-up: the columns of game_features_daily but labels."""

import numpy as np
import polars as pl

from shared.matchup.columns import (
    HOME_AND_AWAY,
    IDENTITY,
    dates,
    features_of,
    ids,
    month,
    park_runs,
    sources,
    strikeout_rate,
)
from shared.matchup.expectation import (
    Expectation,
    batter_column,
    column,
    league_runs,
    opposite,
    over_slots,
)
from shared.matchup.lineups import SOURCES
from shared.matchup.outcomes import home_win_margin
from shared.states import CLUB, PITCHER
from shared.states.entities import Floats

GAME_FEATURES = features_of("game_features_daily", "")
LONGEST_REST = 7


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
        "month": month(games),
        "starters_known": (who.starters >= 0).sum(axis=1).astype(np.float64),
        "lineups_confirmed": (who.sources == SOURCES.index("confirmed")).sum(axis=1).astype(np.float64),
    }
    both = {"expected_runs": runs} | lineups | starters
    both |= _club_features(expected)
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
        "starter_expected_batters": expected.batters_faced,
        "starter_log_experience": np.log1p(column(expected.sums.starters, PITCHER, "career_batters_faced")),
    }


def _club_features(expected: Expectation) -> dict[str, Floats]:
    clubs = expected.sums.clubs
    games, season_games = column(clubs, CLUB, "games"), column(clubs, CLUB, "season_games")
    difference = column(clubs, CLUB, "runs_for") - column(clubs, CLUB, "runs_against")
    usual = league_runs(expected.sums)[:, None]
    rest = np.minimum(expected.who.days[:, None] - expected.sums.club_days, LONGEST_REST)
    return {
        "pen_value": expected.value(expected.pen_shift),
        "pen_fatigue": column(clubs, CLUB, "pen_batters_faced"),
        "rest_days": rest.astype(np.float64),
        "run_form": difference / (games + 10.0),
        "runs_for": (column(clubs, CLUB, "runs_for") + 10.0 * usual) / (games + 10.0),
        "runs_against": (column(clubs, CLUB, "runs_against") + 10.0 * usual) / (games + 10.0),
        "season_win_share": (column(clubs, CLUB, "season_wins") + 10.0) / (season_games + 20.0),
    }
