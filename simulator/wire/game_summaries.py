"""Game summaries: what schedules and standings need of a game, without plays and line-ups."""

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
        """Whether the game ends with a result, now or later."""
        return self.game.state not in CALLED_OFF

    @property
    def listing_dates(self) -> set[date]:
        """Every date the game is listed under at any time."""
        game = self.game
        return {game.official_date} | {day for day in (game.original_date, game.completed_date) if day}


def summarize_game(game: GameRecord) -> GameSummary:
    """Return the summary of a game."""
    return GameSummary(replace(game, plays=[], appearances=[]), *final_score(game.plays))


class Listing(NamedTuple):
    """One entry of a game in a schedule: the date it is listed under, and why."""

    on: date
    role: str  # "", "postponed", "made up", "suspended", "resumed"


def list_listings(game: GameRecord, now: datetime) -> Iterator[Listing]:
    """Yield a game's entries as of an instant: two once it has been moved or suspended."""
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
    """Every club's wins and losses as of any instant; ties count as neither."""

    def __init__(self, summaries: Iterable[GameSummary]) -> None:
        self._ends: dict[int, list[datetime]] = defaultdict(list)
        self._records: dict[int, list[tuple[int, int]]] = defaultdict(lambda: [(0, 0)])
        played = [item for item in summaries if item.has_result and item.game.game_type == "R"]
        for summary in sorted(played, key=lambda summary: last_out(summary.game)):
            game, margin = summary.game, summary.home_runs - summary.away_runs
            self._add_result(game.away, last_out(game), -margin)
            self._add_result(game.home, last_out(game), margin)

    def record_at(self, club: int, at: datetime) -> tuple[int, int]:
        """Return a club's wins and losses in games that ended by an instant."""
        return self._records[club][bisect_right(self._ends[club], at)]

    def _add_result(self, club: int, end: datetime, margin: int) -> None:
        wins, losses = self._records[club][-1]
        self._ends[club].append(end)
        self._records[club].append((wins + (margin > 0), losses + (margin < 0)))
