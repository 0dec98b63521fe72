"""What is known of a day: games, all of them called off, a day off, the off-season, or nothing."""

from datetime import date
from typing import Literal, NamedTuple

from services.predict_api.serving.directory import Directory
from shared.storage.coverage import KnownSchedule, Span

Kind = Literal["games", "called_off", "day_off", "off_season", "not_known", "not_covered"]

_NEAREST = 3  # days with games that a message names


class ScheduledDay(NamedTuple):
    """What is known of a day's games, in one word and in a sentence."""

    kind: Kind
    message: str


class ScheduleDays:
    """The days of one release after its last known results."""

    def __init__(self, directory: Directory, schedule: KnownSchedule, as_of: date) -> None:
        self._directory, self._schedule = directory, schedule
        last_listed = max((game["game_date"] for game in directory.games.values()), default=as_of)
        # A snapshot of an earlier version does not say how far its schedule was asked for.
        self.known_until = max(last_listed, schedule.known_until or as_of)

    def day(self, day: date) -> ScheduledDay:
        """Return what the schedule says of a day."""
        games, called_off = self._directory.games_on(day), self._directory.called_off_on(day)
        if games:
            return ScheduledDay("games", f"{counted_games(len(games))} on {day}.")
        if called_off:
            return ScheduledDay("called_off", f"Every game of {day} is called off: {', '.join(called_off)}.")
        return self._empty(day)

    def without_season(self, day: date) -> ScheduledDay | None:
        """Return why a day, past or to come, is in no season that the stores cover; else None."""
        absence = self._schedule.absence(day)
        if absence == "off_season":
            return ScheduledDay("off_season", f"No game is played on {day}: it is the off-season.")
        if absence == "not_covered":
            message = f"Nothing is known of {day}: the stores cover {self._covered()}."
            return ScheduledDay("not_covered", message)
        return None

    def _covered(self) -> str:
        """Return the past days that the stores cover, in words."""
        if self._schedule.covered:
            return ", ".join(map(_span_words, self._schedule.covered))
        return ", ".join(f"season {one.season}" for one in self._schedule.seasons)

    def _empty(self, day: date) -> ScheduledDay:
        if without := self.without_season(day):
            return without
        if day > self.known_until:
            message = f"The schedule of {day} is not known yet: it is known until {self.known_until}"
            return ScheduledDay("not_known", f"{message}{self._nearest(day)}.")
        return ScheduledDay("day_off", f"No game is scheduled on {day}, a day off{self._nearest(day)}.")

    def _nearest(self, day: date) -> str:
        days = sorted(self._directory.days(), key=lambda one: abs(one - day))[:_NEAREST]
        return f"; the nearest days with games: {', '.join(map(str, sorted(days)))}" if days else ""


def _span_words(span: Span) -> str:
    first, last = span
    return f"{first} to {last}" if last > first else str(first)


def counted_games(number: int) -> str:
    """Return a number of games in words."""
    return f"{number} game{'' if number == 1 else 's'}"
