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

from shared.storage.compression import compress_frame, decompress_frame
from shared.storage.files import write_atomically
from simulator.game_record import Club, GameRecord, Person, Venue
from simulator.wire.box_score import ActiveRosters
from simulator.wire.feed import render_feed
from simulator.wire.game_summaries import GameSummary
from simulator.wire.reference_data import ReferenceData

_MAX_RECORD_BYTES = 256_000_000  # bytes of a record, far more than a season's cards need


class GameWithRosters(msgspec.Struct, frozen=True):
    """A game in full, with the active rosters of the day: visitors first."""

    game: GameRecord
    bench: ActiveRosters


class SeasonIndex(msgspec.Struct):
    """A season as it was kept: whose it is, which days of it are known, and their games."""

    label: str
    through: date  # the last day known
    cards: list[GameSummary]
    since: date | None = None  # the first; not told in folders that knew no spring


class _ReferenceRecords(msgspec.Struct):
    clubs: list[Club]
    venues: list[Venue]
    people: list[Person]


_game_decoder = msgspec.msgpack.Decoder(GameWithRosters)


class FeedCache:
    """The folder itself: reads and writes records, knows no world."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load_game(self, game_pk: int) -> GameWithRosters:
        """Return a game in full."""
        return _game_decoder.decode(_read_packed(self.folder / "games" / str(game_pk)))

    def save_game(self, game_with_rosters: GameWithRosters) -> None:
        """Keep a game in full."""
        _write_packed(self.folder / "games" / str(game_with_rosters.game.game_pk), game_with_rosters)

    def has_feed(self, game_pk: int) -> bool:
        """Say whether a final feed is rendered already."""
        return self._feed_path(game_pk).exists()

    def load_or_render_feed(self, game_pk: int, reference: ReferenceData) -> bytes:
        """Return a final feed as gzipped JSON, rendering and keeping it the first time."""
        path = self._feed_path(game_pk)
        if not path.exists():
            game_with_rosters = self.load_game(game_pk)
            body = msgspec.json.encode(
                render_feed(game_with_rosters.game, reference, bench=game_with_rosters.bench)
            )
            write_atomically(path, gzip.compress(body, 1, mtime=0))
        return path.read_bytes()

    def load_reference_data(self, season: int) -> ReferenceData | None:
        """Return who and where in a season; None when not kept yet."""
        path = self.folder / str(season) / "almanac"
        if not path.exists():
            return None
        names = msgspec.msgpack.decode(_read_packed(path), type=_ReferenceRecords)
        return ReferenceData(
            season,
            {one.id: one for one in names.clubs},
            {one.id: one for one in names.venues},
            {one.id: one for one in names.people},
        )

    def save_reference_data(self, reference: ReferenceData) -> None:
        """Keep who and where in a season."""
        clubs, venues, people = reference.clubs.values(), reference.venues.values(), reference.people.values()
        _write_packed(
            self.folder / str(reference.season) / "almanac",
            _ReferenceRecords(list(clubs), list(venues), list(people)),
        )

    def load_index(self, season: int) -> SeasonIndex | None:
        """Return the cards of a season; None when not kept yet."""
        path = self.folder / str(season) / "index"
        return msgspec.msgpack.decode(_read_packed(path), type=SeasonIndex) if path.exists() else None

    def save_index(self, season: int, index: SeasonIndex) -> None:
        """Keep the cards of a season."""
        _write_packed(self.folder / str(season) / "index", index)

    def _feed_path(self, game_pk: int) -> Path:
        return self.folder / "feeds" / f"{game_pk}.json.gz"


def _write_packed(path: Path, record: object) -> None:
    write_atomically(path, compress_frame(msgspec.msgpack.encode(record)))


def _read_packed(path: Path) -> bytes:
    return decompress_frame(path.read_bytes(), _MAX_RECORD_BYTES)
