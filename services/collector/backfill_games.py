"""What a backfill of baseball has to fetch: listed games against stored ones, and the requests it takes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from services.collector import existing_games
from services.collector.backfill_job import ChunkPlan
from services.collector.existing_games import StoredGames
from services.collector.mlb.archived_feeds import list_feed_names
from services.collector.mlb.daily_rows import ROSTER_TYPES, select_roster_days
from services.collector.mlb.feed import ExpectedGame
from services.collector.mlb.listed_games import MAX_DAYS_PER_REQUEST, parse_season_dates
from services.collector.mlb.schedule import Listing, parse_listings
from services.collector.mlb.sources.mlb_stats_api import MLB
from services.collector.mlb.sources.registry import Sources
from services.collector.mlb.wire.schedule import ScheduleDay
from services.collector.raw_archive import RawArchive
from services.collector.request import CollectionRequest
from services.collector.step import with_idle_days
from shared.ports import ObjectStore, Warehouse
from shared.sports.mlb.ballpark_time import ballpark_date
from shared.storage.coverage import Span, days_between

_DAY = timedelta(days=1)
_SAMPLE = 5  # feeds whose size is looked at


@dataclass(slots=True)
class MlbBackfill:
    """Reads schedules and stored games; writes nothing. Raises SourceUnavailable where a source fails.

    `untaken` are games that an earlier chunk fetched in vain: they are left out unless `is_fresh`.
    """

    sources: Sources
    warehouse: Warehouse
    objects: ObjectStore
    now: datetime
    untaken: Collection[int] = frozenset()
    is_fresh: bool = False
    planning_requests: int = 0  # so far; retries come on top
    _schedule: dict[date, ScheduleDay] = field(default_factory=dict)
    _stored: StoredGames = field(default_factory=dict)
    _clubs: dict[int, int] = field(default_factory=dict)  # by season
    _planned: list[Listing] = field(default_factory=list)  # games of the chunks so far

    @property
    def last_day(self) -> date:
        """Return the last day that is over at the ballparks."""
        return ballpark_date(self.now) - _DAY

    def season_span(self, season: int) -> Span:
        """Return the days of a season from opening day to the last of October; the year if unknown."""
        self.planning_requests += 1
        response = self.sources.mlb.fetch_seasons(season)
        found = next((one for one in response.value.seasons if one.season_id == str(season)), None)
        dates = parse_season_dates(found, season) if found else None
        spans = [span for span in (dates.regular, dates.postseason) if span] if dates else []
        whole = date(season, 1, 1), date(season, 12, 31)
        return (min(first for first, _ in spans), max(last for _, last in spans)) if spans else whole

    def due_days(self, spans: Sequence[Span]) -> list[date]:
        """Return the days with games to fetch or to store from the schedule, in order."""
        for first, last in spans:
            self._stored |= existing_games.find_stored_games(self.warehouse, first, last, self.now)
            self._fetch_schedule(first, min(last, self.last_day))
        return [day for day, listed in sorted(self._schedule.items()) if self._is_due(listed, day)]

    def days_without_games(self, spans: Sequence[Span]) -> frozenset[date]:
        """Return the days of the spans, as far as they are over, on which nothing is listed."""
        days = {day for first, last in spans for day in days_between(first, min(last, self.last_day))}
        return frozenset(days - self._schedule.keys())

    def count_games(self) -> tuple[int, int]:
        """Return how many final games the schedule lists, and how many of them are stored."""
        listings, _ = parse_listings(day for _, day in sorted(self._schedule.items()))
        final = [one for one in listings if one.is_final]
        return len(final), sum(self._is_stored(one) for one in final)

    def plan_chunk(self, first: date, last: date, limit: int | None) -> ChunkPlan:
        """Return what days have to fetch: at most `limit` games, and then no day after the last of them."""
        due = self._due_listings(first, last)
        planned = {one.game.game_pk for one in self._planned}
        final = [one for one in due if one.is_final and one.game.game_pk not in planned]
        games = None
        if limit is not None and len(final) > limit:
            final = sorted(final, key=lambda one: (one.day, one.game.game_pk))[:limit]
            last, games = final[-1].day, tuple(one.game.game_pk for one in final)
        self._planned += final
        schedules = -(-((last - first).days + 1) // MAX_DAYS_PER_REQUEST)
        seasons = 1  # request for the dates of the season
        requests = schedules + seasons + len(final) + self._count_daily_requests(first, last, final)
        days = {one.day for one in due if one.day <= last}
        return ChunkPlan(first, last, len(days), len(final), requests, games)

    def estimate_feed_bytes(self) -> int:
        """Return the bytes of the planned games' feeds, unpacked, from five of them."""
        if not self._planned:
            return 0
        sample = self._planned[:: max(1, len(self._planned) // _SAMPLE)][:_SAMPLE]
        feeds = (self.sources.mlb.fetch_feed(ExpectedGame.from_listing(one)) for one in sample)
        return sum(len(feed.body) for feed in feeds) * len(self._planned) // len(sample)

    def archived_bodies(self, first: date, last: date) -> tuple[str, ...]:
        """Return the names of the archived feeds of some days."""
        return tuple(list_feed_names(RawArchive(self.objects, self.now), first, last))

    def missing_games(self, first: date, last: date) -> tuple[int, ...]:
        """Return the final games of planned days that the stores lack now."""
        self._stored = existing_games.find_stored_games(self.warehouse, first, last, self.now)
        settled = replace(self, untaken=frozenset(), is_fresh=False)
        return tuple(one.game.game_pk for one in settled._due_listings(first, last) if one.is_final)

    def _fetch_schedule(self, first: date, last: date) -> None:
        while first <= last:
            until = min(first + (MAX_DAYS_PER_REQUEST - 1) * _DAY, last)
            self.planning_requests += 1
            response = self.sources.mlb.fetch_schedule(first, until, upcoming=False)
            self._schedule |= {day.date: day for day in response.value.dates}
            first = until + _DAY

    def _is_due(self, listed: ScheduleDay, day: date) -> bool:
        games, _ = parse_listings([listed])
        return any(self._should_collect(one, day) for one in games)

    def _due_listings(self, first: date, last: date) -> list[Listing]:
        days = (self._schedule[day] for day in days_between(first, last) if day in self._schedule)
        listings, _ = parse_listings(days)
        return [one for one in listings if self._should_collect(one, last)]

    def _should_collect(self, listing: Listing, last: date) -> bool:
        if self.is_fresh and listing.is_final:
            return True
        if listing.game.game_pk in self.untaken:
            return False
        if not listing.is_final and listing.game.game_pk in self._stored:
            return False
        return existing_games.should_collect(listing, self._stored, frozenset(), last)

    def _is_stored(self, listing: Listing) -> bool:
        stored = self._stored.get(listing.game.game_pk)
        return stored is not None and stored.has_contents

    def _count_daily_requests(self, first: date, last: date, final: Sequence[Listing]) -> int:
        """Return the requests for clubs, rosters, transactions and standings of the days with new games."""
        new = {
            one.game.official_date
            for one in final
            if not (known := self._stored.get(one.game.game_pk)) or not known.is_final
        }
        request = CollectionRequest(days_between(first, last), self.last_day + _DAY)
        stored = {game: one for game, one in self._stored.items() if first <= one.game_date <= last}
        days = with_idle_days(new, request, stored)
        if not days:
            return 0
        daily = len(select_roster_days(days))
        return 2 + daily * (1 + self._count_clubs(days[-1].year) * len(ROSTER_TYPES))

    def _count_clubs(self, season: int) -> int:
        if season not in self._clubs:
            self.planning_requests += 1
            clubs = self.sources.mlb.fetch_clubs(season).value.teams
            self._clubs[season] = sum(club.sport is not None and club.sport.id == MLB for club in clubs)
        return self._clubs[season]
