"""Player rows from an assembled match-up: the columns of player_features_daily but labels."""

import numpy as np
import polars as pl

from shared.sports.mlb.matchup.club_features import club_features
from shared.sports.mlb.matchup.columns import (
    IDENTITY,
    batter_home_run_z,
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
    league_runs,
    platoon_advantage,
    state_column,
    sum_over_slots,
)
from shared.sports.mlb.matchup.game_conditions import game_conditions
from shared.sports.mlb.matchup.outcomes import PlateAppearanceOutcome, starter_strikeouts
from shared.sports.mlb.states import PITCHER, Component
from shared.sports.mlb.states.entities import Floats, Integers
from shared.storage import tables

BATTER_FEATURES = features_of("player_features_daily", "", "batter")
STARTER_FEATURES = features_of("player_features_daily", "", "starter")
MAX_DAYS_BETWEEN_STARTS = 30
USUAL_OUTS = 17.5  # of a start
USUAL_PITCHES = 94.0
SCORING_SHARE = (0.1, 0.7)  # bounds of the share of runners who score; the majors' is about .3
DOUBLES_SHARE = 10 / 11  # of doubles and triples together, which the states count as one component
OWN_RECENT = 2.0  # starts of the pitcher's own mean added to the recent ones
OWN_STARTS = 5.0  # starts of that length added to a starter's own
OWN_GAMES_PRIOR = 20.0  # games of the slot's usual length added to a batter's own
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
    "lineup_status",
)
_CLUB_FEATURES = (
    "travel_km",
    "time_zone_shift_h",
    "rest_days",
    "streak",
    "recent_win_pct",
    "bullpen_fatigue",
)
_SCHEMA = {
    f.name: f.dtype
    for f in tables.get_table("player_features_daily").fields
    if f.is_feature or f.name in _IDENTITY
}


def assembled_player_rows(games: pl.DataFrame, expected: MatchupExpectation) -> pl.DataFrame:
    """Return player rows of games whose match-ups are assembled: batters, then starters."""
    shared = _shared_features(expected, games)
    return pl.concat([_batter_rows(expected, games, shared), _starter_rows(expected, games, shared)])


def _shared_features(expected: MatchupExpectation, games: pl.DataFrame) -> dict[str, Floats]:
    """Return what both roles have and game alone decides: (games, 2)."""
    shape = np.ones((games.height, 2))
    of_game = {
        "month": month_numbers(games),
        "park_factor_runs": park_factor_runs(expected),
        "park_factor_runs_recent": park_factor_runs_recent(expected),
        "park_strikeout_log_odds_effect": expected.park[:, Component.STRIKEOUT],
        "park_home_run_log_odds_effect": expected.park[:, Component.HOME_RUN],
        "umpire_strikeout_log_odds_effect": expected.umpire_shift[:, Component.STRIKEOUT],
        "umpire_walk_log_odds_effect": expected.umpire_shift[:, Component.WALK],
        **game_conditions(games),
    }
    clubs = club_features(expected, games)
    return {name: shape * values[:, None] for name, values in of_game.items()} | {
        "is_home": shape * np.array([1.0, 0.0]),
        **{name: clubs[name] for name in _CLUB_FEATURES},
        "opponent_regulars_share": clubs["regulars_share"][:, ::-1],
        "opponent_bullpen_fatigue": clubs["bullpen_fatigue"][:, ::-1],
        "club_expected_runs": expected.expected_runs,
        "opponent_expected_runs": expected.expected_runs[:, ::-1],
    }


def _catcher_features(catchers: Floats) -> dict[str, Floats]:
    """Return what the catcher adds, a pitcher's own or the one behind a batter: (games, 2)."""
    return {
        "catcher_strikeout_log_odds_effect": catchers[..., Component.STRIKEOUT],
        "catcher_walk_log_odds_effect": catchers[..., Component.WALK],
    }


def _batter_rows(
    expected: MatchupExpectation, games: pl.DataFrame, shared: dict[str, Floats]
) -> pl.DataFrame:
    who = expected.who
    shape = who.batters.shape
    on_mound = np.log1p(state_column(expected.sums.starters, PITCHER, "career_batters_faced"))[:, ::-1, None]
    of_side = shared | _catcher_features(expected.catcher_shift[:, ::-1])
    features = {name: np.broadcast_to(values[..., None], shape) for name, values in of_side.items()}
    features |= _batter_expectations(expected) | _batter_rates(expected)
    features |= {
        "log_experience": np.log1p(batter_column(expected, "career_plate_appearances")),
        "postseason_experience": np.log1p(batter_column(expected, "postseason_plate_appearances")),
        "batter_home_run_z": batter_home_run_z(expected),
        "opponent_log_experience": np.broadcast_to(on_mound, shape),
        "has_platoon_advantage": platoon_advantage(who),
        "is_pitcher_batting": who.pitchers_at_bat.astype(np.float64),
        "slot": np.broadcast_to(np.arange(1.0, 10.0), shape),
    }
    chosen = np.argwhere(who.batters >= 0)
    at = tuple(chosen.T)
    head = _player_head(games, expected, chosen, "batter").with_columns(
        player_id=who.batters[at],
        batting_slot=at[2] + 1,
        opposing_starter_id=nullable_ids(who.starters[at[0], 1 - at[1]]),
        lineup_status=status_names(who.sources[at[0], at[1]]),
    )
    return _role_rows(head, {name: features[name][at] for name in BATTER_FEATURES})


def _batter_expectations(expected: MatchupExpectation) -> dict[str, Floats]:
    plate_appearances = expected.start_plate_appearances
    starter = np.minimum(expected.plate_appearances_vs_starter, plate_appearances)
    bullpen = plate_appearances - starter
    vs, off = expected.vs_starter, expected.vs_bullpen
    names = ("hit", "home_run", "total_bases", "walk", "strikeout", "extra_base")
    hits, home_runs, bases, walks, strikeouts, extra_bases = (
        starter * getattr(vs, name) + bullpen * getattr(off, name) for name in names
    )
    return {
        "expected_plate_appearances": plate_appearances,
        "expected_plate_appearances_vs_starter": starter,
        "expected_hits": hits,
        "expected_home_runs": home_runs,
        "expected_total_bases": bases,
        "expected_doubles": DOUBLES_SHARE * extra_bases,
        "expected_runs_scored": _expected_runs_scored(expected, hits + walks - home_runs, home_runs),
        "expected_walks": walks,
        "expected_batter_strikeouts": strikeouts,
        "probability_of_hit": 1 - (1 - vs.hit) ** starter * (1 - off.hit) ** bullpen,
        "probability_of_home_run": 1 - (1 - vs.home_run) ** starter * (1 - off.home_run) ** bullpen,
        "hit_rate_vs_starter": vs.hit,
        "hit_rate_vs_bullpen": off.hit,
        "home_run_rate_vs_starter": vs.home_run,
        "home_run_rate_vs_bullpen": off.home_run,
    }


def _expected_runs_scored(expected: MatchupExpectation, on_base: Floats, home_runs: Floats) -> Floats:
    """Return each batter's runs: their home runs, and the same share of times on base for all nine.

    The share makes the nine's runs add up to the club's expected runs in the starters' plate appearances.
    Shapes: (games, 2, 9).
    """
    in_game = sum_over_slots(expected.slot_plate_appearances)[:, None]
    club_runs = expected.expected_runs * sum_over_slots(expected.start_plate_appearances) / in_game
    share = (club_runs - sum_over_slots(home_runs)) / sum_over_slots(on_base)
    return home_runs + np.clip(share, *SCORING_SHARE)[..., None] * on_base


def _batter_rates(expected: MatchupExpectation) -> dict[str, Floats]:
    usual = PlateAppearanceOutcome.from_rates(expected.mean)
    hits, home_runs = usual.hit[:, None, None], usual.home_run[:, None, None]
    season = batter_column(expected, "season_plate_appearances")
    recent = batter_column(expected, "recent_plate_appearances")
    starts, plate_appearances = (
        batter_column(expected, name) for name in ("starts", "start_plate_appearances")
    )
    driven_in = batter_column(expected, "season_runs_batted_in")
    runs = (league_runs(expected.sums) / sum_over_slots(expected.slot_plate_appearances))[:, None, None]
    own = expected.vs_average_pitcher
    return {
        "batter_hit_rate": own.hit,
        "batter_home_run_rate": own.home_run,
        "batter_total_bases_rate": own.total_bases,
        "batter_doubles_rate": DOUBLES_SHARE * own.extra_base,
        "batter_walk_rate": own.walk,
        "batter_k_rate_vs_league": own.strikeout,
        "season_runs_batted_in_rate": (driven_in + 200 * runs) / (season + 200),
        "start_plate_appearances_mean": (
            plate_appearances + OWN_GAMES_PRIOR * expected.start_plate_appearances
        )
        / (starts + OWN_GAMES_PRIOR),
        "batter_k_rate_shrunk": strikeout_rate(expected, expected.batter_shift),
        "recent_hit_rate": (batter_column(expected, "recent_hits") + 100 * hits) / (recent + 100),
        "season_hit_rate": (batter_column(expected, "season_hits") + 200 * hits) / (season + 200),
        "season_home_run_rate": (batter_column(expected, "season_home_runs") + 200 * home_runs)
        / (season + 200),
    }


def _starter_rows(
    expected: MatchupExpectation, games: pl.DataFrame, shared: dict[str, Floats]
) -> pl.DataFrame:
    who = expected.who
    features = shared | _catcher_features(expected.catcher_shift)
    features |= _start_expectations(expected) | _start_history(expected)
    facing = sum_over_slots(np.log1p(batter_column(expected, "career_plate_appearances")))[:, ::-1] / 9
    features |= {
        "log_experience": np.log1p(state_column(expected.sums.starters, PITCHER, "career_batters_faced")),
        "opponent_log_experience": facing,
        "starter_strikeout_z": starter_strikeout_z(expected),
        "opponent_platoon_share": sum_over_slots(platoon_advantage(who))[:, ::-1] / 9,
    }
    chosen = np.argwhere(who.starters >= 0)
    at = tuple(chosen.T)
    head = _player_head(games, expected, chosen, "starter").with_columns(
        player_id=who.starters[at],
        lineup_status=status_names(who.sources[at[0], 1 - at[1]]),
    )
    return _role_rows(head, {name: features[name][at] for name in STARTER_FEATURES})


def _start_expectations(expected: MatchupExpectation) -> dict[str, Floats]:
    plate_appearances = expected.plate_appearances_vs_starter
    faced = expected.vs_starter
    rate = sum_over_slots(plate_appearances * faced.strikeout) / sum_over_slots(plate_appearances)
    reached = sum_over_slots(plate_appearances * (faced.hit + faced.walk)) / sum_over_slots(plate_appearances)
    mean = sum_over_slots(strikeout_rate(expected, expected.batter_shift)) / 9
    return {
        "expected_strikeouts": starter_strikeouts(rate[:, ::-1], expected.batters_faced),
        "strikeout_rate_vs_lineup": rate[:, ::-1],
        "expected_batters_faced": expected.batters_faced,
        "expected_outs": expected.batters_faced * (1.0 - reached[:, ::-1]),
        "reach_rate_vs_lineup": reached[:, ::-1],
        "starter_strikeout_rate": strikeout_rate(expected, expected.starter_shift),
        "lineup_strikeout_rate": mean[:, ::-1],
    }


def _start_history(expected: MatchupExpectation) -> dict[str, Floats]:
    starters = expected.sums.starters
    starts, appearances = (
        state_column(starters, PITCHER, "starts"),
        state_column(starters, PITCHER, "appearances"),
    )
    outs = state_column(starters, PITCHER, "start_outs")
    pitches = (state_column(starters, PITCHER, "start_pitches") + OWN_STARTS * USUAL_PITCHES) / (
        starts + OWN_STARTS
    )
    own, rate = expected.batters_faced, strikeout_rate(expected, expected.starter_shift)
    known = state_column(starters, PITCHER, "recent_starts")

    def recent_column(name: str) -> Floats:
        return state_column(starters, PITCHER, f"recent_start_{name}")

    last = state_column(starters, PITCHER, "last_start_day")
    since = np.minimum(expected.who.days[:, None] - last, MAX_DAYS_BETWEEN_STARTS)
    season = state_column(starters, PITCHER, "season_batters_faced")
    strikeouts = state_column(starters, PITCHER, "season_strikeouts")
    return {
        "starter_outs": (outs + OWN_STARTS * USUAL_OUTS) / (starts + OWN_STARTS),
        "recent_batters_faced": (recent_column("batters_faced") + OWN_RECENT * own) / (known + OWN_RECENT),
        "recent_pitches": (recent_column("pitches") + OWN_RECENT * pitches) / (known + OWN_RECENT),
        "start_pitches_mean": pitches,
        "recent_strikeout_rate": (recent_column("strikeouts") + OWN_RECENT * own * rate)
        / (recent_column("batters_faced") + OWN_RECENT * own),
        "is_batting": expected.who.pitchers_at_bat.max(axis=2).astype(np.float64),
        "season_strikeout_rate": (strikeouts + 100 * expected.mean[:, Component.STRIKEOUT, None])
        / (season + 100),
        "recent_starts": state_column(starters, PITCHER, "recent_starts"),
        "start_share": (starts + 1.0) / (appearances + 1.0),
        "days_since_last_start": np.where(last > 0, since, MAX_DAYS_BETWEEN_STARTS),
    }


def _player_head(
    games: pl.DataFrame, expected: MatchupExpectation, chosen: Integers, role: str
) -> pl.DataFrame:
    clubs = expected.who.clubs
    game, side = chosen[:, 0], chosen[:, 1]
    return games.select(*IDENTITY, "venue_id")[game].with_columns(
        as_of=dates_from_days(expected.sums.as_of[game]),
        role=pl.lit(role),
        team_id=clubs[game, side],
        opponent_id=clubs[game, 1 - side],
    )


def _role_rows(head: pl.DataFrame, features: dict[str, Floats]) -> pl.DataFrame:
    """Return the rows of one role with the columns of both, in the table's order."""
    rows = head.with_columns(**features)
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in _SCHEMA.items()
    )
