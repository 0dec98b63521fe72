"""Starts from Savant's files: what came of them, and what a pitcher's pitches were like until then."""

import gzip
import zlib
from datetime import date
from pathlib import Path

import polars as pl

from services.collector.mlb.sources.savant import DAY_LIMIT, parse_pitches
from services.features.mlb.pitch_counts import THROWN, pitcher_pitch_counts
from services.features.mlb.rates import THROWN as RATES
from shared.errors import Rejected, UserError

LEAGUE_STARTS = 3.0  # starts of the league's until that day, added to his own
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
_TOTALS = ("starts", "strikeouts", "batters_faced", *THROWN)


def read_starts(data: Path) -> pl.DataFrame:
    """Return the starts in `data`/mlb/savant as `known_before` does; no rows without files."""
    files = sorted((data / "mlb" / "savant").glob("*.csv.gz"))
    days = [find_starts(_read_pitches(path), date.fromisoformat(path.name[:10])) for path in files]
    return known_before(pl.concat(days)) if days else pl.DataFrame()


def find_starts(pitches: pl.DataFrame, day: date) -> pl.DataFrame:
    """Return each game's two starts with what came of them: rows of statcast_pitches to counts."""
    ordered = pitches.sort("game_pk", "at_bat_index", "pitch_number")
    started = ordered.unique(["game_pk", "is_top"], keep="first").select("game_pk", "pitcher_id")
    last = ordered.unique(["game_pk", "at_bat_index"], keep="last")
    third = pl.col("is_strike") & ~pl.col("is_in_play") & (pl.col("strikes") == 2)
    third = third & (pl.col("call_code") != _FOUL)
    results = last.group_by("game_pk", "pitcher_id").agg(strikeouts=third.sum(), batters_faced=pl.len())
    both = started.join(results, on=["game_pk", "pitcher_id"]).join(
        pitcher_pitch_counts(ordered), on=["game_pk", "pitcher_id"]
    )
    counts = both.with_columns(starts=pl.lit(1)).select(pl.col(_TOTALS).cast(pl.Float64))
    head = both.select("game_pk", player_id="pitcher_id", game_date=pl.lit(day))
    return pl.concat([head, counts], how="horizontal").sort("game_pk", "player_id")


def known_before(starts: pl.DataFrame) -> pl.DataFrame:
    """Return starts with what was known the day before, shrunk to the league until then.

    Returns:
        game_pk, game_date, player_id, strikeouts, expected_strikeouts (strikeouts per start until then) and
        the rates of the features room's pitch families. The first day, before which nothing is known, is
        left out.
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
        "player_id", "game_date", expected_strikeouts=pl.col("strikeouts") / pl.col("starts"), **RATES
    )
    labelled = starts.select("game_pk", "game_date", "player_id", "strikeouts")
    return labelled.join(known, on=["player_id", "game_date"]).sort("game_date", "game_pk", "player_id")


def _totals_before(starts: pl.DataFrame, *group: str) -> pl.DataFrame:
    """Return the totals before each day on which there were starts, of each group or of all."""
    daily = starts.group_by(*group, "game_date").agg(pl.col(_TOTALS).sum()).sort(*group, "game_date")
    before = pl.col(_TOTALS).cum_sum() - pl.col(_TOTALS)
    return daily.with_columns(before.over(group) if group else before)


def _read_pitches(path: Path) -> pl.DataFrame:
    try:
        with gzip.open(path) as day:
            games = parse_pitches(day.read(DAY_LIMIT)).games  # one that is longer breaks off, and is refused
    except (gzip.BadGzipFile, EOFError, zlib.error, Rejected) as error:
        message = f"{path}: expected a day of Savant's pitches, got {error}; mend the file or take it away"
        raise UserError(message) from None
    rows = [{"game_pk": game} | row for game, pitches in games.items() for row in pitches]
    return pl.DataFrame(rows, schema=_PITCH)
