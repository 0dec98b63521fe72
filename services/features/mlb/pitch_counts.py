"""Statcast's counts of a day's pitches: calls, places, kinds, speeds, and how hard they were hit."""

import json
from pathlib import Path

import polars as pl

_TERMS = json.loads(Path(__file__).with_name("pitch_terms.json").read_text())
_HARD_HIT_MPH = 95  # Statcast's line
TENTHS = 10  # speeds and angles are counted in whole tenths


def _call_count(term: str) -> pl.Expr:
    return pl.col("call_code").is_in(_TERMS[term])


def _type_count(term: str) -> pl.Expr:
    return pl.col("pitch_type").is_in(_TERMS[term])


def is_barrel(speed: pl.Expr, angle: pl.Expr) -> pl.Expr:
    """Return whether a batted ball is a barrel: mph off the bat, degrees.

    From 98 mph at 26 to 30 degrees the window widens with the speed, up to 8 to 50 degrees at 116 mph.
    MLB decides on whole numbers, so 97.5 mph count as 98: halves are rounded up, speed and angle alike.
    Source: MLB's glossary of Statcast, in the straight lines by which Petti's baseballr draws it; the
    rounding is measured against Savant's own verdict, `launch_speed_angle` 6.
    """
    mph, degrees = _round_half_up(speed), _round_half_up(angle)
    return (mph >= 98) & (degrees <= 50) & (mph * 1.5 - degrees >= 117) & (mph + degrees >= 124)


def _round_half_up(value: pl.Expr) -> pl.Expr:
    return (value + 0.5).floor()


def _sum_in_tenths(value: pl.Expr, among: pl.Expr) -> pl.Expr:
    return pl.when(among).then((value * TENTHS).round())


_hit = pl.col("is_in_play") & pl.col("launch_speed").is_not_null() & pl.col("launch_angle").is_not_null()
_speed, _angle = pl.col("launch_speed"), pl.col("launch_angle")
_outside = pl.col("zone") > 9
_timed = _type_count("fastballs") & pl.col("release_speed").is_not_null()
_spun = _type_count("fastballs") & pl.col("spin_rate").is_not_null()
_SEEN = {
    "calls": pl.col("call_code").is_not_null(),
    "swings": _call_count("swings"),
    "whiffs": _call_count("whiffs"),
    "out_of_zone": _outside,
    "chases": _outside & _call_count("swings"),
    "batted_balls": _hit,
    "exit_velocity_tenths": _sum_in_tenths(_speed, _hit),
    "launch_angle_tenths": _sum_in_tenths(_angle, _hit),
    "hard_hits": _hit & (_speed >= _HARD_HIT_MPH),
    "barrels": _hit & is_barrel(_speed, _angle),
}
_THROWN = _SEEN | {
    "called_strikes": _call_count("called_strikes"),
    "in_zone": pl.col("zone") <= 9,
    "timed_fastballs": _timed,
    "fastball_velocity_tenths": _sum_in_tenths(pl.col("release_speed"), _timed),
    "spun_fastballs": _spun,
    "fastball_spin": pl.when(_spun).then(pl.col("spin_rate").round()),
    "typed_pitches": pl.col("pitch_type").is_not_null(),
    "fastballs": _type_count("fastballs"),
    "breaking_balls": _type_count("breaking_balls"),
    "offspeed": _type_count("offspeed"),
}
SEEN, THROWN = tuple(_SEEN), tuple(_THROWN)


def batter_pitch_counts(pitches: pl.DataFrame) -> pl.DataFrame:
    """Return game_pk, batter_id and the counts SEEN of pitches: columns of statcast_pitches."""
    return _group_counts(pitches, "batter_id", _SEEN)


def pitcher_pitch_counts(pitches: pl.DataFrame) -> pl.DataFrame:
    """Return game_pk, pitcher_id and the counts THROWN of pitches: columns of statcast_pitches."""
    return _group_counts(pitches, "pitcher_id", _THROWN)


def _group_counts(pitches: pl.DataFrame, key: str, counts: dict[str, pl.Expr]) -> pl.DataFrame:
    judged = pitches.lazy().select("game_pk", key, **counts)
    return judged.group_by("game_pk", key).agg(pl.col(*counts).sum().cast(pl.Int64)).collect()
