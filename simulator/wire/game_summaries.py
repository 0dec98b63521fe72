"""A game on one index card: all a schedule or a standings table needs, without plays and line-ups."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from simulator.game_record import GameRecord
from simulator.wire.tally import final_score
from simulator.wire.timeline import (
    CALLED_OFF,
    first_scheduled,
    is_suspended,
    last_out,
    state_at,
    suspended_at,
    was_moved,
)

PROBABLES_BEFORE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class GameSummary:
    """A game without plays and appearances, and its final score."""

    game: GameRecord
    away_runs: int
    home_runs: int

    @property
    def has_result(self) -> bool:
        """Whether the game came to a result (the clock aside)."""
        return self.game.state not in CALLED_OFF

    @property
    def listing_dates(self) -> set[date]:
        """Every date the game can be listed under, whatever the clock says."""
        game = self.game
        return {game.official_date} | {day for day in (game.original_date, game.completed_date) if day}


def summarize_game(game: GameRecord) -> GameSummary:
    """Return the card of a game."""
    return GameSummary(replace(game, plays=[], appearances=[]), *final_score(game.plays))


class Listing(NamedTuple):
    """One place a game has in a schedule: the date it is listed under and why it stands there."""

    on: date
    role: str  # "", "postponed", "made up", "suspended", "resumed"


def list_listings(game: GameRecord, now: datetime) -> Iterator[Listing]:
    """Yield where a game is listed at an instant: twice once it has been moved or suspended."""
    if was_moved(game) and first_scheduled(game) <= now:
        yield Listing(game.original_date or game.official_date, "postponed")
        yield Listing(game.official_date, "made up")
        return
    if is_suspended(game) and suspended_at(game) <= now:
        yield Listing(game.official_date, "suspended")
        yield Listing(game.completed_date or game.official_date, "resumed")
        return
    yield Listing(state_at(game, now).official_date, "")


class WinLossRecords:
    """Wins and losses of every club as they stood at any instant; ties count as neither."""

    def __init__(self, summaries: Iterable[GameSummary]) -> None:
        self._ends: dict[int, list[datetime]] = defaultdict(list)
        self._records: dict[int, list[tuple[int, int]]] = defaultdict(lambda: [(0, 0)])
        played = [one for one in summaries if one.has_result and one.game.game_type == "R"]
        for one in sorted(played, key=lambda one: last_out(one.game)):
            self._add_result(one.game.away, last_out(one.game), one.away_runs - one.home_runs)
            self._add_result(one.game.home, last_out(one.game), one.home_runs - one.away_runs)

    def record_at(self, club: int, when: datetime) -> tuple[int, int]:
        """Return a club's wins and losses over games that were over at an instant."""
        return self._records[club][bisect_right(self._ends[club], when)]

    def _add_result(self, club: int, end: datetime, margin: int) -> None:
        wins, losses = self._records[club][-1]
        self._ends[club].append(end)
        self._records[club].append((wins + (margin > 0), losses + (margin < 0)))
