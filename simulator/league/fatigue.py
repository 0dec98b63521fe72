"""Which relievers a manager leaves alone: those who threw today, much yesterday, or two days running.

What was thrown is known within a series; what the series before left in the arms is drawn. So the pen of a
game follows from at most three games before it, and any day can be played without the whole season.
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
    """Return who of a pen may pitch, given the series' games so far, earliest first."""
    if not series:
        return [man for man in bullpen if rng.random() >= _TIRED_FROM_BEFORE]
    return [man for man in bullpen if not _is_tired(*_recent_pitch_counts(man, series, on))]


def _recent_pitch_counts(pitcher: int, series: Sequence[tuple[date, PitchCounts]], on: date) -> list[int]:
    """Return the pitches he threw today, yesterday and the day before."""
    days = [on - timedelta(days=back) for back in range(3)]
    return [sum(thrown.get(pitcher, 0) for day, thrown in series if day == each) for each in days]


def _is_tired(today: int, yesterday: int, before: int) -> bool:
    twice = yesterday > 0 and before > 0
    return today > 0 or twice or yesterday >= _MANY_PITCHES or yesterday + before >= _MANY_IN_TWO_DAYS
