"""Converts Retrosheet's pitch sequences to MLB's call codes."""

from collections.abc import Sequence
from functools import cache

from simulator.game_record import Pitch
from simulator.retrosheet.vocabulary import WORDS

_CALLS: dict[str, str] = WORDS["pitch_calls"]
_BLOCKED = {"B": "*B", "S": "W"}
_IN_PLAY = "XY"


def _pitch_call(symbol: str, is_blocked: bool, in_play_call: str) -> str | None:
    """Return MLB's code; None for symbols that are no pitch: pickoff throws, runners going, other plays."""
    if symbol in _IN_PLAY:
        return in_play_call
    return (_BLOCKED.get(symbol) if is_blocked else None) or _CALLS.get(symbol)


def in_play_call(outs: int, runs: int) -> str:
    """Return the code of a ball in play: E with a run, X with an out, D with neither."""
    return "E" if runs else "X" if outs else "D"


@cache
def parse_pitches(sequence: str, in_play: str) -> Sequence[Pitch]:
    """Parse a sequence such as "*BBC1>FX" into pitches without measurements."""
    symbols = zip(sequence, f" {sequence}", strict=False)
    calls = (_pitch_call(symbol, before == "*", in_play) for symbol, before in symbols)
    return tuple(Pitch(call) for call in calls if call)
