"""Read one Retrosheet play string into the movements, credits and MLB event type that it stands for.

An `Event` depends on its string alone, so each distinct string is read once.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from hankstank.standins.retrosheet.basic_play import OUT, BasicPlay, Implied, read_basic_play
from hankstank.standins.retrosheet.credits import Credits, total
from hankstank.standins.retrosheet.notation import Advance, Notation, UnreadablePlay, take_apart
from hankstank.standins.retrosheet.vocabulary import WORDS

_TRAJECTORY = re.compile(r"(BGDP|BPDP|GDP|GTP|FDP|LDP|LTP|B?[GLFP])(?:\d\w*)?[-+]*")
_DRIVES_RUNS_IN = frozenset((OUT, "W", "IW", "I", "HP", "S", "D", "DGR", "T", "HR", "H", "FC", "C"))
_OUT_TYPES = ("_out", "_play", "sac_fly", "sac_bunt", "strikeout")


class Move(NamedTuple):
    """One leg of a runner's way; bases are 0 (batter) to 4 (home), `to` of an out is where he was put out."""

    base: int
    to: int
    is_out: bool
    event: str | None
    rbi: bool
    earned: bool


@dataclass(frozen=True, slots=True)
class Event:
    """What a play string stands for; `event_type` is None while the plate appearance goes on.

    Moves stand in the order in which they can be walked: the lead runner first.
    """

    event_type: str | None
    moves: Sequence[Move]
    credits: Credits
    trajectory: str | None = None
    hit_location: str | None = None
    batter_replaces_runner: bool = False

    @property
    def outs(self) -> int:
        """Return the number of outs made."""
        return sum(move.is_out for move in self.moves)


def _is_forced(base: int, notation: Notation) -> bool:
    return all(lower in notation.advances for lower in range(1, base))


def _advance_event(advance: Advance, play: BasicPlay, notation: Notation) -> str | None:
    """Name what let a runner advance, beside the batter's own play (None: the batter's play itself)."""
    if cause := advance.notes.cause:
        return str(WORDS["runner_events"][cause])
    if play.code is None:
        return play.label or ("error" if advance.notes.is_misplayed else "other_advance")
    if advance.base == 0 or play.code not in ("K", "W", "IW", "I"):
        return None
    is_walked = play.code != "K" and advance.to == advance.base + 1 and _is_forced(advance.base, notation)
    return None if is_walked else play.label


def _second_leg_event(advance: Advance, play: BasicPlay) -> str | None:
    if cause := advance.notes.cause:
        return str(WORDS["runner_events"][cause])
    if advance.notes.is_misplayed:
        return "error"
    return "other_advance" if play.code is None else None


def _implied_move(base: int, implied: Implied, drives_in: bool) -> Move:
    rbi = drives_in and implied.to == 4
    return Move(base, implied.to, implied.is_out, implied.event, rbi, implied.notes.earned)


def _told_move(start: int, advance: Advance, event: str | None, drives_in: bool) -> Move:
    scores = advance.to == 4 and not advance.is_out
    by_default = drives_in and event in (None, "error")
    rbi = scores and (by_default if advance.notes.rbi is None else advance.notes.rbi)
    return Move(start, advance.to, advance.is_out, event, rbi, advance.notes.earned)


def _legs(base: int, play: BasicPlay, notation: Notation) -> Iterator[Move]:
    """Yield the legs of one runner: what the play implies, then what is written beyond it."""
    implied, advance = play.implied.get(base), notation.advances.get(base)
    drives_in = play.code in _DRIVES_RUNS_IN and "GDP" not in notation.modifiers
    if advance is None:
        if implied:
            yield _implied_move(base, implied, drives_in)
        return
    if implied and not implied.is_out and advance.to > implied.to:
        yield _implied_move(base, implied, drives_in)
        yield _told_move(implied.to, advance, _second_leg_event(advance, play), drives_in)
        return
    event = implied.event if implied else None
    yield _told_move(base, advance, event or _advance_event(advance, play, notation), drives_in)


def _sacrifice(modifiers: Sequence[str], is_double_play: bool) -> str | None:
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


def _event_type(code: str, modifiers: Sequence[str], moves: Sequence[Move]) -> str:
    """Name a plate appearance as MLB does, from its code, its modifiers and the outs it made."""
    outs = sum(move.is_out for move in moves)
    is_double_play = outs == 2 and "NDP" not in modifiers
    if code == "K":
        return "strikeout_double_play" if outs == 2 else "strikeout_triple_play" if outs == 3 else "strikeout"
    if code in (OUT, "E", "FC") and (sacrifice := _sacrifice(modifiers, is_double_play)):
        return sacrifice
    if code == "FC" and outs:
        return "fielders_choice_out"
    if code != OUT:
        return str(WORDS["batter_events"][code])
    if outs == 3:
        return "triple_play"
    fielded = _fielded_type(modifiers, outs, batter_is_out=moves[-1].is_out)
    return "double_play" if is_double_play and fielded != "grounded_into_double_play" else fielded


def _name_runners_outs(event_type: str, moves: Sequence[Move]) -> list[Move]:
    """Say "other_out" of a runner put out on a play that is not itself an out."""
    if event_type.endswith(_OUT_TYPES):
        return list(moves)
    return [
        move._replace(event="other_out") if move.is_out and move.event is None else move for move in moves
    ]


def _name_ambushed(moves: Sequence[Move]) -> list[Move]:
    """Say "other_out" of a runner put out after a wild pitch, a steal and the like."""
    honest = ("caught_stealing", "pickoff")
    return [
        move._replace(event="other_out")
        if move.is_out and move.event and (not move.event.startswith(honest) or "error" in move.event)
        else move
        for move in moves
    ]


def _trajectory(modifiers: Sequence[str]) -> str | None:
    matches = (_TRAJECTORY.fullmatch(modifier) for modifier in modifiers)
    found = sorted((match[1] for match in matches if match), key=len)
    return WORDS["trajectories"][found[0]] if found else None


def _hit_location(play: BasicPlay, modifiers: Sequence[str]) -> str | None:
    located = (modifier[0] for modifier in modifiers if modifier[:1].isdigit())
    return play.fielder or next(located, None)


def _plate_appearance(play: BasicPlay, notation: Notation, moves: list[Move], credits_: Credits) -> Event:
    code = play.code or ""
    event_type = _event_type(code, notation.modifiers, moves)
    batter_is_safe = any(move.base == 0 and not move.is_out for move in moves)
    runner_is_out = any(move.is_out and move.base for move in moves)
    return Event(
        event_type,
        _name_runners_outs(event_type, moves),
        credits_,
        _trajectory(notation.modifiers),
        _hit_location(play, notation.modifiers) if code not in ("K", "W", "IW", "I", "HP") else None,
        code in (OUT, "FC") and batter_is_safe and runner_is_out,
    )


@lru_cache(maxsize=None)
def read_event(text: str) -> Event:
    """Read a play string such as "S8.2-H;1-3"; raises `UnreadablePlay` naming what was not understood."""
    try:
        notation = take_apart(text)
        play = read_basic_play(notation)
    except UnreadablePlay as error:
        raise UnreadablePlay(f"play {text!r}: {error}") from None
    moves = _name_ambushed([move for base in (3, 2, 1, 0) for move in _legs(base, play, notation)])
    credits_ = play.credits + total(advance.notes.credits for advance in notation.advances.values())
    if play.code is None:
        return Event(None, moves, credits_)
    return _plate_appearance(play, notation, moves, credits_)
