"""What the schedule says of a day: games, all of them called off, a day off, the off-season, or not known."""

from datetime import date
from typing import Literal, NamedTuple

from services.predict_api.directory import Directory
from shared.coverage import KnownSchedule

Kind = Literal["games", "called_off", "day_off", "off_season", "not_known"]

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

    def is_off_season(self, day: date) -> bool:
        """Return whether a day, past or to come, is in no season whose dates are known."""
        return self._schedule.absence(day) == "off_season"

    def off_season(self, day: date) -> ScheduledDay:
        """Return what is said of a day in the off-season."""
        return ScheduledDay("off_season", f"No game is played on {day}: it is the off-season.")

    def _empty(self, day: date) -> ScheduledDay:
        if self.is_off_season(day):
            return self.off_season(day)
        if day > self.known_until:
            message = f"The schedule of {day} is not known yet: it is known until {self.known_until}"
            return ScheduledDay("not_known", f"{message}{self._nearest(day)}.")
        return ScheduledDay("day_off", f"No game is scheduled on {day}, a day off{self._nearest(day)}.")

    def _nearest(self, day: date) -> str:
        days = sorted(self._directory.days(), key=lambda one: abs(one - day))[:_NEAREST]
        return f"; the nearest days with games: {', '.join(map(str, sorted(days)))}" if days else ""


def counted_games(number: int) -> str:
    """Return a number of games in words."""
    return f"{number} game{'' if number == 1 else 's'}"
