"""Splits a Retrosheet play string into the basic play, its modifiers and the runners' advances.

The notation is described at https://www.retrosheet.org/eventfile.htm. Unknown words in parentheses are
skipped: they are remarks for readers.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.retrosheet.credits import (
    NO_CREDITS,
    UNKNOWN_FIELDERS,
    FieldingCredits,
    parse_credits,
    sum_credits,
)
from simulator.retrosheet.vocabulary import WORDS

BASES = {"B": 0, "1": 1, "2": 2, "3": 3, "H": 4}
BASE_NAMES = {1: "1b", 2: "2b", 3: "3b", 4: "home"}
_EMPHASIS = str.maketrans("", "", "!#?")
_SLASH_OUTSIDE_PARENTHESES = re.compile(r"/(?![^(]*\))")
_ADVANCE = re.compile(r"([B123])([-X])([123H])((?:\([^)]*\))*)")
# Fielders, then a place or a remark: 74H, 9S, E5/TH, 15/AP
_FIELDING = re.compile(r"(\d*E\d|\d+)[A-Z]*(?:/\w*)*")
_CAUSE = re.compile(r"(WP|PB|BK|DI)|(SB|POSB)([23H])")
# How hard the ball was hit, after the fielders: 43-, 63+. In K+WP the plus joins two plays
_MARKS = re.compile(r"-|(?<![KWI])\+(?![A-Z])")


class UnreadablePlay(ValueError):
    """A play string that does not follow Retrosheet's notation."""


@dataclass(frozen=True, slots=True)
class AdvanceNotes:
    """The notes in parentheses after a movement; `rbi` is None if they do not say."""

    credits: FieldingCredits = NO_CREDITS
    is_misplayed: bool = False
    is_fielded: bool = False
    rbi: bool | None = None
    earned: bool = True
    cause: str | None = None  # MLB's event type if not the play itself: stolen_base_3b


@dataclass(frozen=True, slots=True)
class Advance:
    """One runner's movement as written; bases are 0 (batter) to 4 (home)."""

    base: int
    to: int
    is_out: bool
    notes: AdvanceNotes


@dataclass(frozen=True, slots=True)
class PlayNotation:
    """A play string split into its parts."""

    basic: str
    modifiers: Sequence[str]
    advances: Mapping[int, Advance]
    fielders_known: bool = True


def _parse_rbi(words: Sequence[str]) -> bool | None:
    if "NR" in words or "NORBI" in words:
        return False
    return True if "RBI" in words else None


def _parse_cause(words: Sequence[str]) -> str | None:
    for match in filter(None, map(_CAUSE.fullmatch, words)):
        event: str = WORDS["runner_events"][match[1] or match[2]]
        return event if match[1] else f"{event}_{BASE_NAMES[BASES[match[3]]]}"
    return None


def parse_notes(text: str) -> AdvanceNotes:
    """Parse notes such as "(E5/TH)(UR)(NR)"."""
    words = text.strip("()").split(")(") if text else []
    chains = [match[1] for word in words if (match := _FIELDING.fullmatch(word))]
    return AdvanceNotes(
        credits=sum_credits(parse_credits(chain) for chain in chains),
        is_misplayed=any("E" in chain for chain in chains),
        is_fielded=any("E" not in chain for chain in chains),
        rbi=_parse_rbi(words),
        earned="UR" not in words,
        cause=_parse_cause(words),
    )


def _parse_advance(text: str) -> Advance:
    match = _ADVANCE.fullmatch(text)
    if match is None:
        raise UnreadablePlay(f"expected an advance such as 1-3 or BX2(74), got {text!r}")
    base, mark, to, parentheses = match.groups()
    notes = parse_notes(parentheses)
    is_out = mark == "X" and (notes.is_fielded or not notes.is_misplayed)
    return Advance(BASES[base], BASES[to], is_out, notes)


def parse_notation(text: str) -> PlayNotation:
    """Split a play string such as "64(1)3/GDP/G6.3-H(NR)"; may raise UnreadablePlay."""
    main, _, tail = text.upper().translate(_EMPHASIS).strip().rstrip("+-").partition(".")
    marked, *modifiers = _SLASH_OUTSIDE_PARENTHESES.split(main)
    basic = _MARKS.sub("", marked)
    advances = [_parse_advance(part) for part in tail.split(";") if part]
    return PlayNotation(
        basic,
        [modifier.rstrip("+-") for modifier in modifiers],
        {advance.base: advance for advance in advances},
        UNKNOWN_FIELDERS not in basic + tail,
    )
