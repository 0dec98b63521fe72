"""A week of a very small league, and the outside world that tells of it without a socket."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import chain
from pathlib import Path

from flask.testing import FlaskClient

from hankstank.local.run_plan import tick_time
from simulator.app import create_app
from simulator.fixture_world import SmallWorld, moved, postponed, without_a_strikeout
from simulator.game_record import Game
from simulator.http_response import Answer
from simulator.league import SimulatedLeague
from simulator.responses import WorldBodies
from simulator.season_store import Archive

SEASON = 2026
OPENING = date(SEASON, 3, 28)
_SERIES = tuple(OPENING + timedelta(days=n) for n in (0, 1))  # all thirty clubs play, twice the same pairs
PROLOGUE = 2  # days before the week: they deploy the models with which the week begins
_COMING = 2  # days after the last: schedules look ahead
_RAINED_OUT, _DELAY = 4, 2  # one game of a week's day is made up some days later
KEPT = 4096  # answers kept in memory: every run asks the same


def day(number: int) -> date:
    """Return a day of the week, counted from 1; the prologue's come before."""
    return OPENING + timedelta(days=PROLOGUE + number - 1)


class Week:
    """The games of some days from a league's seed, one a day and one rained out, as they stand in the end.

    `truth` is the corrected book: a strikeout was taken out of every game. `draft(n)` is the same week with
    the game of day n as it was scored at first: with rows that its correction lacks.
    """

    def __init__(self, seed: int, days: int) -> None:
        self.seed, self.days = seed, days
        self.label = f"week of {days} days, seed {seed}"

    def dates(self) -> list[date]:
        """Return every date with a game, those before and after the week too."""
        return [OPENING + timedelta(days=n) for n in range(PROLOGUE + self.days + _COMING)]

    @cached_property
    def truth(self) -> SmallWorld:
        """The week as it stands in the end."""
        return self._scored.told(f"{self.label}, corrected", without_a_strikeout)

    def draft(self, number: int) -> SmallWorld:
        """Return the week before the game of a day was corrected."""
        (game, *_) = self._scored.on(day(number))
        return self.truth.with_game(f"{self.label}, draft of day {number}", game)

    @cached_property
    def _scored(self) -> SmallWorld:
        games = list(self._dealt())
        rained_out = postponed(games[PROLOGUE + _RAINED_OUT - 1], _DELAY)
        spare = games.pop()
        begins = games[PROLOGUE + _RAINED_OUT - 1].official_date
        dealt = [*games, moved(spare, (begins - spare.official_date).days)]
        dealt[PROLOGUE + _RAINED_OUT - 1] = rained_out
        return SmallWorld(self.label, self._league, SEASON, dealt)

    @cached_property
    def _league(self) -> SimulatedLeague:
        return SimulatedLeague(self.seed, [SEASON])

    def _dealt(self) -> Iterator[Game]:
        """Deal the games of two full days out over the days, one more than there are days.

        A pair of clubs meets on two days in a row: of the second, line-ups can be projected and forecast.
        """
        days = PROLOGUE + self.days + _COMING
        full = [sorted(self._league.games_on(on, on), key=lambda game: game.home) for on in _SERIES]
        for number, game in enumerate(chain.from_iterable(zip(*full, strict=True))):
            if number <= days:
                yield moved(game, (OPENING + timedelta(days=number) - game.official_date).days)


class Outside:
    """The stand-in's whole application, asked in this process; its answers are kept."""

    def __init__(self, week: Week, folder: Path) -> None:
        self._week, self._folder = week, folder
        self._editions: dict[int, tuple[WorldBodies, FlaskClient]] = {}
        self._kept: dict[tuple[int, datetime, str], Answer] = {}
        self.drafted = 0  # the day whose game is told as it was scored at first; 0: none
        self.now = tick_time(day(0))

    def answer(self, path: str) -> Answer:
        """Return what a path and its query answer now, not compressed."""
        asked = (self.drafted, self.now, path)
        if asked not in self._kept:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[asked] = self._asked(path)
        return self._kept[asked]

    def _asked(self, path: str) -> Answer:
        bodies, client = self._edition()
        bodies.now = self.now
        response = client.get(path)
        return Answer(response.data, response.status_code, response.content_type)

    def _edition(self) -> tuple[WorldBodies, FlaskClient]:
        if self.drafted not in self._editions:
            world = self._week.draft(self.drafted) if self.drafted else self._week.truth
            bodies = WorldBodies(Archive(world, self._folder / str(self.drafted)), self.now)
            self._editions[self.drafted] = bodies, create_app(bodies).test_client()
        return self._editions[self.drafted]
