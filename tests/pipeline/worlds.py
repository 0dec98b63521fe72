"""Small outside worlds for whole-chain tests: a few games a day of the simulated league, and what befalls them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import islice

from hankstank.standins.league import SimulatedLeague
from hankstank.standins.scorebook import Club, Game, Person, Transaction, Venue

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


class SmallWorld:
    """The `World` of some games, their clubs, and the league's people around them."""

    def __init__(self, label: str, games: Iterable[Game]) -> None:
        self.label = label
        self._games = sorted(games, key=lambda game: (game.official_date, game.start, game.game_pk))

    def seasons(self) -> Sequence[int]:
        return [SEASON]

    def clubs(self, season: int) -> Sequence[Club]:
        playing = {club for game in self._games for club in (game.home, game.away)}
        return [club for club in league().clubs(season) if club.id in playing]

    def venues(self) -> Mapping[int, Venue]:
        return league().venues()

    def people(self) -> Mapping[int, Person]:
        return league().people()

    def games(self, season: int) -> Iterator[Game]:
        return iter(self._games)

    def roster(self, club: int, on: date, kind: str) -> Sequence[int]:
        return league().roster(club, on, kind)

    def transactions(self, first: date, last: date) -> Sequence[Transaction]:
        clubs = {club.id for club in self.clubs(SEASON)}
        return [move for move in league().transactions(first, last) if move.to_club in clubs]

    def on(self, number: int) -> list[Game]:
        """Return the games of a day, counted from 1."""
        return [game for game in self._games if game.official_date == day(number)]

    def with_game(self, label: str, changed: Game) -> "SmallWorld":
        """Return the world with one of its games told differently."""
        others = [game for game in self._games if game.game_pk != changed.game_pk]
        return SmallWorld(label, [*others, changed])

    def told(self, label: str, change: Callable[[Game], Game]) -> "SmallWorld":
        """Return the world with all of its games told differently."""
        return SmallWorld(label, map(change, self._games))


@cache
def small_world(days: int, games_a_day: int = 3) -> SmallWorld:
    """Return a world of some games a day: full days of the league, dealt out over many."""
    rounds = islice((game for full in _FULL_DAYS for game in _played(full)), days * games_a_day)
    games = [_moved(game, day(1 + n // games_a_day) - game.official_date) for n, game in enumerate(rounds)]
    return SmallWorld(f"small world of {days} days, {games_a_day} games each", games)


@cache
def _played(on: date) -> tuple[Game, ...]:
    return tuple(sorted(league().games_on(on, on), key=lambda game: game.home))


def _moved(game: Game, later: timedelta) -> Game:
    return replace(game, official_date=game.official_date + later, start=game.start + later)


def postponed(game: Game, days: int) -> Game:
    """Return a game that was rained out and made up some days later."""
    return replace(_moved(game, timedelta(days=days)), original_date=game.official_date, reason="Rain")


def without_a_strikeout(game: Game) -> Game:
    """Return a game as a scorer might correct it: a strikeout that ended a half is taken out of the book."""
    plays = list(game.plays)
    ended = [n for n, play in enumerate(plays) if play.event_type == "strikeout" and play.outs_after == 3]
    del plays[ended[0]]
    return replace(game, plays=plays)


def without_pitches(game: Game) -> Game:
    """Return a game that nobody counted the pitches of."""
    return replace(game, plays=[replace(play, pitches=()) for play in game.plays])
