"""The collector's public face: what code outside the services may use of it."""

from services.collector.mlb.box_score import PLAYER_BATTING
from services.collector.mlb.event_types import classify_event, is_at_bat, is_plate_appearance
from services.collector.mlb.sources.savant import DAY_LIMIT, parse_pitches

__all__ = [
    "DAY_LIMIT",
    "PLAYER_BATTING",
    "classify_event",
    "is_at_bat",
    "is_plate_appearance",
    "parse_pitches",
]
