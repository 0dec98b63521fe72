"""A world's games by date and number, learnt as they are asked for and kept in the stand-in's folder."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from threading import RLock
from typing import Protocol, runtime_checkable

from simulator.clubs import venues_in
from simulator.feed_cache import Index, Sheet, Shelf
from simulator.game_record import Game, World
from simulator.wire.game_summaries import Card, Records, card
from simulator.wire.reference_data import Almanac

DAY = timedelta(days=1)


class ForeignFolder(Exception):  # noqa: N818 - named for its condition
    """The folder holds the games of another world."""


@runtime_checkable
class PlaysAnyDays(Protocol):
    """A world that can play some days without the rest of the season."""

    def games_on(self, first: date, last: date) -> Iterable[Game]:
        """Yield the games with an official date between two, both included."""

    def games_moved_from(self, first: date, last: date) -> Iterable[Game]:
        """Yield the games postponed from a date between two, both included, to a later one."""


@runtime_checkable
class HasSpring(Protocol):
    """A world that plays games before those that count."""

    def opening_day(self, season: int) -> date:
        """Return the day from which games count."""


class Archive:
    """A world's games by date and number, learnt from the world once and then read from the folder.

    A season is learnt from opening day on, so that records and standings are whole, its spring when somebody
    asks for it; a world that cannot play single days is asked for the whole season. Safe to use from several
    threads.
    """

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.shelf = world, Shelf(folder)
        self._lock = RLock()
        self._cards: dict[int, dict[int, Card]] = {}
        self._days: dict[int, tuple[date, date]] = {}  # the first and the last day known
        self._almanacs: dict[int, Almanac] = {}
        self._records: dict[int, Records] = {}

    def almanac(self, season: int) -> Almanac:
        """Return who and where in a season; KeyError when the world has no such season."""
        with self._lock:
            if season not in self._almanacs:
                self._almanacs[season] = self._learn_almanac(season)
            return self._almanacs[season]

    def cards(self, first: date, last: date) -> Sequence[Card]:
        """Return the games that can be listed on a date between two, both included."""
        known = [one for year in self._years(first, last) for one in self._known(year, first, last)]
        return [one for one in known if any(first <= day <= last for day in one.dates)]

    def season(self, season: int, through: date) -> Sequence[Card]:
        """Return the games of a season from opening day through a day at least, in no order."""
        return self._known(season, self.opening_day(season), through)

    def opening_day(self, season: int) -> date:
        """Return the day from which a season's games count."""
        world = self.world
        return world.opening_day(season) if isinstance(world, HasSpring) else date(season, 1, 1)

    def records(self, season: int) -> Records:
        """Return wins and losses over the games known so far."""
        with self._lock:
            if season not in self._records:
                self._records[season] = Records(self._cards.get(season, {}).values())
            return self._records[season]

    def find(self, game_pk: int, through: date) -> Card | None:
        """Return the card of a game, looking no further than a day; None when there is no such game."""
        for season in self.world.seasons():
            with self._lock:
                self._open(season)
                if game_pk in self._cards[season]:
                    return self._cards[season][game_pk]
        for season in self._years(date.min, through):
            for first in (self.opening_day(season), date.min):
                self._known(season, first, through)
                if game_pk in self._cards[season]:
                    return self._cards[season][game_pk]
        return None

    def feed(self, one: Card) -> bytes:
        """Return the final feed of a game as gzipped JSON."""
        return self.shelf.feed(one.game.game_pk, self.almanac(one.game.season))

    def sheet(self, one: Card) -> Sheet:
        """Return a game in full."""
        return self.shelf.sheet(one.game.game_pk)

    def _known(self, season: int, first: date, last: date) -> list[Card]:
        with self._lock:
            self._learn(season, first, last)
            return list(self._cards[season].values())

    def _years(self, first: date, last: date) -> list[int]:
        return [year for year in self.world.seasons() if first.year <= year <= last.year]

    def _learn_almanac(self, season: int) -> Almanac:
        if season not in self.world.seasons():
            raise KeyError(f"{self.world.label} has the seasons {list(self.world.seasons())}, not {season}")
        clubs = {club.id: club for club in self.world.clubs(season)}
        venues = venues_in(season, self.world.venues())
        almanac = Almanac(season, clubs, venues, self.world.people())
        self.shelf.keep_almanac(almanac)
        return almanac

    def _open(self, season: int) -> None:
        if season in self._cards:
            return
        index = self.shelf.index(season)
        if index and index.label != self.world.label:
            held, ours = index.label, self.world.label
            raise ForeignFolder(
                f"{self.shelf.folder} holds games of {held}, not of {ours}: name another folder"
            )
        self._cards[season] = {one.game.game_pk: one for one in index.cards} if index else {}
        opening = self.opening_day(season)
        self._days[season] = (index.since or opening, index.through) if index else (opening, opening - DAY)

    def _learn(self, season: int, first: date, last: date) -> None:
        self._open(season)
        since, through = self._days[season]
        new_year, last = date(season, 1, 1), min(last, date(season, 12, 31))
        if max(first, new_year) < since:
            self._learn_days(season, new_year, since - DAY)
            since = new_year
        if last > through:
            through = self._learn_days(season, through + DAY, last)
        if (since, through) != self._days[season]:
            self._days[season] = since, through
            self._records.pop(season, None)
            cards = list(self._cards[season].values())
            self.shelf.keep_index(season, Index(self.world.label, through, cards, since))

    def _learn_days(self, season: int, first: date, last: date) -> date:
        """Learn the games between two days and return the last day then known."""
        if isinstance(self.world, PlaysAnyDays):
            games: Iterable[Game] = chain(
                self.world.games_on(first, last), self.world.games_moved_from(first, last)
            )
        else:
            games, last = self.world.games(season), date(season, 12, 31)
        for game in games:
            self._keep(game)
        return last

    def _keep(self, game: Game) -> None:
        if game.game_pk in self._cards[game.season]:
            return
        rosters = [self.world.roster(club, game.official_date, "active") for club in (game.away, game.home)]
        self.shelf.keep_sheet(Sheet(game, (rosters[0], rosters[1])))
        self._cards[game.season][game.game_pk] = card(game)


def played(cards: Iterable[Card]) -> Iterator[Card]:
    """Yield the games that came to a result."""
    return (one for one in cards if one.played)
