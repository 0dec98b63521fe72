"""Classifies a day: games, all called off, a day off, the off-season, or not known."""

from datetime import date
from typing import Literal, NamedTuple

from services.predict_api.serving.directory import Directory
from shared.storage.coverage import KnownSchedule, Span

DayKind = Literal["games", "called_off", "day_off", "off_season", "not_known", "not_covered"]

_MAX_NEAREST_DAYS = 3  # days with games that a message names


class ScheduledDay(NamedTuple):
    """The kind of a day and a sentence about it."""

    kind: DayKind
    message: str


class ScheduleDays:
    """The days of one release after its last known results."""

    def __init__(self, directory: Directory, schedule: KnownSchedule, as_of: date) -> None:
        self._directory, self._schedule = directory, schedule
        last_listed = max((game["game_date"] for game in directory.games.values()), default=as_of)
        # A snapshot of an earlier version lacks the last day of its schedule.
        self.known_until = max(last_listed, schedule.known_until or as_of)

    def describe_day(self, day: date) -> ScheduledDay:
        """Return the kind of a day."""
        games, called_off = self._directory.games_on(day), self._directory.called_off_on(day)
        if games:
            return ScheduledDay("games", f"{format_game_count(len(games))} on {day}.")
        if called_off:
            return ScheduledDay("called_off", f"Every game of {day} is called off: {', '.join(called_off)}.")
        return self._describe_empty_day(day)

    def outside_seasons(self, day: date) -> ScheduledDay | None:
        """Return why a day, past or to come, is in no season that the stores cover; else None."""
        absence = self._schedule.absence_reason(day)
        if absence == "off_season":
            return ScheduledDay("off_season", f"No game is played on {day}: it is the off-season.")
        if absence == "not_covered":
            message = f"Nothing is known of {day}: the stores cover {self._format_coverage()}."
            return ScheduledDay("not_covered", message)
        return None

    def _format_coverage(self) -> str:
        """Return the past days that the stores cover, as text."""
        if self._schedule.covered:
            return ", ".join(map(_format_span, self._schedule.covered))
        return ", ".join(f"season {one.season}" for one in self._schedule.seasons)

    def _describe_empty_day(self, day: date) -> ScheduledDay:
        if without := self.outside_seasons(day):
            return without
        if day > self.known_until:
            message = f"The schedule of {day} is not known yet: it is known until {self.known_until}"
            return ScheduledDay("not_known", f"{message}{self._format_nearest_days(day)}.")
        return ScheduledDay(
            "day_off", f"No game is scheduled on {day}, a day off{self._format_nearest_days(day)}."
        )

    def _format_nearest_days(self, day: date) -> str:
        days = sorted(self._directory.scheduled_days(), key=lambda one: abs(one - day))[:_MAX_NEAREST_DAYS]
        return f"; the nearest days with games: {', '.join(map(str, sorted(days)))}" if days else ""


def _format_span(span: Span) -> str:
    first, last = span
    return f"{first} to {last}" if last > first else str(first)


def format_game_count(number: int) -> str:
    """Return a number of games as text."""
    return f"{number} game{'' if number == 1 else 's'}"
