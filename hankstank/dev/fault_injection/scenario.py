"""The scenario: a week of a very small league, and its simulated sources without a socket."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import chain
from pathlib import Path

from flask.testing import FlaskClient

from hankstank.local.run_plan import tick_time
from simulator.app import create_app
from simulator.fixture_world import FixtureWorld, move_game, postpone_game, remove_strikeout
from simulator.game_record import GameRecord
from simulator.http_response import HttpResponse
from simulator.league import SimulatedLeague
from simulator.responses import WorldApiBackend
from simulator.season_store import SeasonStore

SEASON = 2026
OPENING = date(SEASON, 3, 28)
# All thirty clubs play, the same pairs on both days.
_FULL_DAYS = (OPENING, OPENING + timedelta(days=1))
PROLOGUE = 2  # days before the week, on which the first models are trained
_LOOKAHEAD_DAYS = 2  # days after the last one, for the schedule
_POSTPONED_DAY, _POSTPONED_BY_DAYS = 4, 2  # the game of day 4 is made up 2 days later
MAX_CACHED_RESPONSES = 4096  # every run makes the same requests


def scenario_date(number: int) -> date:
    """Return the date of a day of the week, counted from 1; the prologue is before it."""
    return OPENING + timedelta(days=PROLOGUE + number - 1)


class ScenarioWeek:
    """One game a day from a league's seed, one of them postponed.

    `final_edition` is the corrected record: a strikeout was removed from every game. `first_edition(n)` is
    the same week with the game of day n before its correction, which has rows that the correction lacks.
    """

    def __init__(self, seed: int, days: int) -> None:
        self.seed, self.days = seed, days
        self.label = f"week of {days} days, seed {seed}"

    @cached_property
    def final_edition(self) -> FixtureWorld:
        """The week with all corrections."""
        return self._first_scored_world.with_changed_games(f"{self.label}, corrected", remove_strikeout)

    def first_edition(self, number: int) -> FixtureWorld:
        """Return the week before the game of a day was corrected."""
        (game, *_) = self._first_scored_world.games_on_date(scenario_date(number))
        return self.final_edition.with_game(f"{self.label}, draft of day {number}", game)

    @cached_property
    def _first_scored_world(self) -> FixtureWorld:
        games = list(self._schedule_games())
        rained_out = postpone_game(games[PROLOGUE + _POSTPONED_DAY - 1], _POSTPONED_BY_DAYS)
        spare = games.pop()
        begins = games[PROLOGUE + _POSTPONED_DAY - 1].official_date
        scheduled = [*games, move_game(spare, (begins - spare.official_date).days)]
        scheduled[PROLOGUE + _POSTPONED_DAY - 1] = rained_out
        return FixtureWorld(self.label, self._simulated_league, SEASON, scheduled)

    @cached_property
    def _simulated_league(self) -> SimulatedLeague:
        return SimulatedLeague(self.seed, [SEASON])

    def _schedule_games(self) -> Iterator[GameRecord]:
        """Spread the games of two full days over the days, one more than there are days.

        A pair of clubs meets on two days in a row, so that line-ups of the second can be projected.
        """
        days = PROLOGUE + self.days + _LOOKAHEAD_DAYS
        full = [
            sorted(self._simulated_league.games_on(on, on), key=lambda game: game.home) for on in _FULL_DAYS
        ]
        for number, game in enumerate(chain.from_iterable(zip(*full, strict=True))):
            if number <= days:
                yield move_game(game, (OPENING + timedelta(days=number) - game.official_date).days)


class SimulatedSources:
    """The simulator's application, called in this process; its responses are cached."""

    def __init__(self, week: ScenarioWeek, folder: Path) -> None:
        self._week, self._folder = week, folder
        self._editions: dict[int, tuple[WorldApiBackend, FlaskClient]] = {}
        self._cached_responses: dict[tuple[int, datetime, str], HttpResponse] = {}
        self.first_edition_day = 0  # the day whose game is served before its correction; 0: none
        self.now = tick_time(scenario_date(0))

    def get_response(self, path: str) -> HttpResponse:
        """Return the current response of a path and query, not compressed."""
        key = (self.first_edition_day, self.now, path)
        if key not in self._cached_responses:
            if len(self._cached_responses) >= MAX_CACHED_RESPONSES:
                self._cached_responses.clear()
            self._cached_responses[key] = self._render_response(path)
        return self._cached_responses[key]

    def _render_response(self, path: str) -> HttpResponse:
        bodies, client = self._open_edition()
        bodies.now = self.now
        response = client.get(path)
        return HttpResponse(response.data, response.status_code, response.content_type)

    def _open_edition(self) -> tuple[WorldApiBackend, FlaskClient]:
        if self.first_edition_day not in self._editions:
            world = (
                self._week.first_edition(self.first_edition_day)
                if self.first_edition_day
                else self._week.final_edition
            )
            bodies = WorldApiBackend(SeasonStore(world, self._folder / str(self.first_edition_day)), self.now)
            self._editions[self.first_edition_day] = bodies, create_app(bodies).test_client()
        return self._editions[self.first_edition_day]
