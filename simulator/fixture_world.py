"""A handful of games cut from a simulated league, and what may befall them: for quick chains."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from simulator.game_record import Club, Game, Person, SeasonDates, Transaction, Venue
from simulator.league import SimulatedLeague


class SmallWorld:
    """The `World` of some games of a league's season, their clubs, and the league's people around them."""

    def __init__(self, label: str, league: SimulatedLeague, season: int, games: Iterable[Game]) -> None:
        self.label, self._league, self._season = label, league, season
        self._games = sorted(games, key=lambda game: (game.official_date, game.start, game.game_pk))

    def seasons(self) -> Sequence[int]:
        """Return the one season."""
        return [self._season]

    def season_dates(self, season: int) -> SeasonDates:
        """Return the league's dates."""
        return self._league.season_dates(season)

    def clubs(self, season: int) -> Sequence[Club]:
        """Return the clubs that play any of the games."""
        playing = {club for game in self._games for club in (game.home, game.away)}
        return [club for club in self._league.clubs(season) if club.id in playing]

    def venues(self) -> Mapping[int, Venue]:
        """Return every ballpark of the league."""
        return self._league.venues()

    def people(self) -> Mapping[int, Person]:
        """Return everybody in the league."""
        return self._league.people()

    def games(self, _season: int) -> Iterator[Game]:
        """Yield the games by official date, start and game_pk."""
        return iter(self._games)

    def roster(self, club: int, on: date, kind: str) -> Sequence[int]:
        """Return a club's roster in the league."""
        return self._league.roster(club, on, kind)

    def transactions(self, first: date, last: date) -> Sequence[Transaction]:
        """Return the league's moves to clubs that play."""
        clubs = {club.id for club in self.clubs(self._season)}
        return [move for move in self._league.transactions(first, last) if move.to_club in clubs]

    def on(self, day: date) -> list[Game]:
        """Return the games of an official date."""
        return [game for game in self._games if game.official_date == day]

    def with_game(self, label: str, changed: Game) -> "SmallWorld":
        """Return the world with one of its games told differently."""
        others = [game for game in self._games if game.game_pk != changed.game_pk]
        return SmallWorld(label, self._league, self._season, [*others, changed])

    def told(self, label: str, change: Callable[[Game], Game]) -> "SmallWorld":
        """Return the world with all of its games told differently."""
        return SmallWorld(label, self._league, self._season, map(change, self._games))


def moved(game: Game, days: int) -> Game:
    """Return a game that is played some days later than the league has it, without a word of it."""
    later = timedelta(days=days)
    return replace(game, official_date=game.official_date + later, start=game.start + later)


def postponed(game: Game, days: int) -> Game:
    """Return a game that was rained out and made up some days later."""
    return replace(moved(game, days), original_date=game.official_date, reason="Rain")


def without_a_strikeout(game: Game) -> Game:
    """Return a game as a scorer might correct it: a strikeout that ended a half is taken out of the book."""
    plays = list(game.plays)
    ended = [n for n, play in enumerate(plays) if play.event_type == "strikeout" and play.outs_after == 3]
    del plays[ended[0]]
    return replace(game, plays=plays)
