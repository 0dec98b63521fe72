"""The simulator's folder on disk: game records, rendered feeds and one index per season.

<season>/index            game summaries, and which days of the season are stored
<season>/almanac          reference data: clubs, ballparks and people
games/<game_pk>           the game record with both active rosters
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

_MAX_RECORD_BYTES = 256_000_000  # decompressed; a season's summaries need far less


class GameWithRosters(msgspec.Struct, frozen=True):
    """A full game record with the active rosters of that day: visitors first."""

    game: GameRecord
    rosters: ActiveRosters = msgspec.field(name="bench")  # the name in stored records


class SeasonIndex(msgspec.Struct):
    """A stored season: the world's label, the range of days stored, and their games."""

    label: str
    through: date  # the last day stored
    summaries: list[GameSummary] = msgspec.field(name="cards")  # the name in stored records
    since: date | None = None  # the first day stored; missing in folders made before spring games


class _ReferenceRecords(msgspec.Struct):
    clubs: list[Club]
    venues: list[Venue]
    people: list[Person]


_game_decoder = msgspec.msgpack.Decoder(GameWithRosters)


class FeedCache:
    """Reads and writes the folder's records; depends on no world."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load_game(self, game_pk: int) -> GameWithRosters:
        """Return a full game record."""
        return _game_decoder.decode(_read_packed(self.folder / "games" / str(game_pk)))

    def save_game(self, game_with_rosters: GameWithRosters) -> None:
        """Store a full game record."""
        _write_packed(self.folder / "games" / str(game_with_rosters.game.game_pk), game_with_rosters)

    def has_feed(self, game_pk: int) -> bool:
        """Return whether a final feed has been rendered already."""
        return self._feed_path(game_pk).exists()

    def load_or_render_feed(self, game_pk: int, reference: ReferenceData) -> bytes:
        """Return a final feed as gzipped JSON; the first call renders and stores it."""
        path = self._feed_path(game_pk)
        if not path.exists():
            game_with_rosters = self.load_game(game_pk)
            body = msgspec.json.encode(
                render_feed(game_with_rosters.game, reference, rosters=game_with_rosters.rosters)
            )
            write_atomically(path, gzip.compress(body, 1, mtime=0))
        return path.read_bytes()

    def load_reference_data(self, season: int) -> ReferenceData | None:
        """Return a season's clubs, ballparks and people; None if not stored yet."""
        path = self.folder / str(season) / "almanac"
        if not path.exists():
            return None
        records = msgspec.msgpack.decode(_read_packed(path), type=_ReferenceRecords)
        return ReferenceData(
            season,
            {club.id: club for club in records.clubs},
            {venue.id: venue for venue in records.venues},
            {person.id: person for person in records.people},
        )

    def save_reference_data(self, reference: ReferenceData) -> None:
        """Store a season's clubs, ballparks and people."""
        clubs, venues, people = reference.clubs.values(), reference.venues.values(), reference.people.values()
        _write_packed(
            self.folder / str(reference.season) / "almanac",
            _ReferenceRecords(list(clubs), list(venues), list(people)),
        )

    def load_index(self, season: int) -> SeasonIndex | None:
        """Return a season's index; None if not stored yet."""
        path = self.folder / str(season) / "index"
        return msgspec.msgpack.decode(_read_packed(path), type=SeasonIndex) if path.exists() else None

    def save_index(self, season: int, index: SeasonIndex) -> None:
        """Store a season's index."""
        _write_packed(self.folder / str(season) / "index", index)

    def _feed_path(self, game_pk: int) -> Path:
        return self.folder / "feeds" / f"{game_pk}.json.gz"


def _write_packed(path: Path, record: object) -> None:
    write_atomically(path, compress_frame(msgspec.msgpack.encode(record)))


def _read_packed(path: Path) -> bytes:
    return decompress_frame(path.read_bytes(), _MAX_RECORD_BYTES)
