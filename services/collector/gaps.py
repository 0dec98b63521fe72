"""What stands already, asked with one query, and what is therefore missing or incomplete."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from services.collector.schedule import Listing
from shared.ports import Warehouse
from shared.tables import table

STALE_AFTER = timedelta(hours=24)
_SQL = (Path(__file__).parent / "sql" / "standing_games.sql").read_text()
_ASKED = ("games_historical", "plate_appearances", "statcast_pitches", "player_stats_historical")


@dataclass(frozen=True, slots=True)
class StandingGame:
    """A game in the warehouse."""

    game_pk: int
    game_date: date
    status: str
    collected_at: datetime
    rows_sha256: str | None
    incomplete: bool

    @property
    def is_final(self) -> bool:
        """Return whether it stands as played to its end."""
        return self.status == "Final"


Standing = dict[int, StandingGame]


def standing_games(warehouse: Warehouse, first: date, last: date, now: datetime) -> Standing:
    """Return the games that stand from `first` to `last`, by game_pk."""
    for name in _ASKED:
        warehouse.ensure(table(name))
    found = warehouse.query(_SQL, first=first, last=last, stale_before=now - STALE_AFTER)
    return {row["game_pk"]: StandingGame(**row) for row in found.to_dicts()}


def missing_dates(days: Iterable[date], standing: Standing, changed: frozenset[int]) -> tuple[date, ...]:
    """Return the days on which no game stands, or one that is incomplete or was corrected since."""
    games = standing.values()
    due = {game.game_date for game in games if game.incomplete or game.game_pk in changed}
    there = {game.game_date for game in games} - due
    return tuple(day for day in days if day not in there)


def wanted(listing: Listing, standing: Standing, changed: frozenset[int], last: date) -> bool:
    """Return whether a listed game is to be collected.

    A postponed game that does not stand is left for its new day: its old listing would take it away
    from there again.
    """
    game = standing.get(listing.game.game_pk)
    if game is None:
        return not (listing.is_postponed and listing.game.official_date > last)
    return game.incomplete or not game.is_final or game.game_pk in changed
