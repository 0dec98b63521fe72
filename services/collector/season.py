"""The season calendar: which phase a day belongs to and which types of games are played on it."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import shared

_CALENDAR = Path(str(shared.__file__)).with_name("calendar.json")


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the season, both ends included."""

    name: str
    first: date
    last: date
    game_types: frozenset[str]
    games_per_day: int
    priority: str

    def covers(self, day: date) -> bool:
        """Return whether the day belongs to it."""
        return self.first <= day <= self.last


@cache
def phases(year: int) -> tuple[Phase, ...]:
    """Return a year's phases in the calendar's order, which decides where two cover a day."""
    calendar: dict[str, list[dict[str, Any]]] = json.loads(_CALENDAR.read_text())
    rows = calendar.get(str(year), calendar["default"])
    return tuple(
        Phase(
            row["phase"],
            _day(year, row["first"]),
            _day(year, row["last"]),
            frozenset(row["game_types"]),
            row["games_per_day"],
            row["priority"],
        )
        for row in rows
    )


def phase(day: date) -> Phase | None:
    """Return the phase that names a day, None in the off-season."""
    return next((phase for phase in phases(day.year) if phase.covers(day)), None)


def game_types(day: date) -> frozenset[str]:
    """Return the types of games played on a day: those of every phase that covers it."""
    return frozenset().union(*(phase.game_types for phase in phases(day.year) if phase.covers(day)))


def days(first: date, last: date) -> tuple[date, ...]:
    """Return every day from `first` to `last`."""
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def in_season(first: date, last: date) -> tuple[date, ...]:
    """Return the days from `first` to `last` on which games may be played."""
    return tuple(day for day in days(first, last) if game_types(day))


def _day(year: int, text: str) -> date:
    return date.fromisoformat(text if len(text) == 10 else f"{year}-{text}")
