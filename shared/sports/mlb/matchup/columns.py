"""Columns that game rows and player rows have in common, and how they are written."""

import numpy as np
import polars as pl

from shared.sports.mlb.matchup.expectation import MatchupExpectation, sum_over_slots
from shared.sports.mlb.matchup.lineups import HOME, LINEUP_STATUSES
from shared.sports.mlb.states import CLUB, LEAGUE, PARK, Component
from shared.sports.mlb.states.entities import Floats, Integers
from shared.sports.mlb.states.talent import inverse_logit, logit, park_shift
from shared.storage import tables

IDENTITY = ("game_pk", "game_date", "season", "game_type")
SPREAD_PRIOR = 100.0  # of usual spread added to the league's
USUAL_SPREAD = 0.25  # standard deviation of log-odds
HOME_AND_AWAY = ("home", "away")


def features_of(table: str, *roles: str) -> tuple[str, ...]:
    """Return the features of a table for some roles, in its order."""
    return tuple(f.name for f in tables.get_table(table).fields if f.is_feature and f.role in roles)


def strikeout_rate(expected: MatchupExpectation, shift: Floats) -> Floats:
    """Return strikeouts per plate appearance of a league-average one with these shifts."""
    middle = (slice(None), *(None,) * (shift.ndim - 2))
    return inverse_logit(
        logit(expected.mean[..., Component.STRIKEOUT])[middle] + shift[..., Component.STRIKEOUT]
    )


def park_factor_runs(expected: MatchupExpectation) -> Floats:
    """Return the runs the park adds to an average club's game: (games,)."""
    return np.asarray(
        expected.runs_above_average(expected.park) * sum_over_slots(expected.slot_plate_appearances)
    )


def park_factor_runs_recent(expected: MatchupExpectation) -> Floats:
    """Return the runs the park added to an average club's game in the last half-year: (games,)."""
    sums = expected.sums
    here = sums.parks[:, PARK.component_slice("strikeout_here_lately")]
    lately = park_shift(here, sums.clubs[:, HOME, CLUB.component_slice("strikeout_road")])
    return np.asarray(expected.runs_above_average(lately) * sum_over_slots(expected.slot_plate_appearances))


def starter_strikeout_z(expected: MatchupExpectation) -> Floats:
    """Return by how many standard deviations starters strike out more than the league's: (games, 2)."""
    return _z_score(
        expected, expected.starter_shift[..., Component.STRIKEOUT], "start_strikeout_shift", "starts"
    )


def batter_home_run_z(expected: MatchupExpectation) -> Floats:
    """Return by how many standard deviations batters homer more than the league's: (games, 2, 9)."""
    return _z_score(expected, expected.batter_shift[..., Component.HOME_RUN], "turn_home_run_shift", "turns")


def _z_score(expected: MatchupExpectation, shift: Floats, name: str, count: str) -> Floats:
    """Return (shift - mean) / deviation, both of the league as of the day; a prior keeps early days sane."""
    league = expected.sums.league[:, LEAGUE.column_indexes(name, f"{name}_squared", count)]
    total, squares, number = (part.reshape(-1, *(1,) * (shift.ndim - 1)) for part in league.T)
    mean = total / (number + SPREAD_PRIOR)
    variance = (squares + SPREAD_PRIOR * USUAL_SPREAD**2) / (number + SPREAD_PRIOR) - mean**2
    return np.asarray((shift - mean) / np.sqrt(np.maximum(variance, 1e-6)))


def month_numbers(games: pl.DataFrame) -> Floats:
    """Return the month of each game."""
    return games["game_date"].dt.month().cast(pl.Float64).to_numpy()


def nullable_ids(found: Integers) -> pl.Series:
    """Return player ids, null where nobody is known."""
    ids = pl.Series(found, dtype=pl.Int64)
    return pl.select(pl.when(ids >= 0).then(ids)).to_series()


def status_names(codes: Integers) -> pl.Series:
    """Return where line-ups came from, in words."""
    return pl.Series(np.array(LINEUP_STATUSES, dtype=object)[codes], dtype=pl.String)


def dates_from_days(days: Integers) -> pl.Series:
    """Return dates of days since 1970-01-01."""
    return pl.Series(days, dtype=pl.Int64).cast(pl.Int32).cast(pl.Date)
