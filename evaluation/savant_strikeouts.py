"""Compares starters' strikeouts counted from Savant's pitches with a record of what the pitchers did."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from evaluation.savant_plays import find_starters, read_plays
from shared.errors import UserError

_STARTS_FILE = ("mlb", "strikeout_props", "starts_2024-2025.csv")
_RECORD = {"game_pk": pl.Int64, "pitcher": pl.Int64, "strikeouts": pl.Int64}
_START = ["game_pk", "pitcher_id"]


class DifferingStart(msgspec.Struct, frozen=True):
    """A start whose strikeouts differ; `reason` is "" where the plays do not explain it."""

    game_pk: int
    game_date: str
    pitcher_id: int
    counted: int
    recorded: int
    reason: str


class StrikeoutCheck(msgspec.Struct, frozen=True):
    """Starts in both sources: how many agree, and those that differ with the reason."""

    starts: int
    agreeing: int
    differing: tuple[DifferingStart, ...]
    only_counted: int  # starts in Savant's files that the record does not have
    only_recorded: int  # starts of the same games that Savant's files do not have

    @property
    def unexplained(self) -> tuple[DifferingStart, ...]:
        """Return the starts that differ without a reason."""
        return tuple(start for start in self.differing if not start.reason)


def check_strikeouts(data: Path) -> StrikeoutCheck:
    """Return how the starts of `data`/mlb/savant agree with `data`/mlb/strikeout_props.

    Raises:
        UserError: a file is missing or cannot be read.
    """
    path = data.joinpath(*_STARTS_FILE)
    try:
        recorded = pl.read_csv(path, columns=list(_RECORD), schema_overrides=_RECORD)
    except (OSError, pl.exceptions.PolarsError) as error:
        message = f"{path}: expected what starters did, a row a start, got {error}; restore the file"
        raise UserError(message) from None
    return compare_strikeouts(read_plays(data), recorded.rename({"pitcher": "pitcher_id"}))


def compare_strikeouts(plays: pl.DataFrame, recorded: pl.DataFrame) -> StrikeoutCheck:
    """Return how strikeouts by start agree with a record.

    Only strikeouts that a pitch ended are counted. A strikeout without such a pitch, on an automatic strike,
    is the reason that is given where it makes up the difference.

    Args:
        plays: rows of `savant_plays.find_plays`.
        recorded: game_pk, pitcher_id, strikeouts; starts of other games are left aside.
    """
    counted = count_strikeouts(plays)
    both = counted.join(recorded, on=_START).sort("game_date", *_START)
    differing = tuple(
        DifferingStart(
            row["game_pk"],
            str(row["game_date"]),
            row["pitcher_id"],
            row["pitched"],
            row["strikeouts"],
            _reason(row),
        )
        for row in both.filter(pl.col("pitched") != pl.col("strikeouts")).to_dicts()
    )
    known = recorded.join(counted.select("game_pk").unique(), on="game_pk", how="semi")
    return StrikeoutCheck(
        both.height,
        both.height - len(differing),
        differing,
        counted.height - both.height,
        known.height - both.height,
    )


def count_strikeouts(plays: pl.DataFrame) -> pl.DataFrame:
    """Return each start's strikeouts that a pitch ended (`pitched`), and the descriptions of the others.

    Returns:
        game_pk, game_date, pitcher_id, pitched, unpitched (a list of descriptions).
    """
    struck_out = plays.filter(pl.col("outcome") == "strikeout")
    counts = struck_out.group_by(_START).agg(
        pitched=pl.col("has_event").sum().cast(pl.Int64),
        unpitched=pl.col("description").filter(~pl.col("has_event")),
    )
    starts = find_starters(plays).select("game_pk", "game_date", "pitcher_id")
    return starts.join(counts, on=_START, how="left").with_columns(
        pl.col("pitched").fill_null(0), pl.col("unpitched").fill_null([])
    )


def _reason(row: Mapping[str, Any]) -> str:
    unpitched: list[str] = row["unpitched"]
    if row["pitched"] + len(unpitched) != row["strikeouts"]:
        return ""
    return f"no pitch ended it: {' '.join(' '.join(text.split()) for text in unpitched)}"
