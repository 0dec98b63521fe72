"""A world's games by date and number, read from the world on demand and stored in a folder."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from threading import RLock
from typing import Protocol, runtime_checkable

from simulator.clubs import venues_in
from simulator.feed_cache import FeedCache, GameWithRosters, SeasonIndex
from simulator.game_record import GameRecord, World
from simulator.wire.game_summaries import GameSummary, WinLossRecords, summarize_game
from simulator.wire.reference_data import ReferenceData

DAY = timedelta(days=1)


class WorldMismatch(Exception):
    """The folder contains the games of another world."""


@runtime_checkable
class SupportsDateRange(Protocol):
    """A world that can produce some days without the rest of the season."""

    def games_on(self, first: date, last: date) -> Iterable[GameRecord]:
        """Yield the games with an official date between two dates, both included."""

    def games_moved_from(self, first: date, last: date) -> Iterable[GameRecord]:
        """Yield the games postponed from a date between two dates, both included, to a later one."""


@runtime_checkable
class HasSpringTraining(Protocol):
    """A world with games before opening day."""

    def opening_day(self, season: int) -> date:
        """Return the day of the first game that counts."""


class SeasonStore:
    """A world's games by date and number: each is read from the world once, then from the folder.

    A season is loaded from opening day up to the day requested, so that records and standings are complete;
    spring games are loaded when a spring day is requested. A world that cannot produce single days is loaded
    a season at a time. Thread-safe.
    """

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.feed_cache = world, FeedCache(folder)
        self._lock = RLock()
        self._summaries: dict[int, dict[int, GameSummary]] = {}
        self._loaded_ranges: dict[int, tuple[date, date]] = {}  # first and last day, by season
        self._reference_data: dict[int, ReferenceData] = {}
        self._records: dict[int, WinLossRecords] = {}

    def get_reference_data(self, season: int) -> ReferenceData:
        """Return a season's clubs, ballparks and people; KeyError if the world has no such season."""
        with self._lock:
            if season not in self._reference_data:
                self._reference_data[season] = self._store_reference_data(season)
            return self._reference_data[season]

    def list_summaries(self, first: date, last: date) -> Sequence[GameSummary]:
        """Return the games that are listed on any date between two dates, both included."""
        return [
            summary
            for season in self._seasons_between(first, last)
            for summary in self._load_summaries(season, first, last)
            if any(first <= day <= last for day in summary.listing_dates)
        ]

    def season_summaries(self, season: int, through: date) -> Sequence[GameSummary]:
        """Return a season's games from opening day through at least a day, in no particular order."""
        return self._load_summaries(season, self.opening_day(season), through)

    def opening_day(self, season: int) -> date:
        """Return the day of a season's first game that counts; January 1 if the world has no spring."""
        world = self.world
        return world.opening_day(season) if isinstance(world, HasSpringTraining) else date(season, 1, 1)

    def win_loss_records(self, season: int) -> WinLossRecords:
        """Return wins and losses over the games loaded so far."""
        with self._lock:
            if season not in self._records:
                self._records[season] = WinLossRecords(self._summaries.get(season, {}).values())
            return self._records[season]

    def find_summary(self, game_pk: int, through: date) -> GameSummary | None:
        """Return the summary of a game listed no later than a day; None if there is none."""
        for season in self.world.list_seasons():
            with self._lock:
                self._open_season(season)
                if game_pk in self._summaries[season]:
                    return self._summaries[season][game_pk]
        for season in self._seasons_between(date.min, through):
            for first in (self.opening_day(season), date.min):  # spring games only if nothing else matches
                self._load_summaries(season, first, through)
                if game_pk in self._summaries[season]:
                    return self._summaries[season][game_pk]
        return None

    def load_feed(self, summary: GameSummary) -> bytes:
        """Return the final feed of a game as gzipped JSON."""
        game = summary.game
        return self.feed_cache.load_or_render_feed(game.game_pk, self.get_reference_data(game.season))

    def load_game(self, summary: GameSummary) -> GameWithRosters:
        """Return a full game record with both rosters."""
        return self.feed_cache.load_game(summary.game.game_pk)

    def _load_summaries(self, season: int, first: date, last: date) -> list[GameSummary]:
        with self._lock:
            self._extend_season(season, first, last)
            return list(self._summaries[season].values())

    def _seasons_between(self, first: date, last: date) -> list[int]:
        return [year for year in self.world.list_seasons() if first.year <= year <= last.year]

    def _store_reference_data(self, season: int) -> ReferenceData:
        if season not in self.world.list_seasons():
            raise KeyError(
                f"{self.world.label} has the seasons {list(self.world.list_seasons())}, not {season}"
            )
        clubs = {club.id: club for club in self.world.list_clubs(season)}
        venues = venues_in(season, self.world.venues_by_id())
        reference = ReferenceData(season, clubs, venues, self.world.people_by_id())
        self.feed_cache.save_reference_data(reference)
        return reference

    def _open_season(self, season: int) -> None:
        if season in self._summaries:
            return
        index = self.feed_cache.load_index(season)
        if index and index.label != self.world.label:
            expected = self.world.label
            raise WorldMismatch(
                f"{self.feed_cache.folder} contains games of {index.label}, not of {expected}: "
                "use another folder"
            )
        stored = index.summaries if index else []
        self._summaries[season] = {summary.game.game_pk: summary for summary in stored}
        opening = self.opening_day(season)
        self._loaded_ranges[season] = (
            (index.since or opening, index.through) if index else (opening, opening - DAY)
        )

    def _extend_season(self, season: int, first: date, last: date) -> None:
        self._open_season(season)
        since, through = self._loaded_ranges[season]
        new_year, last = date(season, 1, 1), min(last, date(season, 12, 31))
        if max(first, new_year) < since:
            self._store_games(season, new_year, since - DAY)
            since = new_year
        if last > through:
            through = self._store_games(season, through + DAY, last)
        if (since, through) != self._loaded_ranges[season]:
            self._loaded_ranges[season] = since, through
            self._records.pop(season, None)
            summaries = list(self._summaries[season].values())
            self.feed_cache.save_index(season, SeasonIndex(self.world.label, through, summaries, since))

    def _store_games(self, season: int, first: date, last: date) -> date:
        """Store the games between two days and return the last day that is then stored."""
        if isinstance(self.world, SupportsDateRange):
            games: Iterable[GameRecord] = chain(
                self.world.games_on(first, last), self.world.games_moved_from(first, last)
            )
        else:
            games, last = self.world.iter_games(season), date(season, 12, 31)
        for game in games:
            self._store_game(game)
        return last

    def _store_game(self, game: GameRecord) -> None:
        if game.game_pk in self._summaries[game.season]:
            return
        rosters = [
            self.world.get_roster(club, game.official_date, "active") for club in (game.away, game.home)
        ]
        self.feed_cache.save_game(GameWithRosters(game, (rosters[0], rosters[1])))
        self._summaries[game.season][game.game_pk] = summarize_game(game)


def completed_games(summaries: Iterable[GameSummary]) -> Iterator[GameSummary]:
    """Yield the games that have a result."""
    return (summary for summary in summaries if summary.has_result)
