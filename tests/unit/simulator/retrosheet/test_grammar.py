"""Plays drawn from Retrosheet's grammar are read as they were drawn, whatever marks they carry."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.retrosheet.events import parse_event
from simulator.retrosheet.notation import UnreadablePlay

FIELDERS = "123456789"
BASES = {"B": 0, "1": 1, "2": 2, "3": 3, "H": 4}
HITS = {"S": ("single", 1), "D": ("double", 2), "T": ("triple", 3), "HR": ("home_run", 4)}
WALKS = {"W": "walk", "IW": "intent_walk", "HP": "hit_by_pitch"}
STEALS = {"SB": False, "POSB": False, "CS": True, "POCS": True}
MARKS = st.sampled_from(["", "+", "-", "!", "#"])
PLACES = st.sampled_from(["", "/G", "/F8XD", "/L7LD+", "/G6MS-", "/P5DF/FL", "/BG25-", "/UREV", "/78"])
REMARKS = st.sampled_from(["", "(UR)", "(NR)(UR)", "(TH)", "(INT)", "(WHO KNOWS)"])


@dataclass
class Drawn:
    """A play string and what it says: legs as (from, to, out), and who is credited."""

    text: str
    legs: set[tuple[int, int, bool]]
    event_type: str | None = None
    putouts: str = ""
    errors: str = ""
    more: list[str] = field(default_factory=list)


def chains() -> st.SearchStrategy[str]:
    """Draw fielders of whom none throws to himself."""
    return st.lists(st.sampled_from(FIELDERS), min_size=1, max_size=4, unique=True).map("".join)


@st.composite
def hits(draw: st.DrawFn) -> Drawn:
    code = draw(st.sampled_from(sorted(HITS)))
    event_type, bases = HITS[code]
    text = code + draw(st.sampled_from(["", *FIELDERS])) + draw(MARKS) + draw(PLACES)
    return Drawn(text, {(0, bases, False)}, event_type)


@st.composite
def walks(draw: st.DrawFn) -> Drawn:
    code = draw(st.sampled_from(sorted(WALKS)))
    return Drawn(code, {(0, 1, False)}, WALKS[code])


@st.composite
def outs(draw: st.DrawFn) -> Drawn:
    chain = draw(chains())
    return Drawn(chain + draw(MARKS) + draw(PLACES), {(0, 1, True)}, "field_out", putouts=chain[-1])


@st.composite
def errors(draw: st.DrawFn) -> Drawn:
    fielder = draw(st.sampled_from("0" + FIELDERS))
    text = f"E{fielder}" + draw(MARKS) + draw(PLACES)
    return Drawn(text, {(0, 1, False)}, "field_error", errors=fielder.replace("0", ""))


@st.composite
def steals(draw: st.DrawFn) -> Drawn:
    kind, base = draw(st.sampled_from(sorted(STEALS))), draw(st.sampled_from("23H"))
    to, caught = BASES[base], STEALS[kind]
    chain = draw(chains()) if caught else ""
    text = f"{kind}{base}" + (f"({chain})" if caught else "")
    return Drawn(text, {(to - 1, to, caught)}, putouts=chain[-1:])


@st.composite
def plays(draw: st.DrawFn) -> Drawn:
    """Draw a play and runners who advance or are thrown out beyond what the play itself moves."""
    drawn = draw(st.one_of(hits(), walks(), outs(), errors(), steals()))
    moved = {start for start, _, _ in drawn.legs}
    result = []
    for base in (3, 2, 1):
        if base in moved or not draw(st.booleans()):
            continue
        to = draw(st.sampled_from([name for name, number in BASES.items() if number > base]))
        if out := draw(st.booleans()):
            chain = draw(chains())
            drawn.putouts += chain[-1]
            result.append(f"{base}X{to}({chain}{draw(st.sampled_from(['', '/TH', 'H']))})")
        else:
            result.append(f"{base}-{to}{draw(REMARKS)}")
        drawn.legs.add((base, BASES[to], out))
    drawn.text += "." + ";".join(result) if result else ""
    return drawn


@given(plays())
def test_reads_what_was_drawn(drawn: Drawn) -> None:
    event = parse_event(drawn.text)
    assert {(move.base, move.to, move.is_out) for move in event.moves} == drawn.legs
    assert sorted(event.credits.putouts) == sorted(drawn.putouts)
    assert event.credits.errors == drawn.errors
    if drawn.event_type and not any(out for base, _, out in drawn.legs if base):
        assert event.event_type == drawn.event_type


@given(plays())
def test_case_does_not_matter(drawn: Drawn) -> None:
    assert parse_event(drawn.text.lower()) == parse_event(drawn.text)


@given(plays(), st.integers(0, 40), st.text(max_size=3))
def test_a_torn_play_is_read_or_refused_by_name(drawn: Drawn, at: int, instead: str) -> None:
    truncated = drawn.text[:at] + instead + drawn.text[at + 1 :]
    why = None
    try:
        parse_event(truncated)
    except UnreadablePlay as refused:
        why = str(refused)
    assert why is None or repr(truncated) in why


def test_a_refusal_says_what_was_expected() -> None:
    with pytest.raises(UnreadablePlay, match=r"play 'QQ8': expected a basic play such as 63, S8"):
        parse_event("QQ8")
