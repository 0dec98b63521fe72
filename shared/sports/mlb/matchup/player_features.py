"""Player rows from an assembled match-up: the columns of player_features_daily but labels."""

import numpy as np
import polars as pl

from shared.sports.mlb.matchup.club_features import club_features
from shared.sports.mlb.matchup.columns import (
    IDENTITY,
    dates,
    features_of,
    home_run_score,
    ids,
    month,
    park_runs,
    park_runs_lately,
    sources,
    starter_score,
    strikeout_rate,
)
from shared.sports.mlb.matchup.expectation import (
    Expectation,
    batter_column,
    column,
    league_runs,
    opposite,
    over_slots,
)
from shared.sports.mlb.matchup.game_conditions import surroundings
from shared.sports.mlb.matchup.outcomes import Outcome, starter_strikeouts
from shared.sports.mlb.states import PITCHER
from shared.sports.mlb.states.entities import Floats, Integers
from shared.storage import tables

BATTER_FEATURES = features_of("player_features_daily", "", "batter")
STARTER_FEATURES = features_of("player_features_daily", "", "starter")
LONGEST_BETWEEN_STARTS = 30
USUAL_OUTS = 17.5  # of a start
USUAL_PITCHES = 94.0
OWN_RECENT = 2.0  # starts of his own mean added to his recent ones
OWN_STARTS = 5.0  # starts of that length added to a starter's own
OWN_GAMES_PRIOR = 20.0  # games of his slot's usual length added to a batter's own
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
_OF_HIS_CLUB = ("travel_km", "hours_east", "rest_days", "streak", "lately_win_share", "pen_fatigue")
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
    of_game = {
        "month": month(games),
        "park_runs": park_runs(expected),
        "park_runs_lately": park_runs_lately(expected),
        "park_strikeout_shift": expected.park[:, 0],
        "park_home_run_shift": expected.park[:, 2],
        "umpire_strikeout_shift": expected.umpire_shift[:, 0],
        "umpire_walk_shift": expected.umpire_shift[:, 1],
        **surroundings(games),
    }
    clubs = club_features(expected, games)
    return {name: shape * values[:, None] for name, values in of_game.items()} | {
        "is_home": shape * np.array([1.0, 0.0]),
        **{name: clubs[name] for name in _OF_HIS_CLUB},
        "opponent_regulars_share": clubs["regulars_share"][:, ::-1],
        "opponents_pen_fatigue": clubs["pen_fatigue"][:, ::-1],
        "club_expected_runs": expected.runs,
        "opponent_expected_runs": expected.runs[:, ::-1],
    }


def _called(catchers: Floats) -> dict[str, Floats]:
    """Return what the catcher adds who stands behind him, or behind the plate when he bats: (games, 2)."""
    return {"catcher_strikeout_shift": catchers[..., 0], "catcher_walk_shift": catchers[..., 1]}


def _batters(expected: Expectation, games: pl.DataFrame, shared: dict[str, Floats]) -> pl.DataFrame:
    who = expected.who
    shape = who.batters.shape
    on_mound = np.log1p(column(expected.sums.starters, PITCHER, "career_batters_faced"))[:, ::-1, None]
    of_side = shared | _called(expected.catcher_shift[:, ::-1])
    features = {name: np.broadcast_to(values[..., None], shape) for name, values in of_side.items()}
    features |= _batter_expectations(expected) | _batter_rates(expected)
    features |= {
        "log_experience": np.log1p(batter_column(expected, "career_plate_appearances")),
        "postseason_experience": np.log1p(batter_column(expected, "postseason_plate_appearances")),
        "batter_home_run_score": home_run_score(expected),
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
    turns = expected.start_turns
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
    starts, turns = (batter_column(expected, name) for name in ("starts", "start_plate_appearances"))
    driven_in = batter_column(expected, "season_runs_batted_in")
    runs = (league_runs(expected.sums) / over_slots(expected.slot_turns))[:, None, None]
    own = expected.against_nobody
    return {
        "batter_hit_rate": own.hit,
        "batter_home_run_rate": own.home_run,
        "batter_total_bases_rate": own.total_bases,
        "batter_walk_rate": own.walk,
        "batter_strikeouts_rate": own.strikeout,
        "season_runs_batted_in_rate": (driven_in + 200 * runs) / (season + 200),
        "start_plate_appearances_mean": (turns + OWN_GAMES_PRIOR * expected.start_turns)
        / (starts + OWN_GAMES_PRIOR),
        "batter_strikeout_rate": strikeout_rate(expected, expected.batter_shift),
        "recent_hit_rate": (batter_column(expected, "recent_hits") + 100 * hits) / (recent + 100),
        "season_hit_rate": (batter_column(expected, "season_hits") + 200 * hits) / (season + 200),
        "season_home_run_rate": (batter_column(expected, "season_home_runs") + 200 * home_runs)
        / (season + 200),
    }


def _starters(expected: Expectation, games: pl.DataFrame, shared: dict[str, Floats]) -> pl.DataFrame:
    who = expected.who
    features = shared | _called(expected.catcher_shift)
    features |= _start_expectations(expected) | _start_history(expected)
    facing = over_slots(np.log1p(batter_column(expected, "career_plate_appearances")))[:, ::-1] / 9
    features |= {
        "log_experience": np.log1p(column(expected.sums.starters, PITCHER, "career_batters_faced")),
        "opponent_log_experience": facing,
        "starter_strikeout_score": starter_score(expected),
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
    faced = expected.against_starter
    rate = over_slots(turns * faced.strikeout) / over_slots(turns)
    reached = over_slots(turns * (faced.hit + faced.walk)) / over_slots(turns)
    mean = over_slots(strikeout_rate(expected, expected.batter_shift)) / 9
    return {
        "expected_strikeouts": starter_strikeouts(rate[:, ::-1], expected.batters_faced),
        "strikeout_rate_vs_lineup": rate[:, ::-1],
        "expected_batters_faced": expected.batters_faced,
        "expected_outs": expected.batters_faced * (1.0 - reached[:, ::-1]),
        "reach_rate_vs_lineup": reached[:, ::-1],
        "starter_strikeout_rate": strikeout_rate(expected, expected.starter_shift),
        "lineup_strikeout_rate": mean[:, ::-1],
    }


def _start_history(expected: Expectation) -> dict[str, Floats]:
    starters = expected.sums.starters
    starts, appearances = column(starters, PITCHER, "starts"), column(starters, PITCHER, "appearances")
    outs = column(starters, PITCHER, "start_outs")
    pitches = (column(starters, PITCHER, "start_pitches") + OWN_STARTS * USUAL_PITCHES) / (
        starts + OWN_STARTS
    )
    own, rate = expected.batters_faced, strikeout_rate(expected, expected.starter_shift)
    known = column(starters, PITCHER, "recent_starts")

    def recent(name: str) -> Floats:
        return column(starters, PITCHER, f"recent_start_{name}")

    last = column(starters, PITCHER, "last_start_day")
    since = np.minimum(expected.who.days[:, None] - last, LONGEST_BETWEEN_STARTS)
    season = column(starters, PITCHER, "season_batters_faced")
    strikeouts = column(starters, PITCHER, "season_strikeouts")
    return {
        "starter_outs": (outs + OWN_STARTS * USUAL_OUTS) / (starts + OWN_STARTS),
        "recent_batters_faced": (recent("batters_faced") + OWN_RECENT * own) / (known + OWN_RECENT),
        "recent_pitches": (recent("pitches") + OWN_RECENT * pitches) / (known + OWN_RECENT),
        "start_pitches_mean": pitches,
        "recent_strikeout_rate": (recent("strikeouts") + OWN_RECENT * own * rate)
        / (recent("batters_faced") + OWN_RECENT * own),
        "is_batting": expected.who.pitchers_at_bat.max(axis=2).astype(np.float64),
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
