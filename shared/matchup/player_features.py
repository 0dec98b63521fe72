"""Player rows from an assembled match-up: the columns of player_features_daily but labels."""

import numpy as np
import polars as pl

from shared import tables
from shared.matchup.columns import (
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
    opposite,
    over_slots,
)
from shared.matchup.outcomes import Outcome, starter_strikeouts
from shared.states import PITCHER
from shared.states.entities import Floats, Integers

BATTER_FEATURES = features_of("player_features_daily", "", "batter")
STARTER_FEATURES = features_of("player_features_daily", "", "starter")
LONGEST_BETWEEN_STARTS = 30
_IDENTITY = (
    *IDENTITY,
    "as_of",
    "player_id",
    "role",
    "team_id",
    "opponent_id",
    "venue_id",
    "batting_slot",
    "opposing_starter_id",
    "lineup_source",
)
_SCHEMA = {
    f.name: f.dtype
    for f in tables.table("player_features_daily").fields
    if f.is_feature or f.name in _IDENTITY
}


def assembled_player_rows(games: pl.DataFrame, expected: Expectation) -> pl.DataFrame:
    """Return player rows of games whose match-ups are assembled: batters, then starters."""
    shared = _shared_features(expected, games)
    return pl.concat([_batters(expected, games, shared), _starters(expected, games, shared)])


def _shared_features(expected: Expectation, games: pl.DataFrame) -> dict[str, Floats]:
    """Return what both roles have and game alone decides: (games, 2)."""
    shape = np.ones((games.height, 2))
    return {
        "is_home": shape * np.array([1.0, 0.0]),
        "month": shape * month(games)[:, None],
        "park_runs": shape * park_runs(expected)[:, None],
    }


def _batters(expected: Expectation, games: pl.DataFrame, shared: dict[str, Floats]) -> pl.DataFrame:
    who = expected.who
    shape = who.batters.shape
    on_mound = np.log1p(column(expected.sums.starters, PITCHER, "career_batters_faced"))[:, ::-1, None]
    features = {name: np.broadcast_to(values[..., None], shape) for name, values in shared.items()}
    features |= _batter_expectations(expected) | _batter_rates(expected)
    features |= {
        "log_experience": np.log1p(batter_column(expected, "career_plate_appearances")),
        "opponent_log_experience": np.broadcast_to(on_mound, shape),
        "has_platoon_advantage": opposite(who),
        "is_pitcher_batting": who.pitchers_at_bat.astype(np.float64),
        "slot": np.broadcast_to(np.arange(1.0, 10.0), shape),
    }
    chosen = np.argwhere(who.batters >= 0)
    at = tuple(chosen.T)
    head = _player_head(games, expected, chosen, "batter").with_columns(
        player_id=who.batters[at],
        batting_slot=at[2] + 1,
        opposing_starter_id=ids(who.starters[at[0], 1 - at[1]]),
        lineup_source=sources(who.sources[at[0], at[1]]),
    )
    return _role(head, {name: features[name][at] for name in BATTER_FEATURES})


def _batter_expectations(expected: Expectation) -> dict[str, Floats]:
    turns = np.broadcast_to(expected.start_turns[:, None, :], expected.starter_turns.shape)
    starter = np.minimum(expected.starter_turns, turns)
    pen = turns - starter
    vs, off = expected.against_starter, expected.against_pen
    names = ("hit", "home_run", "total_bases", "walk", "strikeout")
    hits, home_runs, bases, walks, strikeouts = (
        starter * getattr(vs, name) + pen * getattr(off, name) for name in names
    )
    return {
        "expected_plate_appearances": turns,
        "expected_plate_appearances_vs_starter": starter,
        "expected_hits": hits,
        "expected_home_runs": home_runs,
        "expected_total_bases": bases,
        "expected_walks": walks,
        "expected_batter_strikeouts": strikeouts,
        "probability_of_hit": 1 - (1 - vs.hit) ** starter * (1 - off.hit) ** pen,
        "probability_of_home_run": 1 - (1 - vs.home_run) ** starter * (1 - off.home_run) ** pen,
        "hit_rate_vs_starter": vs.hit,
        "hit_rate_vs_pen": off.hit,
        "home_run_rate_vs_starter": vs.home_run,
        "home_run_rate_vs_pen": off.home_run,
    }


def _batter_rates(expected: Expectation) -> dict[str, Floats]:
    usual = Outcome.of(expected.mean)
    hits, home_runs = usual.hit[:, None, None], usual.home_run[:, None, None]
    season = batter_column(expected, "season_plate_appearances")
    recent = batter_column(expected, "recent_plate_appearances")
    return {
        "batter_strikeout_rate": strikeout_rate(expected, expected.batter_shift),
        "recent_hit_rate": (batter_column(expected, "recent_hits") + 100 * hits) / (recent + 100),
        "season_hit_rate": (batter_column(expected, "season_hits") + 200 * hits) / (season + 200),
        "season_home_run_rate": (batter_column(expected, "season_home_runs") + 200 * home_runs)
        / (season + 200),
    }


def _starters(expected: Expectation, games: pl.DataFrame, shared: dict[str, Floats]) -> pl.DataFrame:
    who = expected.who
    features = shared | _start_expectations(expected) | _start_history(expected)
    facing = over_slots(np.log1p(batter_column(expected, "career_plate_appearances")))[:, ::-1] / 9
    features |= {
        "log_experience": np.log1p(column(expected.sums.starters, PITCHER, "career_batters_faced")),
        "opponent_log_experience": facing,
        "opponent_platoon_share": over_slots(opposite(who))[:, ::-1] / 9,
    }
    chosen = np.argwhere(who.starters >= 0)
    at = tuple(chosen.T)
    head = _player_head(games, expected, chosen, "starter").with_columns(
        player_id=who.starters[at],
        lineup_source=sources(who.sources[at[0], 1 - at[1]]),
    )
    return _role(head, {name: features[name][at] for name in STARTER_FEATURES})


def _start_expectations(expected: Expectation) -> dict[str, Floats]:
    turns = expected.starter_turns
    rate = over_slots(turns * expected.against_starter.strikeout) / over_slots(turns)
    mean = over_slots(strikeout_rate(expected, expected.batter_shift)) / 9
    return {
        "expected_strikeouts": starter_strikeouts(rate[:, ::-1], expected.batters_faced),
        "strikeout_rate_vs_lineup": rate[:, ::-1],
        "expected_batters_faced": expected.batters_faced,
        "starter_strikeout_rate": strikeout_rate(expected, expected.starter_shift),
        "lineup_strikeout_rate": mean[:, ::-1],
    }


def _start_history(expected: Expectation) -> dict[str, Floats]:
    starters = expected.sums.starters
    starts, appearances = column(starters, PITCHER, "starts"), column(starters, PITCHER, "appearances")
    last = column(starters, PITCHER, "last_start_day")
    since = np.minimum(expected.who.days[:, None] - last, LONGEST_BETWEEN_STARTS)
    season = column(starters, PITCHER, "season_batters_faced")
    strikeouts = column(starters, PITCHER, "season_strikeouts")
    return {
        "season_strikeout_rate": (strikeouts + 100 * expected.mean[:, :1]) / (season + 100),
        "recent_starts": column(starters, PITCHER, "recent_starts"),
        "start_share": (starts + 1.0) / (appearances + 1.0),
        "days_since_last_start": np.where(last > 0, since, LONGEST_BETWEEN_STARTS),
    }


def _player_head(games: pl.DataFrame, expected: Expectation, chosen: Integers, role: str) -> pl.DataFrame:
    clubs = expected.who.clubs
    game, side = chosen[:, 0], chosen[:, 1]
    return games.select(*IDENTITY, "venue_id")[game].with_columns(
        as_of=dates(expected.sums.as_of[game]),
        role=pl.lit(role),
        team_id=clubs[game, side],
        opponent_id=clubs[game, 1 - side],
    )


def _role(head: pl.DataFrame, features: dict[str, Floats]) -> pl.DataFrame:
    """Return the rows of one role with the columns of both, in the table's order."""
    rows = head.with_columns(**features)
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in _SCHEMA.items()
    )
