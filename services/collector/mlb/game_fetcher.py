"""Fetches one game from its sources by priority: feed, pitches, and players missing from the box score."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from functools import partial
from threading import Lock
from typing import TypeVar

from services.collector.http_source import FetchedResponse
from services.collector.mlb import feed, missing_players, schedule
from services.collector.mlb.archived_feeds import (
    first_available,
    list_chunk_feeds,
    load_chunk_feed,
    load_latest_feed,
)
from services.collector.mlb.feed import ExpectedGame
from services.collector.mlb.people import club_rows
from services.collector.mlb.plays import count_thrown_pitches
from services.collector.mlb.run_context import MlbRunContext
from services.collector.mlb.schedule import Listing
from services.collector.mlb.sources.registry import GAME_SOURCES, PITCH_SOURCES
from services.collector.mlb.sources.savant import DailyPitches
from services.collector.mlb.wire.feed import Feed
from services.collector.rows import GameRows, Row
from shared.errors import SourceUnavailable
from shared.storage.staging import Fallback, RawBody

Item = TypeVar("Item")
Result = TypeVar("Result")
FeedWithBody = tuple[FetchedResponse[Feed], RawBody]
SAVANT_ATTEMPTS = 2  # for a day that lacks pitches


class GameFetcher:
    """Fetches, archives and reads games; records failures in the run context. Safe in threads."""

    def __init__(self, context: MlbRunContext) -> None:
        self._context = context
        self._savant_days: dict[date, list[tuple[DailyPitches, RawBody] | None]] = {}
        self._savant_lock = Lock()
        self._chunk_feeds = list_chunk_feeds(context.archive, context.chunk)

    def fetch_game(self, listing: Listing) -> GameRows | None:
        """Return a final game's rows; None where every source failed, which is recorded."""
        game_pk = listing.game.game_pk
        fetchers = {"mlb_stats_api": self._fetch_live_feed, "archive": self._load_archived_feed}
        by_priority = [fetchers[name] for name in GAME_SOURCES]
        if game_pk in self._chunk_feeds:
            by_priority = [self._load_chunk_feed, *by_priority]
        try:
            response, raw = first_available(*(partial(fetch, listing) for fetch in by_priority))
            rows = feed.game_rows(response.value, listing.completed_date)
        except SourceUnavailable as error:
            request = f"/api/v1.1/game/{game_pk}/feed/live"
            self._context.record_failure(GAME_SOURCES[0], request, error, game_pk)
            return None
        rows.lineage = self._context.lineage_columns(raw)
        if rows.is_final:
            if rows.plays == "present":
                self._choose_pitches(rows)
            missing_players.fill_missing_players(rows, self._context)
        rows.digest()  # here in a worker: staging runs in one thread
        return rows

    def rows_from_schedule(self, listing: Listing, lineage: Row) -> GameRows:
        """Return the rows that the schedule alone gives of a game."""
        game, season = listing.game, schedule.season_of(listing.game.season, listing.game.official_date)
        return GameRows(
            game_columns=schedule.game_columns(game),
            tables={
                "games_historical": [schedule.game_row(listing)],
                "lineups_historical": schedule.lineup_rows(game),
            },
            lineage=lineage,
            clubs=club_rows((game.teams.away.team, game.teams.home.team), season),
        )

    def _fetch_live_feed(self, listing: Listing) -> FeedWithBody:
        response = self._context.sources.mlb.fetch_feed(ExpectedGame.from_listing(listing))
        if self._context.steering:
            self._context.steering.record_bytes(len(response.body))
        return response, self._context.archive_response(
            response, listing.game.official_date, str(listing.game.game_pk)
        )

    def _load_chunk_feed(self, listing: Listing) -> FeedWithBody:
        """Return the feed that an interrupted attempt at this chunk fetched, without a request."""
        game = ExpectedGame.from_listing(listing)
        url, names = self._context.sources.mlb.feed_url(game.game_pk), self._chunk_feeds[game.game_pk]
        response, raw = load_chunk_feed(self._context.archive, game, names, url, self._context.now)
        self._context.raw.append(raw)
        if self._context.steering:
            self._context.steering.record_archived()
        return response, raw

    def _load_archived_feed(self, listing: Listing) -> FeedWithBody:
        response, raw = load_latest_feed(self._context.archive, ExpectedGame.from_listing(listing))
        self._context.raw.append(raw)
        return response, raw

    def _choose_pitches(self, rows: GameRows) -> None:
        """Use the pitches of the first source that has all of them; the feed's are in the rows already."""
        for source in PITCH_SOURCES[self._context.pitch_source]:
            if source != "savant":
                if rows.tables["statcast_pitches"]:
                    return
            elif found := self._savant_pitches(rows):
                rows.tables["statcast_pitches"], raw = found
                collected_at = {"collected_at": rows.lineage["collected_at"]}  # one moment a game
                rows.pitch_lineage = self._context.lineage_columns(raw) | collected_at
                return

    def _savant_pitches(self, rows: GameRows) -> tuple[list[Row], RawBody] | None:
        """Return Savant's pitches of a game; None where it has fewer than the feed after all tries.

        A response that lost its last lines looks complete: only the feed has the expected number.
        """
        expected, got = count_thrown_pitches(rows.tables["statcast_pitches"]), 0
        for attempt in range(1, SAVANT_ATTEMPTS + 1):
            found = self._savant_day(rows.game_columns["game_date"], attempt)
            if found is None:
                return None  # recorded as a failure of the day
            day, raw = found
            pitches = day.games.get(rows.game_pk, [])
            got = count_thrown_pitches(pitches)
            if got >= expected:
                return (pitches, raw) if pitches else None
        reason = f"expected {expected} pitches as in the feed, got {got}"
        self._context.fallbacks.append(Fallback(rows.game_pk, "savant", rows.lineage["source"], reason))
        return None

    def _savant_day(self, day: date, attempt: int) -> tuple[DailyPitches, RawBody] | None:
        """Return the response to the first, second … try for a day, which all its games share."""
        with self._savant_lock:
            responses = self._savant_days.setdefault(day, [])
            while len(responses) < attempt:
                responses.append(self._fetch_savant_day(day))
            return responses[attempt - 1]

    def _fetch_savant_day(self, day: date) -> tuple[DailyPitches, RawBody] | None:
        try:
            response = self._context.sources.savant.fetch_pitches(day)
        except SourceUnavailable as error:
            self._context.record_failure("savant", f"pitches of {day}", error)
            return None
        if response.value.unknown_columns:
            self._context.unknown_columns["statcast_pitches"] = response.value.unknown_columns
        return response.value, self._context.archive_response(response, day, "pitches")


def map_in_parallel(
    pool: ThreadPoolExecutor, work: Callable[[Item], Result], items: Iterable[Item], ahead: int = 32
) -> Iterator[Result]:
    """Yield `work` of each item in order, with at most `ahead` results in flight."""
    waiting: deque[Future[Result]] = deque()
    for item in items:
        waiting.append(pool.submit(work, item))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
