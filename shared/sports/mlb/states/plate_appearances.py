"""A day's plate appearances as arrays: who, from which side, and which components happened."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.sports.mlb import game_types
from shared.sports.mlb.states.entities import Floats, Integers


class Outcome(IntEnum):
    """Codes of outcomes that a component counts; hits come last, from HOME_RUN on."""

    STRIKEOUT = 0
    WALK = 1
    HIT_BY_PITCH = 2
    HOME_RUN = 3
    SINGLE = 4
    DOUBLE = 5
    TRIPLE = 6


OUTCOME_CODES = {outcome.name.lower(): outcome.value for outcome in Outcome}
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class PlateAppearances:
    """One entry per plate appearance, by game and order; sides and hands are 0 left, 1 right."""

    game: Integers  # position among the day's games
    is_top: Flags
    batter: Integers
    pitcher: Integers
    side: Integers
    hand: Integers
    slot: Integers  # 1 to 9; 0: not known
    events: Floats  # (n, 5), one column per component
    trials: Floats  # (n, 5)
    is_hit: Flags
    is_at_bat: Flags
    runs_batted_in: Integers
    outs: Integers
    pitches: Integers
    by_starter: Flags  # batted by the slot's starter
    off_starter: Flags  # pitched by the fielding club's first pitcher
    by_pitcher: Integers  # 1 where a pitcher bats
    in_postseason: Flags

    def __len__(self) -> int:
        return len(self.game)


def select_plate_appearances(plays: pl.DataFrame, games: pl.DataFrame) -> PlateAppearances:
    """Return the plate appearances of `games` (sorted by game_pk) among `plays`."""
    rows = plays.filter(
        pl.col("is_plate_appearance") & pl.col("game_pk").is_in(games["game_pk"].implode())
    ).sort("game_pk", "at_bat_index")
    column = _play_columns(rows, games)
    half = column["game"] * 2 + column["is_top"]
    outcome = column["outcome"]
    events, trials = _component_events(outcome)
    return PlateAppearances(
        **{name: column[name] for name in ("game", "is_top", "batter", "pitcher", "side", "hand", "slot")},
        events=events,
        trials=trials,
        is_hit=outcome >= Outcome.HOME_RUN,
        is_at_bat=column["is_at_bat"],
        runs_batted_in=column["rbi"],
        outs=column["outs"],
        pitches=column["pitches"],
        by_starter=_is_first(half * 10 + column["slot"], column["batter"]) & (column["slot"] > 0),
        off_starter=_is_first(half, column["pitcher"]),
        by_pitcher=_pitchers_at_bat(column),
        in_postseason=games["game_type"].is_in(game_types.POSTSEASON).to_numpy()[column["game"]],
    )


def _play_columns(rows: pl.DataFrame, games: pl.DataFrame) -> dict[str, NDArray[Any]]:
    chosen = rows.select(
        "is_top",
        "is_at_bat",
        "rbi",
        "pitches",
        outs=pl.col("outs_after") - pl.col("outs_before"),
        batter="batter_id",
        pitcher="pitcher_id",
        side=(pl.col("bat_side") == "R").cast(pl.Int64),
        hand=(pl.col("pitch_hand") == "R").cast(pl.Int64),
        slot=pl.col("batting_slot").fill_null(0),
        outcome=pl.col("outcome").replace_strict(OUTCOME_CODES, default=-1, return_dtype=pl.Int64),
    )
    game = np.searchsorted(games["game_pk"].to_numpy(), rows["game_pk"].to_numpy())
    return {"game": game} | {name: chosen[name].to_numpy() for name in chosen.columns}


def _component_events(outcome: Integers) -> tuple[Floats, Floats]:
    strikeout, home_run = outcome == Outcome.STRIKEOUT, outcome == Outcome.HOME_RUN
    walk = (outcome == Outcome.WALK) | (outcome == Outcome.HIT_BY_PITCH)
    single, extra_base = outcome == Outcome.SINGLE, outcome >= Outcome.DOUBLE
    contact = ~(strikeout | walk)
    in_play = contact & ~home_run
    events = np.column_stack([strikeout, walk, home_run, single, extra_base])
    trials = np.column_stack([np.ones_like(contact), np.ones_like(contact), contact, in_play, in_play])
    return events.astype(np.float64), trials.astype(np.float64)


def _is_first(group: Integers, who: Integers) -> Flags:
    """Return where `who` is the first of their group, in order of play."""
    _, first, inverse = np.unique(group, return_index=True, return_inverse=True)
    return np.asarray(who == who[first][inverse])


def _pitchers_at_bat(column: dict[str, NDArray[Any]]) -> Integers:
    """Return 1 where the batter pitched for their club that day and bats seventh or lower.

    The slot keeps a two-way player, who bats high in the order, among the batters.
    """
    half = column["game"] * 2 + column["is_top"]
    pitched = np.unique(np.column_stack([half ^ 1, column["pitcher"]]), axis=0)
    at_bat = np.column_stack([half, column["batter"]])
    span = int(max(column["batter"].max(initial=0), column["pitcher"].max(initial=0))) + 1
    did = np.isin(at_bat[:, 0] * span + at_bat[:, 1], pitched[:, 0] * span + pitched[:, 1])
    low = (column["slot"] >= 7) | (column["slot"] == 0)
    return np.asarray(did & low, np.int64)
