"""The runners' movements on a play: implied ones, written ones, and the event type of each."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from simulator.retrosheet.basic_play import OUT, BasicPlay, ImpliedMove
from simulator.retrosheet.notation import Advance, PlayNotation

_DRIVES_RUNS_IN = frozenset((OUT, "W", "IW", "I", "HP", "S", "D", "DGR", "T", "HR", "H", "FC", "C"))
_WALKS = ("W", "IW", "I")


class RunnerLeg(NamedTuple):
    """One leg of a runner's movement; bases are 0 (batter) to 4 (home), `to` of an out is where it was made.

    `event` is the runner's own, such as stolen_base_2b; None for a leg of the batter's play.
    """

    base: int
    to: int
    is_out: bool = False
    event: str | None = None
    rbi: bool = False
    earned: bool = True
    rbi_before_two_outs: bool = False


def _is_forced(base: int, notation: PlayNotation) -> bool:
    return all(lower in notation.advances for lower in range(1, base))


def _advance_event(advance: Advance, play: BasicPlay, notation: PlayNotation) -> str | None:
    """Return the event that let a runner advance; None: the batter's own play."""
    if advance.base == 0:
        return play.label if play.code == "K" and not advance.is_out else None
    if cause := advance.notes.cause:
        return cause
    if play.code is None:
        return play.label or ("error" if advance.notes.is_misplayed else "other_advance")
    if play.code not in ("K", *_WALKS):
        return None
    is_walked = play.code in _WALKS and advance.to == advance.base + 1 and _is_forced(advance.base, notation)
    return None if is_walked else play.label


def _second_leg_event(advance: Advance, implied: ImpliedMove, play: BasicPlay) -> str | None:
    """Return the event that let a runner advance beyond a steal; None for a batter: one play."""
    if advance.base == 0:
        return None
    if cause := advance.notes.cause:
        return cause
    if advance.notes.is_misplayed or implied.notes.is_misplayed:
        return "error"
    return play.label or "other_advance"


def _implied_move(base: int, implied: ImpliedMove, drives_in: bool) -> RunnerLeg:
    rbi = drives_in and implied.to == 4 and not implied.event and not implied.is_out
    return RunnerLeg(base, implied.to, implied.is_out, implied.event, rbi, implied.notes.earned)


def _explicit_move(
    start: int, advance: Advance, event: str | None, play: BasicPlay, drives_in: bool
) -> RunnerLeg:
    """Return a written leg; whether its run is batted in is as written, else by rule 9.04."""
    notes = advance.notes
    scores = advance.to == 4 and not advance.is_out
    is_clean = scores and notes.rbi is None and event is None and not notes.is_misplayed
    rbi = (is_clean and drives_in) or (scores and bool(notes.rbi))
    despite_error = is_clean and play.code == "E" and start == 3
    return RunnerLeg(start, advance.to, advance.is_out, event, rbi, notes.earned, despite_error)


def _runner_legs(base: int, play: BasicPlay, notation: PlayNotation) -> Iterator[RunnerLeg]:
    """Yield the legs of one runner: the one the play implies, then one written beyond it."""
    implied, advance = play.implied.get(base), notation.advances.get(base)
    drives_in = play.code in _DRIVES_RUNS_IN and "GDP" not in notation.modifiers
    if advance is None:
        if implied:
            yield _implied_move(base, implied, drives_in)
        return
    if implied and not implied.is_out and advance.to > implied.to:
        yield _implied_move(base, implied, drives_in)
        yield _explicit_move(implied.to, advance, _second_leg_event(advance, implied, play), play, drives_in)
        return
    event = implied.event if implied else None
    yield _explicit_move(base, advance, event or _advance_event(advance, play, notation), play, drives_in)


def _name_out(move: RunnerLeg) -> RunnerLeg:
    """Return the leg with event "other_out" if the runner is out after a wild pitch, a steal and so on."""
    if not move.is_out or move.event is None or move.event.startswith(("caught_stealing", "pickoff_c")):
        return move
    is_picked_off = move.event.startswith("pickoff") and "error" not in move.event
    return move if is_picked_off else move._replace(event="other_out")


def _clearing_order(notation: PlayNotation) -> list[int]:
    """Return the bases in the order to clear them: lead runner first, runners who go back last."""
    goes_back = {base for base, advance in notation.advances.items() if advance.to < base}
    return sorted((3, 2, 1, 0), key=goes_back.__contains__)


def list_runner_legs(play: BasicPlay, notation: PlayNotation) -> Sequence[RunnerLeg]:
    """Return the legs of all runners who move, in the order in which the bases become free."""
    legs = (leg for base in _clearing_order(notation) for leg in _runner_legs(base, play, notation))
    return [_name_out(leg) for leg in legs if leg.is_out or leg.event or leg.to != leg.base]
