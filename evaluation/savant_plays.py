"""Reads Savant's files as plate appearances with their results, charged as in box scores."""

import gzip
import io
import zlib
from pathlib import Path

import polars as pl

from services.collector.api import classify_event, is_at_bat, is_plate_appearance
from shared.errors import UserError

_COLUMNS = {
    "game_pk": pl.Int64,
    "game_date": pl.Date,
    "at_bat_number": pl.Int64,
    "pitch_number": pl.Int64,
    "inning": pl.Int64,
    "inning_topbot": pl.String,
    "home_team": pl.String,
    "away_team": pl.String,
    "batter": pl.Int64,
    "pitcher": pl.Int64,
    "fielder_2": pl.Int64,  # the catcher
    "stand": pl.String,
    "p_throws": pl.String,
    "balls": pl.Int64,
    "strikes": pl.Int64,
    "outs_when_up": pl.Int64,
    "events": pl.String,
    "des": pl.String,
    "bat_score": pl.Int64,
    "post_bat_score": pl.Int64,
    "post_home_score": pl.Int64,
    "post_away_score": pl.Int64,
}
_PLATE_APPEARANCE = ("game_pk", "at_bat_index")
_HALF_INNING = ("game_pk", "inning", "is_top")
_BATTER_AHEAD = ("2-0", "2-1", "3-0", "3-1", "3-2")
# What a plate appearance without an event was: Savant gives events to pitches, and these ended without one
_UNPITCHED = {"strikes out": "strikeout", "intentionally walks": "intent_walk", " walks": "walk"}
_CUT_SHORT = "other_out"  # a runner made the last out


def read_plays(data: Path) -> pl.DataFrame:
    """Return the plate appearances of `data`/mlb/savant, as `find_plays` does; empty without files."""
    files = sorted((data / "mlb" / "savant").glob("*.csv.gz"))
    return find_plays(pl.concat([_read_day(path) for path in files] or [pl.DataFrame(schema=_COLUMNS)]))


def find_plays(pitches: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each plate appearance that had a pitch, in the order of the games.

    A strikeout is charged to a batter who left with two strikes, a walk to a pitcher who left behind in the
    count (rules 9.15(b) and 9.16(h)). Intentional walks without any pitch are not in Savant's files.

    Args:
        pitches: columns of Savant's CSV, a row a pitch, in any order.

    Returns:
        Columns of plate_appearances without clubs and slots; further inning, home_team and away_team
        (abbreviations), first_pitcher_id, catcher_id, has_event (whether a pitch ended it), description,
        home_score and away_score after it. `rbi` counts the runs that scored on it, errors included.
    """
    renamed = pitches.rename({"batter": "batter_id", "pitcher": "pitcher_id"}).with_columns(
        at_bat_index=pl.col("at_bat_number") - 1, is_top=pl.col("inning_topbot") == "Top"
    )
    ordered = renamed.sort(*_PLATE_APPEARANCE, "pitch_number")
    by_turn = ordered.group_by(_PLATE_APPEARANCE, maintain_order=True)
    return _add_outs(_add_outcome(by_turn.agg(**_summary_of_pitches())))


def find_starters(plays: pl.DataFrame) -> pl.DataFrame:
    """Return each side's first pitcher: game_pk, game_date, is_top (the half they pitch in), pitcher_id."""
    first = plays.sort(*_PLATE_APPEARANCE).unique(["game_pk", "is_top"], keep="first")
    starters = first.select("game_pk", "game_date", "is_top", pitcher_id="first_pitcher_id")
    return starters.sort("game_pk", "is_top")


def _read_day(path: Path) -> pl.DataFrame:
    try:
        with gzip.open(path) as file:
            day = pl.read_csv(io.BytesIO(file.read()), infer_schema=False, null_values=["NA", "null", ""])
        return day.select(
            pl.col(name).str.to_date() if dtype == pl.Date else pl.col(name).cast(dtype)
            for name, dtype in _COLUMNS.items()
        )
    except (gzip.BadGzipFile, EOFError, zlib.error, pl.exceptions.PolarsError) as error:
        message = f"{path}: expected a day of Savant's pitches, got {error}; repair or remove the file"
        raise UserError(message) from None


def _summary_of_pitches() -> dict[str, pl.Expr]:
    """Return what is read from the pitches of a plate appearance: most of it from the last."""
    ahead = pl.format("{}-{}", "balls", "strikes").is_in(_BATTER_AHEAD)
    last = ("game_date", "inning", "is_top", "home_team", "away_team")
    return {name: pl.col(name).last() for name in last} | {
        "batter_id": pl.col("batter_id").last(),
        "pitcher_id": pl.col("pitcher_id").last(),
        "first_pitcher_id": pl.col("pitcher_id").first(),
        "bat_side": pl.col("stand").last(),
        "pitch_hand": pl.col("p_throws").last(),
        "catcher_id": pl.col("fielder_2").last(),
        "event": pl.col("events").last(),
        "description": pl.col("des").last(),
        "left_with_two_strikes": _replaced("batter_id", pl.col("strikes") == 2),
        "left_behind": _replaced("pitcher_id", ahead),
        "pitches": pl.len().cast(pl.Int64),
        "outs_before": pl.col("outs_when_up").first(),
        "outs_at_end": pl.col("outs_when_up").last(),
        "rbi": pl.col("post_bat_score").last() - pl.col("bat_score").last(),
        "home_score": pl.col("post_home_score").last(),
        "away_score": pl.col("post_away_score").last(),
    }


def _replaced(who: str, count: pl.Expr) -> pl.Expr:
    """Return the first player who was replaced at a count that meets the condition, else null."""
    before = pl.col(who).shift()
    return before.filter((before != pl.col(who)) & count).first()


def _add_outcome(turns: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with event and outcome, and with the pair that the result is charged to."""
    unpitched = [
        pl.when(pl.col("description").str.contains(words, literal=True)).then(pl.lit(event))
        for words, event in _UNPITCHED.items()
    ]
    event = pl.coalesce("event", *unpitched, pl.lit(_CUT_SHORT))
    known = turns.with_columns(has_event=pl.col("event").is_not_null(), event_type=event)
    outcomes = {name: classify_event(name, is_out=True) for name in known["event_type"].unique()}
    outcome = pl.col("event_type").replace_strict(outcomes, return_dtype=pl.String)
    batter = pl.when(outcome == "strikeout").then("left_with_two_strikes")
    pitcher = pl.when(outcome == "walk").then("left_behind")
    return known.with_columns(
        outcome=outcome,
        batter_id=pl.coalesce(batter, "batter_id"),
        pitcher_id=pl.coalesce(pitcher, "pitcher_id"),
        is_plate_appearance=outcome.is_in([one for one in outcomes.values() if is_plate_appearance(one)]),
        is_at_bat=outcome.is_in([one for one in outcomes.values() if is_at_bat(one)]),
    ).drop("event", "left_with_two_strikes", "left_behind")


def _add_outs(turns: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the outs after each: those before the half's next one, at its end three.

    A game that the home club wins at bat ends with the outs that the last plate appearance left.
    """
    ends_game = pl.col("at_bat_index") == pl.col("at_bat_index").max().over("game_pk")
    is_walk_off = ends_game & ~pl.col("is_top") & (pl.col("home_score") > pl.col("away_score"))
    left = pl.col("outs_at_end") + (pl.col("outcome") == "sacrifice").cast(pl.Int64)
    following = pl.col("outs_before").shift(-1).over(_HALF_INNING)
    after = pl.when(is_walk_off).then(left).otherwise(following.fill_null(3))
    return turns.with_columns(outs_after=after).drop("outs_at_end")
