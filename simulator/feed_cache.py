"""What a stand-in keeps in its folder: every game of its world on a card in memory, in full on disk.

<season>/index        the cards, and which days of the season are known
<season>/almanac      clubs, parks and people
games/<game_pk>       the scorebook record with both rosters
feeds/<game_pk>.json.gz   the final feed as it is served
"""

import gzip
from datetime import date
from pathlib import Path

import msgspec

from shared.storage.compression import compress, decompress
from shared.storage.files import write_whole
from simulator.game_record import Club, Game, Person, Venue
from simulator.wire.box_score import Bench
from simulator.wire.feed import feed
from simulator.wire.game_summaries import Card
from simulator.wire.reference_data import Almanac

_LIMIT = 256_000_000  # bytes of a record, far more than a season's cards need


class Sheet(msgspec.Struct, frozen=True):
    """A game in full, with the active rosters of the day: visitors first."""

    game: Game
    bench: Bench


class Index(msgspec.Struct):
    """A season as it was kept: whose it is, which days of it are known, and their games."""

    label: str
    through: date  # the last day known
    cards: list[Card]
    since: date | None = None  # the first; not told in folders that knew no spring


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

    def index(self, season: int) -> Index | None:
        """Return the cards of a season; None when not kept yet."""
        path = self.folder / str(season) / "index"
        return msgspec.msgpack.decode(_unpacked(path), type=Index) if path.exists() else None

    def keep_index(self, season: int, index: Index) -> None:
        """Keep the cards of a season."""
        _pack(self.folder / str(season) / "index", index)

    def _feed(self, game_pk: int) -> Path:
        return self.folder / "feeds" / f"{game_pk}.json.gz"


def _pack(path: Path, record: object) -> None:
    write_whole(path, compress(msgspec.msgpack.encode(record)))


def _unpacked(path: Path) -> bytes:
    return decompress(path.read_bytes(), _LIMIT)
