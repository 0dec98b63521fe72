"""Small outside worlds for whole-chain tests: a few games a day of the simulated league, and what befalls them."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import islice

from msgspec import structs

from simulator.fixture_world import FixtureWorld, move_game, postpone_game, remove_strikeout
from simulator.game_record import GameRecord
from simulator.league import SimulatedLeague

__all__ = ["day", "league", "postpone_game", "remove_strikeout", "small_world", "without_pitches"]

SEASON = 2026
FIRST = date(SEASON, 3, 28)
_FULL_DAYS = tuple(FIRST + timedelta(days=n) for n in (0, 1, 3))  # all thirty clubs play


def day(number: int) -> date:
    """Return a day of the small world, counted from 1."""
    return FIRST + timedelta(days=number - 1)


@cache
def league() -> SimulatedLeague:
    """Return the league that every small world is cut from."""
    return SimulatedLeague(7, [SEASON])


@cache
def small_world(days: int, games_a_day: int = 3) -> FixtureWorld:
    """Return a world of some games a day: full days of the league, dealt out over many."""
    rounds = islice((game for full in _FULL_DAYS for game in _played(full)), days * games_a_day)
    games = [
        move_game(game, (day(1 + n // games_a_day) - game.official_date).days)
        for n, game in enumerate(rounds)
    ]
    return FixtureWorld(f"small world of {days} days, {games_a_day} games each", league(), SEASON, games)


@cache
def _played(on: date) -> tuple[GameRecord, ...]:
    return tuple(sorted(league().games_on(on, on), key=lambda game: game.home))


def without_pitches(game: GameRecord) -> GameRecord:
    """Return a game that nobody counted the pitches of."""
    return replace(game, plays=[structs.replace(play, pitches=()) for play in game.plays])
