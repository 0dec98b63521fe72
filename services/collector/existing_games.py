"""Reads which games the warehouse stores, with one query, and decides which listed games to collect."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from services.collector.mlb.schedule import Listing
from services.collector.rows import GameRows
from shared.ports import Warehouse
from shared.storage.tables import get_table

STALE_AFTER = timedelta(hours=24)
_SQL = (Path(__file__).parent / "sql" / "stored_games.sql").read_text()
_CONTENTS = ("plate_appearances", "statcast_pitches", "player_stats_historical")


@dataclass(frozen=True, slots=True)
class StoredGame:
    """A game in the warehouse."""

    game_pk: int
    game_date: date
    status: str
    collected_at: datetime
    rows_sha256: str | None
    appearances: int
    pitches: int
    players: int
    plays_expected: bool
    incomplete: bool

    @property
    def is_final(self) -> bool:
        """Return whether it is stored as played to its end."""
        return self.status == "Final"

    @property
    def has_contents(self) -> bool:
        """Return whether it is stored as final with its contents, not from its listing alone."""
        return self.is_final and (self.appearances > 0 or self.players > 0 or not self.plays_expected)

    def has_same_rows(self, rows: GameRows) -> bool:
        """Return whether exactly these rows are stored, none of them lost on the way."""
        counts = (len(rows.tables.get(name, ())) for name in _CONTENTS)
        return self.rows_sha256 == rows.digest() and (*counts,) == (
            self.appearances,
            self.pitches,
            self.players,
        )


StoredGames = dict[int, StoredGame]


def find_stored_games(warehouse: Warehouse, first: date, last: date, now: datetime) -> StoredGames:
    """Return the stored games from `first` to `last`, by game_pk."""
    for name in ("games_historical", *_CONTENTS):
        warehouse.ensure_table(get_table(name))
    found = warehouse.query_rows(_SQL, first=first, last=last, stale_before=now - STALE_AFTER)
    return {row["game_pk"]: StoredGame(**row) for row in found.to_dicts()}


def should_collect(listing: Listing, stored_games: StoredGames, changed: frozenset[int], last: date) -> bool:
    """Return whether a listed game is to be collected.

    A postponed game that is not stored is left for its new day: its old listing would move it back.
    """
    game = stored_games.get(listing.game.game_pk)
    if game is None:
        return not (listing.is_postponed and listing.game.official_date > last)
    return game.incomplete or not game.is_final or game.game_pk in changed
