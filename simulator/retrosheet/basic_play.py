"""Reads a basic play: the movements it implies and its fielding credits."""

import re
from dataclasses import dataclass, field

from simulator.retrosheet.credits import (
    NO_CREDITS,
    UNKNOWN_FIELDERS,
    FieldingCredits,
    parse_credits,
    sum_credits,
)
from simulator.retrosheet.notation import (
    BASE_NAMES,
    BASES,
    AdvanceNotes,
    PlayNotation,
    UnreadablePlay,
    parse_notes,
)
from simulator.retrosheet.vocabulary import WORDS

OUT = "OUT"  # our own code, for plays that are only a string of fielders
_BATTER = re.compile(
    r"(K(?=\d*(?:E\d)?$)|E(?=\d$)|(?:IW|W|HP|I|C)(?=$)|(?:DGR|HR|FC|S|D|T|H)(?=\d*$))([\dE]*)"
)
_CHAIN = r"(?:\d*E\d|\d+)"
_FIELDERS = re.compile(rf"({_CHAIN})(?:\(([B123])\))?")
_FIELDED_OUT = re.compile(rf"(?:{_CHAIN}\([B123]\))*{_CHAIN}(?:\([B123]\))?")
_STEAL = re.compile(r"((?:SB|CS|POCS|POSB)(?=[23H])|PO(?=[123]))([123H])((?:\([^)]*\))*)")
_WITHOUT_BASE = ("WP", "PB", "BK", "DI", "OA")
_STOLEN = ("SB", "POSB")  # POSB: picked off, but safe at the next base


@dataclass(frozen=True, slots=True)
class ImpliedMove:
    """A movement that the basic play implies; `event` is the runner's own, such as a stolen base."""

    to: int
    is_out: bool = False
    event: str | None = None
    notes: AdvanceNotes = field(default_factory=AdvanceNotes)


@dataclass(frozen=True, slots=True)
class BasicPlay:
    """A parsed basic play; `code` is None if the plate appearance continues, `label` names advances."""

    code: str | None = None
    implied: dict[int, ImpliedMove] = field(default_factory=dict)
    credits: FieldingCredits = NO_CREDITS
    label: str | None = None
    fielder: str | None = None

    def merge_with(self, other: "BasicPlay") -> "BasicPlay":
        """Return this play together with another of the same record, as in K+WP or SB3;SB2."""
        return BasicPlay(
            self.code,
            {**self.implied, **other.implied},
            self.credits + other.credits,
            self.label or other.label,
            self.fielder,
        )


def _parse_steal(kind: str, base: str, parentheses: str) -> BasicPlay:
    """Parse SB2, CS2(26), PO1(E3/TH) or POCS2(1361); an error by a fielder leaves the runner safe."""
    notes = parse_notes(parentheses)
    event = f"{WORDS['runner_events'][kind]}_{BASE_NAMES[BASES[base]]}"
    is_out = kind not in _STOLEN and (notes.is_fielded or not notes.is_misplayed)
    if kind == "PO" and not is_out:
        return BasicPlay(credits=notes.credits, label=f"pickoff_error_{BASE_NAMES[BASES[base]]}")
    start = BASES[base] - (kind != "PO")
    return BasicPlay(implied={start: ImpliedMove(BASES[base], is_out, event, notes)}, credits=notes.credits)


def _parse_runner_play(text: str) -> BasicPlay | None:
    if match := _STEAL.fullmatch(text):
        return _parse_steal(*match.groups())
    if match := re.fullmatch(r"(?:FL)?E(\d)", text):
        return BasicPlay(credits=parse_credits(f"E{match[1]}"), label="error")
    return BasicPlay(label=WORDS["runner_events"][text]) if text in _WITHOUT_BASE else None


def _parse_strikeout(chain: str, notation: PlayNotation) -> BasicPlay:
    """Parse K, K23 or K2E3; the catcher gets the put-out unless the record gives the batter's movement."""
    if chain:
        credits_ = parse_credits(chain)
    else:
        credits_ = NO_CREDITS if 0 in notation.advances else FieldingCredits(putouts="2")
    return BasicPlay("K", {0: ImpliedMove(1, is_out="E" not in chain)}, credits_)


def _parse_interference(notation: PlayNotation) -> BasicPlay:
    errors = [word for word in notation.modifiers if re.fullmatch(r"E\d", word)]
    return BasicPlay("C", {0: ImpliedMove(1)}, FieldingCredits(errors=errors[0][1] if errors else "2"))


def _first_fielder(chain: str) -> str | None:
    """Return the position number of who fielded the ball; None if unknown."""
    first = chain.lstrip("E")[:1]
    return None if first in ("", "0") or UNKNOWN_FIELDERS in chain else first


def _parse_batter_play(code: str, chain: str, notation: PlayNotation) -> BasicPlay:
    if code == "K":
        return _parse_strikeout(chain, notation)
    if code == "C":
        return _parse_interference(notation)
    credits_ = parse_credits(f"E{chain}") if code == "E" else NO_CREDITS
    implied = {0: ImpliedMove(WORDS["batter_reaches"][code])}
    return BasicPlay(code, implied, credits_, fielder=_first_fielder(chain))


def _parse_fielded_out(text: str) -> BasicPlay:
    """Parse a string of fielders: 8, 63, 64(1)3, 8(B)84(2), 6E3, 54(1)."""
    implied: dict[int, ImpliedMove] = {}
    credits_: list[FieldingCredits] = []
    thrower = ""
    for chain, base in _FIELDERS.findall(text):
        credits_.append(parse_credits(chain, thrower))
        implied[BASES[base or "B"]] = ImpliedMove(BASES[base or "B"] + 1, is_out="E" not in chain)
        thrower = credits_[-1].putouts
    implied.setdefault(0, ImpliedMove(1))
    return BasicPlay(OUT, implied, sum_credits(credits_), fielder=_first_fielder(text))


def _parse_part(text: str, notation: PlayNotation, is_first: bool) -> BasicPlay:
    if play := None if is_first and re.fullmatch(r"E\d", text) else _parse_runner_play(text):
        return play
    if match := _BATTER.fullmatch(text):
        return _parse_batter_play(match[1], match[2], notation)
    if _FIELDED_OUT.fullmatch(text):
        return _parse_fielded_out(text)
    raise UnreadablePlay(f"expected a basic play such as 63, S8, K+WP or SB2, got {text!r}")


def parse_basic_play(notation: PlayNotation) -> BasicPlay:
    """Parse the basic play of a notation; raises UnreadablePlay if it is not one."""
    first, *others = re.split(r"[+;]", notation.basic)
    play = _parse_part(first, notation, is_first=True)
    for other in others:
        play = play.merge_with(_parse_part(other, notation, is_first=False))
    return play
