"""Parses a Retrosheet play string into movements, fielding credits and MLB's event type.

A `PlayEvent` depends only on its string, so each distinct string is parsed once.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from simulator.retrosheet.basic_play import OUT, BasicPlay, parse_basic_play
from simulator.retrosheet.credits import NO_CREDITS, FieldingCredits, sum_credits
from simulator.retrosheet.moves import RunnerLeg, list_runner_legs
from simulator.retrosheet.notation import PlayNotation, UnreadablePlay, parse_notation
from simulator.retrosheet.vocabulary import WORDS

_TRAJECTORY = re.compile(r"(BGDP|BPDP|GDP|GTP|FDP|LDP|LTP|B?[GLFP])(?:\d\w*)?")
_LOCATION = re.compile(r"(?:B?[GLFP])?([1-9])\w*")
_NOT_BATTED = ("K", "W", "IW", "I", "HP", "C")


@dataclass(frozen=True, slots=True)
class PlayEvent:
    """A parsed play string; `event_type` is None if the plate appearance continues.

    Moves are in the order in which the bases become free: the lead runner first.
    """

    event_type: str | None
    moves: Sequence[RunnerLeg]
    credits: FieldingCredits
    trajectory: str | None = None
    hit_location: str | None = None
    batter_replaces_runner: bool = False

    @property
    def outs(self) -> int:
        """Return the number of outs made."""
        return sum(move.is_out for move in self.moves)


def _sacrifice_type(modifiers: Sequence[str], is_double_play: bool) -> str | None:
    for mark, event_type in (("SH", "sac_bunt"), ("SF", "sac_fly")):
        if mark in modifiers:
            return f"{event_type}_double_play" if is_double_play else event_type
    return None


def _fielded_type(modifiers: Sequence[str], outs: int, batter_is_out: bool) -> str:
    if "GDP" in modifiers or "BGDP" in modifiers:
        return "grounded_into_double_play"
    if batter_is_out:
        return "field_out"
    if outs == 0:
        return "field_error"
    return "force_out" if "FO" in modifiers else "fielders_choice_out"


def _batter_is_safe(moves: Sequence[RunnerLeg]) -> bool:
    return any(move.base == 0 and not move.is_out for move in moves)


def _event_type(code: str, modifiers: Sequence[str], moves: Sequence[RunnerLeg]) -> str:
    """Return MLB's event type of a plate appearance, from its code, modifiers and outs."""
    outs = sum(move.is_out for move in moves)
    is_double_play = outs == 2 and "NDP" not in modifiers
    if code == "K":
        return "strikeout_double_play" if outs == 2 else "strikeout_triple_play" if outs == 3 else "strikeout"
    if code in (OUT, "E", "FC") and (sacrifice := _sacrifice_type(modifiers, is_double_play)):
        return sacrifice
    if code == "FC" and outs:
        return "fielders_choice_out"
    if code != OUT:
        return str(WORDS["batter_events"][code])
    if outs == 3:
        return "triple_play"
    fielded = _fielded_type(modifiers, outs, not _batter_is_safe(moves))
    return "double_play" if is_double_play and fielded != "grounded_into_double_play" else fielded


def _parse_trajectory(modifiers: Sequence[str]) -> str | None:
    matches = (_TRAJECTORY.fullmatch(modifier) for modifier in modifiers)
    found = sorted((match[1] for match in matches if match), key=len)
    return WORDS["trajectories"][found[0]] if found else None


def _hit_location(play: BasicPlay, modifiers: Sequence[str]) -> str | None:
    located = filter(None, map(_LOCATION.fullmatch, modifiers))
    return play.fielder or next((match[1] for match in located), None)


def _costs_a_runner(code: str, modifiers: Sequence[str], moves: Sequence[RunnerLeg]) -> bool:
    """Return whether the batter caused a runner's out: by a force, a fielder's choice or the batted ball."""
    if code in (OUT, "FC"):
        return "GDP" in modifiers or _batter_is_safe(moves)
    return "BR" in modifiers


def _plate_appearance(
    code: str, play: BasicPlay, notation: PlayNotation, credits_: FieldingCredits
) -> PlayEvent:
    modifiers, moves = notation.modifiers, list_runner_legs(play, notation)
    is_batted = code not in _NOT_BATTED
    runner_is_out = any(move.is_out and move.base for move in moves)
    return PlayEvent(
        _event_type(code, modifiers, moves),
        moves,
        credits_,
        _parse_trajectory(modifiers) if is_batted else None,
        _hit_location(play, modifiers) if is_batted else None,
        runner_is_out and _costs_a_runner(code, modifiers, moves),
    )


@cache
def parse_event(text: str) -> PlayEvent:
    """Parse a play string such as "S8.2-H;1-3"; UnreadablePlay names the part that cannot be parsed."""
    try:
        notation = parse_notation(text)
        play = parse_basic_play(notation)
    except UnreadablePlay as error:
        raise UnreadablePlay(f"play {text!r}: {error}") from None
    credits_ = play.credits + sum_credits(advance.notes.credits for advance in notation.advances.values())
    if not notation.fielders_known:
        credits_ = NO_CREDITS
    if play.code is None:
        return PlayEvent(None, list_runner_legs(play, notation), credits_)
    return _plate_appearance(play.code, play, notation, credits_)
