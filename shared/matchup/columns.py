"""Columns that game rows and player rows have in common, and how they are written."""

import numpy as np
import polars as pl

from shared import tables
from shared.matchup.expectation import Expectation, over_slots
from shared.matchup.lineups import SOURCES
from shared.matchup.talent import logit, probability
from shared.states.entities import Floats, Integers

IDENTITY = ("game_pk", "game_date", "season", "game_type")
HOME_AND_AWAY = ("home", "away")


def features_of(table: str, *roles: str) -> tuple[str, ...]:
    """Return the features of a table for some roles, in its order."""
    return tuple(f.name for f in tables.table(table).fields if f.is_feature and f.role in roles)


def strikeout_rate(expected: Expectation, shift: Floats) -> Floats:
    """Return strikeouts per plate appearance of a league-average one with these shifts."""
    middle = (slice(None), *(None,) * (shift.ndim - 2))
    return probability(logit(expected.mean[..., 0])[middle] + shift[..., 0])


def park_runs(expected: Expectation) -> Floats:
    """Return the runs the park adds to an average club's game: (games,)."""
    return np.asarray(expected.value(expected.park) * over_slots(expected.slot_turns))


def month(games: pl.DataFrame) -> Floats:
    """Return the month of each game."""
    return games["game_date"].dt.month().cast(pl.Float64).to_numpy()


def ids(found: Integers) -> pl.Series:
    """Return player ids, null where nobody is known."""
    ids = pl.Series(found, dtype=pl.Int64)
    return pl.select(pl.when(ids >= 0).then(ids)).to_series()


def sources(codes: Integers) -> pl.Series:
    """Return where line-ups came from, in words."""
    return pl.Series(np.array(SOURCES, dtype=object)[codes], dtype=pl.String)


def dates(days: Integers) -> pl.Series:
    """Return dates of days since 1970-01-01."""
    return pl.Series(days, dtype=pl.Int64).cast(pl.Int32).cast(pl.Date)
