"""A world's games by date and number, learnt as they are asked for and kept in the stand-in's folder."""

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
    """The folder holds the games of another world."""


@runtime_checkable
class SupportsDateRange(Protocol):
    """A world that can play some days without the rest of the season."""

    def games_on(self, first: date, last: date) -> Iterable[GameRecord]:
        """Yield the games with an official date between two, both included."""

    def games_moved_from(self, first: date, last: date) -> Iterable[GameRecord]:
        """Yield the games postponed from a date between two, both included, to a later one."""


@runtime_checkable
class HasSpringTraining(Protocol):
    """A world that plays games before those that count."""

    def opening_day(self, season: int) -> date:
        """Return the day from which games count."""


class SeasonStore:
    """A world's games by date and number, learnt from the world once and then read from the folder.

    A season is learnt from opening day on, so that records and standings are whole, its spring when somebody
    asks for it; a world that cannot play single days is asked for the whole season. Safe to use from several
    threads.
    """

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.feed_cache = world, FeedCache(folder)
        self._lock = RLock()
        self._summaries: dict[int, dict[int, GameSummary]] = {}
        self._known_ranges: dict[int, tuple[date, date]] = {}  # the first and the last day known
        self._reference_data: dict[int, ReferenceData] = {}
        self._records: dict[int, WinLossRecords] = {}

    def get_reference_data(self, season: int) -> ReferenceData:
        """Return who and where in a season; KeyError when the world has no such season."""
        with self._lock:
            if season not in self._reference_data:
                self._reference_data[season] = self._store_reference_data(season)
            return self._reference_data[season]

    def list_summaries(self, first: date, last: date) -> Sequence[GameSummary]:
        """Return the games that can be listed on a date between two, both included."""
        known = [
            one
            for year in self._seasons_between(first, last)
            for one in self._load_summaries(year, first, last)
        ]
        return [one for one in known if any(first <= day <= last for day in one.listing_dates)]

    def season_summaries(self, season: int, through: date) -> Sequence[GameSummary]:
        """Return the games of a season from opening day through a day at least, in no order."""
        return self._load_summaries(season, self.opening_day(season), through)

    def opening_day(self, season: int) -> date:
        """Return the day from which a season's games count."""
        world = self.world
        return world.opening_day(season) if isinstance(world, HasSpringTraining) else date(season, 1, 1)

    def win_loss_records(self, season: int) -> WinLossRecords:
        """Return wins and losses over the games known so far."""
        with self._lock:
            if season not in self._records:
                self._records[season] = WinLossRecords(self._summaries.get(season, {}).values())
            return self._records[season]

    def find_summary(self, game_pk: int, through: date) -> GameSummary | None:
        """Return the card of a game, looking no further than a day; None when there is no such game."""
        for season in self.world.list_seasons():
            with self._lock:
                self._open_season(season)
                if game_pk in self._summaries[season]:
                    return self._summaries[season][game_pk]
        for season in self._seasons_between(date.min, through):
            for first in (self.opening_day(season), date.min):
                self._load_summaries(season, first, through)
                if game_pk in self._summaries[season]:
                    return self._summaries[season][game_pk]
        return None

    def load_feed(self, one: GameSummary) -> bytes:
        """Return the final feed of a game as gzipped JSON."""
        return self.feed_cache.load_or_render_feed(one.game.game_pk, self.get_reference_data(one.game.season))

    def load_game(self, one: GameSummary) -> GameWithRosters:
        """Return a game in full."""
        return self.feed_cache.load_game(one.game.game_pk)

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
            stored, ours = index.label, self.world.label
            raise WorldMismatch(
                f"{self.feed_cache.folder} holds games of {stored}, not of {ours}: name another folder"
            )
        self._summaries[season] = {one.game.game_pk: one for one in index.cards} if index else {}
        opening = self.opening_day(season)
        self._known_ranges[season] = (
            (index.since or opening, index.through) if index else (opening, opening - DAY)
        )

    def _extend_season(self, season: int, first: date, last: date) -> None:
        self._open_season(season)
        since, through = self._known_ranges[season]
        new_year, last = date(season, 1, 1), min(last, date(season, 12, 31))
        if max(first, new_year) < since:
            self._store_games(season, new_year, since - DAY)
            since = new_year
        if last > through:
            through = self._store_games(season, through + DAY, last)
        if (since, through) != self._known_ranges[season]:
            self._known_ranges[season] = since, through
            self._records.pop(season, None)
            summaries = list(self._summaries[season].values())
            self.feed_cache.save_index(season, SeasonIndex(self.world.label, through, summaries, since))

    def _store_games(self, season: int, first: date, last: date) -> date:
        """Learn the games between two days and return the last day then known."""
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
    """Yield the games that came to a result."""
    return (one for one in summaries if one.has_result)
