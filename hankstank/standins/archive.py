"""What a stand-in keeps in its folder: every game of its world on a card in memory, in full on disk.

<season>/index        the cards, and through which day the season is known
<season>/almanac      clubs, parks and people
games/<game_pk>       the scorebook record with both rosters
feeds/<game_pk>.json.gz   the final feed as it is served
"""

import gzip
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from threading import RLock
from typing import Protocol, runtime_checkable

import msgspec
import zstandard

from hankstank.standins.files import write_whole
from hankstank.standins.scorebook import Club, Game, Person, Venue, World
from hankstank.standins.wire.almanac import Almanac
from hankstank.standins.wire.box_score import Bench
from hankstank.standins.wire.cards import Card, Records, card
from hankstank.standins.wire.feed import feed


class ForeignFolder(Exception):  # noqa: N818 - named for its condition
    """The folder holds the games of another world."""


@runtime_checkable
class PlaysAnyDays(Protocol):
    """A world that can play some days without the rest of the season."""

    def games_on(self, first: date, last: date) -> Iterable[Game]:
        """Yield the games with an official date between two, both included."""

    def games_moved_from(self, first: date, last: date) -> Iterable[Game]:
        """Yield the games postponed from a date between two, both included, to a later one."""


class Sheet(msgspec.Struct, frozen=True):
    """A game in full, with the active rosters of the day: visitors first."""

    game: Game
    bench: Bench


class _Index(msgspec.Struct):
    label: str
    through: date  # the last day known
    cards: list[Card]


class _Names(msgspec.Struct):
    clubs: list[Club]
    venues: list[Venue]
    people: list[Person]


_sheets = msgspec.msgpack.Decoder(Sheet)


class Shelf:
    """The folder itself: reads and writes records, knows no world."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def sheet(self, game_pk: int) -> Sheet:
        """Return a game in full."""
        return _sheets.decode(_unpacked(self.folder / "games" / str(game_pk)))

    def keep_sheet(self, sheet: Sheet) -> None:
        """Keep a game in full."""
        _pack(self.folder / "games" / str(sheet.game.game_pk), sheet)

    def has_feed(self, game_pk: int) -> bool:
        """Say whether a final feed is rendered already."""
        return self._feed(game_pk).exists()

    def feed(self, game_pk: int, almanac: Almanac) -> bytes:
        """Return a final feed as gzipped JSON, rendering and keeping it the first time."""
        path = self._feed(game_pk)
        if not path.exists():
            sheet = self.sheet(game_pk)
            body = msgspec.json.encode(feed(sheet.game, almanac, bench=sheet.bench))
            write_whole(path, gzip.compress(body, 1, mtime=0))
        return path.read_bytes()

    def almanac(self, season: int) -> Almanac | None:
        """Return who and where in a season; None when not kept yet."""
        path = self.folder / str(season) / "almanac"
        if not path.exists():
            return None
        names = msgspec.msgpack.decode(_unpacked(path), type=_Names)
        return Almanac(
            season,
            {one.id: one for one in names.clubs},
            {one.id: one for one in names.venues},
            {one.id: one for one in names.people},
        )

    def keep_almanac(self, almanac: Almanac) -> None:
        """Keep who and where in a season."""
        clubs, venues, people = almanac.clubs.values(), almanac.venues.values(), almanac.people.values()
        _pack(self.folder / str(almanac.season) / "almanac", _Names(list(clubs), list(venues), list(people)))

    def index(self, season: int) -> _Index | None:
        """Return the cards of a season; None when not kept yet."""
        path = self.folder / str(season) / "index"
        return msgspec.msgpack.decode(_unpacked(path), type=_Index) if path.exists() else None

    def keep_index(self, season: int, index: _Index) -> None:
        """Keep the cards of a season."""
        _pack(self.folder / str(season) / "index", index)

    def _feed(self, game_pk: int) -> Path:
        return self.folder / "feeds" / f"{game_pk}.json.gz"


class Archive:
    """A world's games by date and number, learnt from the world once and then read from the folder.

    A season is learnt from its first day on, so that records and standings are whole; a world that cannot
    play single days is asked for the whole season. Safe to use from several threads.
    """

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.shelf = world, Shelf(folder)
        self._lock = RLock()
        self._cards: dict[int, dict[int, Card]] = {}
        self._through: dict[int, date] = {}
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
        known = [one for year in self._years(first, last) for one in self.season(year, last)]
        return [one for one in known if any(first <= day <= last for day in one.dates)]

    def season(self, season: int, through: date) -> Sequence[Card]:
        """Return the games of a season through a day at least, in no order."""
        with self._lock:
            self._learn(season, through)
            return list(self._cards[season].values())

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
            self.season(season, through)
            if game_pk in self._cards[season]:
                return self._cards[season][game_pk]
        return None

    def feed(self, one: Card) -> bytes:
        """Return the final feed of a game as gzipped JSON."""
        return self.shelf.feed(one.game.game_pk, self.almanac(one.game.season))

    def sheet(self, one: Card) -> Sheet:
        """Return a game in full."""
        return self.shelf.sheet(one.game.game_pk)

    def _years(self, first: date, last: date) -> list[int]:
        return [year for year in self.world.seasons() if first.year <= year <= last.year]

    def _learn_almanac(self, season: int) -> Almanac:
        if season not in self.world.seasons():
            raise KeyError(f"{self.world.label} has the seasons {list(self.world.seasons())}, not {season}")
        clubs = {club.id: club for club in self.world.clubs(season)}
        almanac = Almanac(season, clubs, self.world.venues(), self.world.people())
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
        self._through[season] = index.through if index else date(season, 1, 1) - timedelta(days=1)

    def _learn(self, season: int, through: date) -> None:
        self._open(season)
        known, last = self._through[season], min(through, date(season, 12, 31))
        if last <= known:
            return
        if isinstance(self.world, PlaysAnyDays):
            days = known + timedelta(days=1), last
            games: Iterable[Game] = chain(self.world.games_on(*days), self.world.games_moved_from(*days))
        else:
            games, last = self.world.games(season), date(season, 12, 31)
        for game in games:
            self._keep(game)
        self._through[season] = last
        self._records.pop(season, None)
        self.shelf.keep_index(season, _Index(self.world.label, last, list(self._cards[season].values())))

    def _keep(self, game: Game) -> None:
        if game.game_pk in self._cards[game.season]:
            return
        rosters = [self.world.roster(club, game.official_date, "active") for club in (game.away, game.home)]
        self.shelf.keep_sheet(Sheet(game, (rosters[0], rosters[1])))
        self._cards[game.season][game.game_pk] = card(game)


def played(cards: Iterable[Card]) -> Iterator[Card]:
    """Yield the games that came to a result."""
    return (one for one in cards if one.played)


def _pack(path: Path, record: object) -> None:
    write_whole(path, zstandard.compress(msgspec.msgpack.encode(record), 1))


def _unpacked(path: Path) -> bytes:
    return zstandard.decompress(path.read_bytes())
