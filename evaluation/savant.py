"""Starts from Savant's files: their results, and the pitcher's pitch rates before each day."""

import gzip
import zlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from services.collector.api import DAY_LIMIT, parse_pitches
from services.features.api import PITCH_COUNTS, PITCH_RATES, pitcher_pitch_counts
from shared.errors import Rejected, UserError

LEAGUE_STARTS = 3.0  # average league starts added to each pitcher's, as a prior
_PITCH = {
    "game_pk": pl.Int64,
    "at_bat_index": pl.Int64,
    "pitch_number": pl.Int64,
    "is_top": pl.Boolean,
    "is_in_play": pl.Boolean,
    "is_strike": pl.Boolean,
    "call_code": pl.String,
    "strikes": pl.Int64,
    "pitcher_id": pl.Int64,
    "pitch_type": pl.String,
    "zone": pl.Int64,
    "release_speed": pl.Float64,
    "spin_rate": pl.Float64,
    "launch_speed": pl.Float64,
    "launch_angle": pl.Float64,
}
_FOUL = "F"
_TOTALS = ("starts", "strikeouts", "batters_faced", *PITCH_COUNTS)


def read_starts(data: Path) -> pl.DataFrame:
    """Return the starts in `data`/mlb/savant with the columns of `known_before`; empty without files."""
    files = sorted((data / "mlb" / "savant").glob("*.csv.gz"))
    days = [find_starts(read_pitches(path, _PITCH), date.fromisoformat(path.name[:10])) for path in files]
    return known_before(pl.concat(days)) if days else pl.DataFrame()


def find_starts(pitches: pl.DataFrame, day: date) -> pl.DataFrame:
    """Return each game's two starts with their counts, from rows of statcast_pitches."""
    ordered = pitches.sort("game_pk", "at_bat_index", "pitch_number")
    starters = ordered.unique(["game_pk", "is_top"], keep="first").select("game_pk", "pitcher_id")
    last = ordered.unique(["game_pk", "at_bat_index"], keep="last")
    # A foul with two strikes is a strike, but not a strikeout
    third = pl.col("is_strike") & ~pl.col("is_in_play") & (pl.col("strikes") == 2)
    third = third & (pl.col("call_code") != _FOUL)
    results = last.group_by("game_pk", "pitcher_id").agg(strikeouts=third.sum(), batters_faced=pl.len())
    starts = starters.join(results, on=["game_pk", "pitcher_id"]).join(
        pitcher_pitch_counts(ordered), on=["game_pk", "pitcher_id"]
    )
    counts = starts.with_columns(starts=pl.lit(1)).select(pl.col(_TOTALS).cast(pl.Float64))
    head = starts.select("game_pk", player_id="pitcher_id", game_date=pl.lit(day))
    return pl.concat([head, counts], how="horizontal").sort("game_pk", "player_id")


def read_pitches(path: Path, columns: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    """Return some columns of statcast_pitches of a day's file; raises UserError if it cannot be read."""
    try:
        with gzip.open(path) as file:
            games = parse_pitches(file.read(DAY_LIMIT)).games  # a longer file is cut off, and so rejected
    except (gzip.BadGzipFile, EOFError, zlib.error, Rejected) as error:
        message = f"{path}: expected a day of Savant's pitches, got {error}; repair or remove the file"
        raise UserError(message) from None
    rows = [{"game_pk": game} | row for game, pitches in games.items() for row in pitches]
    return pl.DataFrame(rows, schema=dict(columns))


def known_before(starts: pl.DataFrame) -> pl.DataFrame:
    """Return starts with rates as of the day before, shrunk to the league's at that time.

    Returns:
        game_pk, game_date, player_id, strikeouts, expected_strikeouts (earlier strikeouts per start) and the
        features service's pitch rates. The first day is left out: nothing is known before it.
    """
    own, league = _totals_before(starts, "player_id"), _totals_before(starts)
    both = own.join(league, on="game_date", suffix="_league").filter(pl.col("starts_league") > 0)
    shrunk = both.select(
        "player_id",
        "game_date",
        **{
            name: pl.col(name) + LEAGUE_STARTS * pl.col(f"{name}_league") / pl.col("starts_league")
            for name in _TOTALS
        },
    )
    known = shrunk.select(
        "player_id", "game_date", expected_strikeouts=pl.col("strikeouts") / pl.col("starts"), **PITCH_RATES
    )
    labelled = starts.select("game_pk", "game_date", "player_id", "strikeouts")
    return labelled.join(known, on=["player_id", "game_date"]).sort("game_date", "game_pk", "player_id")


def _totals_before(starts: pl.DataFrame, *group: str) -> pl.DataFrame:
    """Return totals before each day with starts, by group or over all."""
    daily = starts.group_by(*group, "game_date").agg(pl.col(_TOTALS).sum()).sort(*group, "game_date")
    before = pl.col(_TOTALS).cum_sum() - pl.col(_TOTALS)
    return daily.with_columns(before.over(group) if group else before)
