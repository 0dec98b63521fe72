"""A few games from a simulated league, and ways to change them: input for short pipeline runs."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from simulator.game_record import Club, GameRecord, Person, SeasonDates, Transaction, Venue
from simulator.league import SimulatedLeague


class FixtureWorld:
    """A `World` with some games of a league's season, their clubs, and all of the league's people."""

    def __init__(self, label: str, league: SimulatedLeague, season: int, games: Iterable[GameRecord]) -> None:
        self.label, self._league, self._season = label, league, season
        self._games = sorted(games, key=lambda game: (game.official_date, game.start, game.game_pk))

    def list_seasons(self) -> Sequence[int]:
        """Return the one season."""
        return [self._season]

    def season_dates(self, season: int) -> SeasonDates:
        """Return the league's dates."""
        return self._league.season_dates(season)

    def list_clubs(self, season: int) -> Sequence[Club]:
        """Return the clubs that play any of the games."""
        playing = {club for game in self._games for club in (game.home, game.away)}
        return [club for club in self._league.list_clubs(season) if club.id in playing]

    def venues_by_id(self) -> Mapping[int, Venue]:
        """Return every ballpark of the league."""
        return self._league.venues_by_id()

    def people_by_id(self) -> Mapping[int, Person]:
        """Return everybody in the league."""
        return self._league.people_by_id()

    def iter_games(self, _season: int) -> Iterator[GameRecord]:
        """Yield the games by official date, start and game_pk."""
        return iter(self._games)

    def get_roster(self, club: int, on: date, kind: str) -> Sequence[int]:
        """Return a club's roster in the league."""
        return self._league.get_roster(club, on, kind)

    def list_transactions(self, first: date, last: date) -> Sequence[Transaction]:
        """Return the league's moves to clubs that play."""
        clubs = {club.id for club in self.list_clubs(self._season)}
        return [move for move in self._league.list_transactions(first, last) if move.to_club in clubs]

    def games_on_date(self, day: date) -> list[GameRecord]:
        """Return the games of an official date."""
        return [game for game in self._games if game.official_date == day]

    def with_game(self, label: str, changed: GameRecord) -> "FixtureWorld":
        """Return a copy of the world with one game replaced."""
        others = [game for game in self._games if game.game_pk != changed.game_pk]
        return FixtureWorld(label, self._league, self._season, [*others, changed])

    def with_changed_games(self, label: str, change: Callable[[GameRecord], GameRecord]) -> "FixtureWorld":
        """Return a copy of the world with every game changed by a function."""
        return FixtureWorld(label, self._league, self._season, map(change, self._games))


def move_game(game: GameRecord, days: int) -> GameRecord:
    """Return a game moved some days later, without a trace of the first date."""
    delay = timedelta(days=days)
    return replace(game, official_date=game.official_date + delay, start=game.start + delay)


def postpone_game(game: GameRecord, days: int) -> GameRecord:
    """Return a game rained out and made up some days later."""
    return replace(move_game(game, days), original_date=game.official_date, reason="Rain")


def remove_strikeout(game: GameRecord) -> GameRecord:
    """Return a game after a scoring correction: without the first strikeout that ended a half-inning."""
    plays = list(game.plays)
    strikeouts = [
        n for n, play in enumerate(plays) if play.event_type == "strikeout" and play.outs_after == 3
    ]
    del plays[strikeouts[0]]
    return replace(game, plays=plays)
