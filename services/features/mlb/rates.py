"""Batting, pitching and Statcast rates from counts, under the names people know; null without trials."""

import json
from pathlib import Path

import polars as pl

from services.features.mlb.pitch_counts import TENTHS

_WEIGHTS = json.loads(Path(__file__).with_name("linear_weights.json").read_text())["hundredths"]
_OUTS_AN_INNING = 3
CONSTANT = "fip_constant"


def round_for_table(value: pl.Expr) -> pl.Expr:
    """Return a number as the tables show it: to four decimals, which a column store packs well."""
    return value.cast(pl.Float64).round(4)


def ratio_or_null(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """Return a share, null where the whole is none."""
    return pl.when(denominator > 0).then(numerator / denominator)


_hits, _walks, _hit = pl.col("hits"), pl.col("walks"), pl.col("hit_by_pitch")
_turns, _at_bats = pl.col("plate_appearances"), pl.col("at_bats")
_home_runs, _strikeouts = pl.col("home_runs"), pl.col("strikeouts")
_outs, _starts = pl.col("outs"), pl.col("starts")
_extra_bases = pl.col("doubles") + 2 * pl.col("triples") + 3 * _home_runs
_weighed = {
    "unintentional_walks": _walks - pl.col("intentional_walks"),
    "hit_by_pitch": _hit,
    "singles": _hits - pl.col("doubles") - pl.col("triples") - _home_runs,
    "doubles": pl.col("doubles"),
    "triples": pl.col("triples"),
    "home_runs": _home_runs,
}

ON_BASE = ratio_or_null(_hits + _walks + _hit, _at_bats + _walks + _hit + pl.col("sacrifice_flies"))
SLUGGING = ratio_or_null(_hits + _extra_bases, _at_bats)
WOBA = ratio_or_null(
    pl.sum_horizontal(weight * _weighed[name] for name, weight in _WEIGHTS.items()) / 100,
    _at_bats + _weighed["unintentional_walks"] + _hit + pl.col("sacrifice_flies"),
)
STRIKEOUT_RATE = ratio_or_null(_strikeouts, _turns)
WALK_RATE = ratio_or_null(_walks, _turns)
# Fielding independent pitching before its constant, runs per nine innings: (13 HR + 3 (BB + HBP) - 2 K) / IP.
# Source: Tango, as FanGraphs' library writes it.
FIELDING_INDEPENDENT = ratio_or_null(
    (13 * _home_runs + 3 * (_walks + _hit) - 2 * _strikeouts) * _OUTS_AN_INNING, _outs
)
EARNED_RUN_AVERAGE = ratio_or_null(pl.col("earned_runs") * 9 * _OUTS_AN_INNING, _outs)

_SHARED = {
    "games": pl.col("games"),
    "plate_appearances": _turns,
    "batting_average": ratio_or_null(_hits, _at_bats),
    "on_base": ON_BASE,
    "slugging": SLUGGING,
    "on_base_plus_slugging": ON_BASE + SLUGGING,
    "batting_average_in_play": ratio_or_null(
        _hits - _home_runs, _at_bats - _strikeouts - _home_runs + pl.col("sacrifice_flies")
    ),
    "woba": WOBA,
    "strikeout_rate": STRIKEOUT_RATE,
    "walk_rate": WALK_RATE,
    "home_run_rate": ratio_or_null(_home_runs, _turns),
    "pitches_per_plate_appearance": ratio_or_null(pl.col("pitches"), _turns),
}
BATTING = _SHARED | {
    "isolated_power": ratio_or_null(_extra_bases, _at_bats),
    "home_runs": _home_runs,
    "runs_batted_in": pl.col("runs_batted_in"),
    "stolen_bases": pl.col("stolen_bases"),
}
PITCHING = _SHARED | {
    "starts": _starts,
    "outs": _outs,
    "strikeouts": _strikeouts,
    "strikeout_minus_walk_rate": STRIKEOUT_RATE - WALK_RATE,
    "earned_run_average": EARNED_RUN_AVERAGE,
    "fip": FIELDING_INDEPENDENT + pl.col(CONSTANT),
    "whip": ratio_or_null((_hits + _walks) * _OUTS_AN_INNING, _outs),
    "outs_per_start": ratio_or_null(pl.col("start_outs"), _starts),
    "pitches_per_start": ratio_or_null(pl.col("start_pitches"), _starts),
}
SPLIT = {
    name: _SHARED[name]
    for name in ("plate_appearances", "on_base_plus_slugging", "woba", "strikeout_rate", "walk_rate")
}

_swings, _batted = pl.col("swings"), pl.col("batted_balls")
SEEN = {
    "exit_velocity": ratio_or_null(pl.col("exit_velocity_tenths") / TENTHS, _batted),
    "launch_angle": ratio_or_null(pl.col("launch_angle_tenths") / TENTHS, _batted),
    "hard_hit_rate": ratio_or_null(pl.col("hard_hits"), _batted),
    "barrel_rate": ratio_or_null(pl.col("barrels"), _batted),
    "whiff_rate": ratio_or_null(pl.col("whiffs"), _swings),
    "chase_rate": ratio_or_null(pl.col("chases"), pl.col("out_of_zone")),
}
THROWN = SEEN | {
    "called_or_swinging_strike_rate": ratio_or_null(
        pl.col("called_strikes") + pl.col("whiffs"), pl.col("calls")
    ),
    "zone_rate": ratio_or_null(pl.col("in_zone"), pl.col("in_zone") + pl.col("out_of_zone")),
    "fastball_velocity": ratio_or_null(
        pl.col("fastball_velocity_tenths") / TENTHS, pl.col("timed_fastballs")
    ),
    "fastball_spin": ratio_or_null(pl.col("fastball_spin"), pl.col("spun_fastballs")),
    "fastball_share": ratio_or_null(pl.col("fastballs"), pl.col("typed_pitches")),
    "breaking_ball_share": ratio_or_null(pl.col("breaking_balls"), pl.col("typed_pitches")),
    "offspeed_share": ratio_or_null(pl.col("offspeed"), pl.col("typed_pitches")),
}
