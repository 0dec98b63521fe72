"""Take a Retrosheet play string apart: the basic play, its modifiers and the runners' advances.

The language is described at https://www.retrosheet.org/eventfile.htm.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hankstank.standins.retrosheet.credits import NOBODY, Credits, credits_of, total

BASES = {"B": 0, "1": 1, "2": 2, "3": 3, "H": 4}
_EMPHASIS = str.maketrans("", "", "!#?")
_SLASH_OUTSIDE_PARENTHESES = re.compile(r"/(?![^(]*\))")
_ADVANCE = re.compile(r"([B123])([-X])([123H])((?:\([^)]*\))*)")
_FIELDING = re.compile(r"(\d*E\d|\d+)(?:/\w+)?")


class UnreadablePlay(ValueError):  # noqa: N818 - named for the condition
    """A play string that is not in Retrosheet's language."""


@dataclass(frozen=True, slots=True)
class Notes:
    """What the parentheses after a movement say; `rbi` is None where they are silent."""

    credits: Credits = NOBODY
    is_misplayed: bool = False
    is_fielded: bool = False
    rbi: bool | None = None
    earned: bool = True
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Advance:
    """One runner's movement as written; bases are 0 (batter) to 4 (home)."""

    base: int
    to: int
    is_out: bool
    notes: Notes


@dataclass(frozen=True, slots=True)
class Notation:
    """A play string taken apart."""

    basic: str
    modifiers: Sequence[str]
    advances: Mapping[int, Advance]


def _rbi(words: Sequence[str]) -> bool | None:
    if "NR" in words or "NORBI" in words:
        return False
    return True if "RBI" in words else None


def _cause(words: Sequence[str]) -> str | None:
    return next((word for word in words if word in ("WP", "PB")), None)


def read_notes(text: str) -> Notes:
    """Read parentheses such as "(E5/TH)(UR)(NR)"."""
    words = text.strip("()").split(")(") if text else []
    chains = [match[1] for word in words if (match := _FIELDING.fullmatch(word))]
    return Notes(
        credits=total(credits_of(chain) for chain in chains),
        is_misplayed=any("E" in chain for chain in chains),
        is_fielded=any("E" not in chain for chain in chains),
        rbi=_rbi(words),
        earned="UR" not in words,
        cause=_cause(words),
    )


def _read_advance(text: str) -> Advance:
    match = _ADVANCE.fullmatch(text)
    if match is None:
        raise UnreadablePlay(f"expected an advance such as 1-3 or BX2(74), got {text!r}")
    base, mark, to, parentheses = match.groups()
    notes = read_notes(parentheses)
    is_out = mark == "X" and (notes.is_fielded or not notes.is_misplayed)
    return Advance(BASES[base], BASES[to], is_out, notes)


def take_apart(text: str) -> Notation:
    """Take a play string such as "64(1)3/GDP/G6.3-H(NR)" apart; raises `UnreadablePlay`."""
    main, _, tail = text.translate(_EMPHASIS).strip().rstrip("+-").partition(".")
    basic, *modifiers = _SLASH_OUTSIDE_PARENTHESES.split(main)
    advances = [_read_advance(part) for part in tail.split(";") if part]
    return Notation(basic, modifiers, {advance.base: advance for advance in advances})
