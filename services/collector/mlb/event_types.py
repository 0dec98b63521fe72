"""Classifies MLB's event types, from `event_types.json`."""

import json
import logging
from pathlib import Path

log = logging.getLogger(__name__)

NOT_A_PLAY = "no_play"
_NO_AT_BAT = frozenset({"walk", "hit_by_pitch", "sacrifice", "interference", "runner"})
_SPEC: dict[str, list[str]] = json.loads(Path(__file__).with_suffix(".json").read_text())
OUTCOMES = {event_type: outcome for outcome, types in _SPEC.items() for event_type in types}


def classify_event(event_type: str, *, is_out: bool) -> str:
    """Return an event type's class, or `NOT_A_PLAY` where no plate appearance ended.

    A type that MLB added since counts as an out, or as reaching on an error, by whether the batter was
    out: it stays visible in `event_type`, and a warning names it.
    """
    known = OUTCOMES.get(event_type)
    if known is None:
        known = "out" if is_out else "error"
        log.warning("event type %r is not in event_types.json: counted as %s", event_type, known)
    return known


def is_plate_appearance(outcome: str) -> bool:
    """Return whether the batter's turn counts: one cut short by a runner does not."""
    return outcome != "runner"


def is_at_bat(outcome: str) -> bool:
    """Return whether it counts in the batting average."""
    return outcome not in _NO_AT_BAT
