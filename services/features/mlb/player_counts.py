"""What batters did and pitchers allowed on each day, from plays, box scores and pitches."""

from collections.abc import Iterator

import polars as pl

from services.features.mlb.labels import HITS
from services.features.mlb.pitch_counts import SEEN, THROWN
from services.features.mlb.running_totals import CounterLayout
from shared.sports.mlb import game_types

_outcome = pl.col("outcome")
_TURNS = {
    "plate_appearances": pl.col("is_plate_appearance"),
    "at_bats": pl.col("is_at_bat"),
    "hits": _outcome.is_in(HITS),
    "doubles": _outcome == "double",
    "triples": _outcome == "triple",
    "home_runs": _outcome == "home_run",
    "walks": _outcome == "walk",
    "intentional_walks": pl.col("event_type") == "intent_walk",
    "hit_by_pitch": _outcome == "hit_by_pitch",
    "strikeouts": _outcome == "strikeout",
    "sacrifice_flies": pl.col("event_type").is_in(["sac_fly", "sac_fly_double_play"]),
}
TURN_COUNTS = tuple(_TURNS)
HOME, LEFT = "_home", "_vs_left"
_SPLIT = tuple(f"{name}{part}" for part in ("", HOME, LEFT) for name in TURN_COUNTS)
_APPEARED = ("games", "postseason_games", "pitches")
_OUTS = pl.col("outs_after") - pl.col("outs_before")

BATTING = CounterLayout("batter_id", (*_SPLIT, *_APPEARED, "runs_batted_in", "stolen_bases", *SEEN))
PITCHING = CounterLayout(
    "pitcher_id",
    (*_SPLIT, *_APPEARED, "starts", "start_outs", "start_pitches", "outs", "runs", "earned_runs", *THROWN),
)
LINES = {"batter_lines": BATTING, "pitcher_lines": PITCHING}  # tables of running sums


def batting_counts(plays: pl.DataFrame, box: pl.DataFrame, pitches: pl.DataFrame) -> pl.DataFrame:
    """Return as_of, batter_id and the counts of BATTING for each day they came to bat.

    Args:
        plays: plate_appearances in order, with completed_date and game_type of their games.
        box: game_pk, player_id, stolen_bases.
        pitches: game_pk, batter_id and the counts SEEN.
    """
    turns = _split_columns(plays, at_home=~pl.col("is_top"), vs_left=pl.col("pitch_hand") == "L")
    by_game = _by_game(turns, "batter_id", pl.col("rbi").sum().alias("runs_batted_in"))
    return _daily_counts(BATTING, by_game, box, pitches)


def pitching_counts(plays: pl.DataFrame, box: pl.DataFrame, pitches: pl.DataFrame) -> pl.DataFrame:
    """Return as_of, pitcher_id and the counts of PITCHING for each day they faced a batter.

    Args:
        plays: as for batting.
        box: game_pk, player_id, runs, earned_runs.
        pitches: game_pk, pitcher_id and the counts THROWN.
    """
    turns = _split_columns(plays, at_home=pl.col("is_top"), vs_left=pl.col("bat_side") == "L")
    starter = pl.col("pitcher_id").first().over("game_pk", "is_top") == pl.col("pitcher_id")
    by_game = _by_game(
        turns.with_columns(starter=starter),
        "pitcher_id",
        pl.col("starter").any().cast(pl.Int64).alias("starts"),
        _OUTS.filter(pl.col("starter")).sum().alias("start_outs"),
        pl.col("pitches").filter(pl.col("starter")).sum().alias("start_pitches"),
        _OUTS.sum().alias("outs"),
    )
    return _daily_counts(PITCHING, by_game, box, pitches)


def countable_plays(plays: pl.DataFrame, games: pl.DataFrame) -> pl.DataFrame:
    """Return the plays of regular and postseason games, in order, with the day their result became known."""
    known = games.filter(pl.col("game_type").is_in(game_types.COUNTED))
    facts = known.select("game_pk", "completed_date", "game_type")
    return plays.join(facts, on="game_pk").sort("game_pk", "at_bat_index")


def _split_columns(plays: pl.DataFrame, at_home: pl.Expr, vs_left: pl.Expr) -> pl.DataFrame:
    turns = plays.with_columns(**_TURNS)
    return turns.with_columns(_split_counts(HOME, at_home)).with_columns(_split_counts(LEFT, vs_left))


def _split_counts(part: str, holds: pl.Expr) -> Iterator[pl.Expr]:
    return ((pl.col(name) & holds).alias(f"{name}{part}") for name in TURN_COUNTS)


def _by_game(turns: pl.DataFrame, key: str, *more: pl.Expr) -> pl.DataFrame:
    return turns.group_by("game_pk", key, "completed_date").agg(
        pl.col(_SPLIT).sum().cast(pl.Int64),
        *more,
        games=pl.lit(1, pl.Int64),
        postseason_games=(pl.col("game_type").first() != "R").cast(pl.Int64),
        pitches=pl.col("pitches").sum(),
    )


def _daily_counts(
    layout: CounterLayout, by_game: pl.DataFrame, box: pl.DataFrame, pitches: pl.DataFrame
) -> pl.DataFrame:
    at = ["game_pk", layout.key]
    known = by_game.join(box.rename({"player_id": layout.key}), on=at, how="left")
    daily = known.join(pitches, on=at, how="left").group_by(layout.key, as_of="completed_date")
    return daily.agg(pl.col(layout.counts).sum())
