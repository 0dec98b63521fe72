"""One game from its sources in their order of priority: feed, pitches, and who the box score forgot."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from functools import partial
from threading import Lock
from typing import TypeVar

from services.collector.http_source import Fetched
from services.collector.mlb import feed, missing_players, schedule
from services.collector.mlb.feed import Asked
from services.collector.mlb.people import club_rows
from services.collector.mlb.plays import count_thrown
from services.collector.mlb.schedule import Listing
from services.collector.mlb.sources.registry import GAME_SOURCES, PITCH_SOURCES
from services.collector.mlb.sources.savant import DayOfPitches
from services.collector.mlb.wire.feed import Feed
from services.collector.raw_archive import first_that_answers
from services.collector.rows import GameRows, Row
from services.collector.run_context import Desk
from shared.errors import SourceUnavailable
from shared.storage.staging import Fallback, RawBody

A = TypeVar("A")
B = TypeVar("B")
Answered = tuple[Fetched[Feed], RawBody]
SAVANT_ASKINGS = 2  # for a day that lacks pitches


class Gatherer:
    """Fetches, keeps and reads games; what it could not get it notes at the desk. Safe in threads."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._savant_days: dict[date, list[tuple[DayOfPitches, RawBody] | None]] = {}
        self._savant_lock = Lock()

    def game(self, listing: Listing) -> GameRows | None:
        """Return a final game's rows; None where every source failed, which is noted."""
        game_pk, ways = listing.game.game_pk, {"mlb_stats_api": self._live, "archive": self._archived}
        try:
            answer, raw = first_that_answers(*(partial(ways[name], listing) for name in GAME_SOURCES))
            rows = feed.game_rows(answer.value, listing.completed_date)
        except SourceUnavailable as error:
            request = f"/api/v1.1/game/{game_pk}/feed/live"
            self._desk.failed(GAME_SOURCES[0], request, error, game_pk)
            return None
        rows.lineage = self._desk.lineage(raw)
        if rows.is_final:
            if rows.plays == "told":
                self._choose_pitches(rows)
            missing_players.complete(rows, self._desk)
        rows.digest()  # here, in a worker, and not while others wait for their turn to be staged
        return rows

    def listed(self, listing: Listing, lineage: Row) -> GameRows:
        """Return the rows that the schedule alone gives of a game."""
        game, season = listing.game, schedule.season_of(listing.game.season, listing.game.official_date)
        return GameRows(
            head=schedule.head(game),
            tables={
                "games_historical": [schedule.game_row(listing)],
                "lineups_historical": schedule.lineup_rows(game),
            },
            lineage=lineage,
            clubs=club_rows((game.teams.away.team, game.teams.home.team), season),
        )

    def _live(self, listing: Listing) -> Answered:
        answer = self._desk.sources.mlb.feed(Asked.of(listing))
        return answer, self._desk.keep(answer, listing.game.official_date, str(listing.game.game_pk))

    def _archived(self, listing: Listing) -> Answered:
        answer, raw = self._desk.archive.feed(Asked.of(listing))
        self._desk.raw.append(raw)
        return answer, raw

    def _choose_pitches(self, rows: GameRows) -> None:
        """Take pitches from the first source that has them whole; the feed's are there already."""
        for source in PITCH_SOURCES[self._desk.pitches_from]:
            if source != "savant":
                if rows.tables["statcast_pitches"]:
                    return
            elif found := self._savant_pitches(rows):
                rows.tables["statcast_pitches"], raw = found
                collected_at = {"collected_at": rows.lineage["collected_at"]}  # one moment a game
                rows.pitch_lineage = self._desk.lineage(raw) | collected_at
                return

    def _savant_pitches(self, rows: GameRows) -> tuple[list[Row], RawBody] | None:
        """Return Savant's pitches of a game; None where it has fewer than the feed, however often asked.

        A day whose answer lost its last lines looks whole: only the feed tells how many there must be.
        """
        expected, got = count_thrown(rows.tables["statcast_pitches"]), 0
        for asking in range(1, SAVANT_ASKINGS + 1):
            found = self._savant(rows.head["game_date"], asking)
            if found is None:
                return None  # noted as a failure of the day
            day, raw = found
            pitches = day.games.get(rows.game_pk, [])
            got = count_thrown(pitches)
            if got >= expected:
                return (pitches, raw) if pitches else None
        reason = f"expected {expected} pitches as in the feed, got {got}"
        self._desk.fallbacks.append(Fallback(rows.game_pk, "savant", rows.lineage["source"], reason))
        return None

    def _savant(self, day: date, asking: int) -> tuple[DayOfPitches, RawBody] | None:
        """Return the answer to the first, second … asking for a day, which all its games share."""
        with self._savant_lock:
            answers = self._savant_days.setdefault(day, [])
            while len(answers) < asking:
                answers.append(self._ask_savant(day))
            return answers[asking - 1]

    def _ask_savant(self, day: date) -> tuple[DayOfPitches, RawBody] | None:
        try:
            answer = self._desk.sources.savant.pitches(day)
        except SourceUnavailable as error:
            self._desk.failed("savant", f"pitches of {day}", error)
            return None
        if answer.value.unknown_columns:
            self._desk.unknown_columns["statcast_pitches"] = answer.value.unknown_columns
        return answer.value, self._desk.keep(answer, day, "pitches")


def in_parallel(
    pool: ThreadPoolExecutor, work: Callable[[A], B], items: Iterable[A], ahead: int = 32
) -> Iterator[B]:
    """Yield `work` of each item in order, with at most `ahead` results waiting to be taken."""
    waiting: deque[Future[B]] = deque()
    for item in items:
        waiting.append(pool.submit(work, item))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
