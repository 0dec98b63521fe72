"""Which relievers are too tired to pitch: those who threw today, a lot yesterday, or two days in a row.

Pitch counts are known within a series; fatigue from the series before is drawn at random. A game's bullpen
thus depends on at most three earlier games, and any day can be simulated without the whole season.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random

PitchCounts = Mapping[int, int]  # pitches by pitcher

_MANY_PITCHES, _MANY_IN_TWO_DAYS = 25, 40
_TIRED_FROM_BEFORE = 0.27
SERIES_DAYS = 4


def rested_relievers(
    bullpen: Sequence[int], series: Sequence[tuple[date, PitchCounts]], on: date, rng: Random
) -> list[int]:
    """Return who of a bullpen may pitch, given the series' games so far, earliest first."""
    if not series:
        return [pitcher for pitcher in bullpen if rng.random() >= _TIRED_FROM_BEFORE]
    return [pitcher for pitcher in bullpen if not _is_tired(*_recent_pitch_counts(pitcher, series, on))]


def _recent_pitch_counts(pitcher: int, series: Sequence[tuple[date, PitchCounts]], on: date) -> list[int]:
    """Return a pitcher's pitches today, yesterday and the day before."""
    days = [on - timedelta(days=back) for back in range(3)]
    return [sum(counts.get(pitcher, 0) for date_, counts in series if date_ == day) for day in days]


def _is_tired(today: int, yesterday: int, before: int) -> bool:
    two_in_a_row = yesterday > 0 and before > 0
    return today > 0 or two_in_a_row or yesterday >= _MANY_PITCHES or yesterday + before >= _MANY_IN_TWO_DAYS
