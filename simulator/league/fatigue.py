"""Which relievers a manager leaves alone: those who threw today, much yesterday, or two days running.

What was thrown is known within a series; what the series before left in the arms is drawn. So the pen of a
game follows from at most three games before it, and any day can be played without the whole season.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random

Workload = Mapping[int, int]  # pitches by pitcher

_MUCH, _MUCH_IN_TWO_DAYS = 25, 40
_TIRED_FROM_BEFORE = 0.27
SERIES_DAYS = 4


def rested(pen: Sequence[int], series: Sequence[tuple[date, Workload]], on: date, rng: Random) -> list[int]:
    """Return who of a pen may pitch, given the series' games so far, earliest first."""
    if not series:
        return [man for man in pen if rng.random() >= _TIRED_FROM_BEFORE]
    return [man for man in pen if not _is_tired(*_lately(man, series, on))]


def _lately(man: int, series: Sequence[tuple[date, Workload]], on: date) -> list[int]:
    """Return the pitches he threw today, yesterday and the day before."""
    days = [on - timedelta(days=back) for back in range(3)]
    return [sum(thrown.get(man, 0) for day, thrown in series if day == each) for each in days]


def _is_tired(today: int, yesterday: int, before: int) -> bool:
    twice = yesterday > 0 and before > 0
    return today > 0 or twice or yesterday >= _MUCH or yesterday + before >= _MUCH_IN_TWO_DAYS
