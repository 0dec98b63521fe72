"""Responses rendered from a world, as of the simulator's clock: later events are hidden."""

import gzip
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from shared.storage.files import write_atomically
from simulator import queries
from simulator.clubs import venues_in
from simulator.game_record import BookmakerQuote, GameRecord
from simulator.http_response import CSV, BadRequest, HttpResponse, NotFound, Query, json_response
from simulator.season_store import SeasonStore
from simulator.wire import clubs, odds, people, savant, schedule, standings, stats, transactions, weather
from simulator.wire.codes import COPYRIGHT
from simulator.wire.feed import FINAL_STATES, render_feed
from simulator.wire.game_summaries import GameSummary, list_listings
from simulator.wire.reference_data import ReferenceData
from simulator.wire.schedule import Entry
from simulator.wire.tally import final_score
from simulator.wire.timeline import as_of, has_changed_since, last_out, state_at

DAY = timedelta(days=1)


@runtime_checkable
class QuotesOdds(Protocol):
    """A world with bookmakers."""

    def list_quotes(self, game_pk: int, at: datetime) -> Sequence[BookmakerQuote]:
        """Return their quotes on a game at an instant."""


_FEED_PARTS = {"boxscore": "boxscore", "linescore": "linescore", "playByPlay": "plays"}


class WorldApiBackend:
    """Serves any world from a `SeasonStore`, as of `now` (UTC), which may be moved."""

    def __init__(self, store: SeasonStore, now: datetime) -> None:
        self._store, self.now = store, now

    def get_schedule(self, query: Query) -> HttpResponse:
        """Serve the games listed on a day, in a range, or of given numbers."""
        if "gamePk" in query:
            found = [self._find_summary(game_pk) for game_pk in queries.parse_int_list(query, "gamePk")]
            return self._schedule_response(found, query, (date.min, date.max))
        first, last = queries.parse_date_range(query, self.now.date())
        return self._schedule_response(self._store.list_summaries(first, last), query, (first, last))

    def get_game_changes(self, query: Query) -> HttpResponse:
        """Serve the games whose state changed after `updatedSince`."""
        since = queries.parse_instant(query, "updatedSince")
        summaries = self._store.list_summaries(since.date() - 2 * DAY, self.now.date() + DAY)
        changed_games = [summary for summary in summaries if has_changed_since(summary.game, since, self.now)]
        return self._schedule_response(changed_games, query, (date.min, date.max))

    def get_feed(self, game_pk: int, query: Query) -> HttpResponse:
        """Serve a game's feed; a final one from the store."""
        summary, at = self._find_summary(game_pk), queries.parse_time_code(query, self.now)
        if summary.has_result and last_out(summary.game) <= at:
            return HttpResponse(self._store.load_feed(summary), gzipped=True)
        return json_response(self._render_feed(summary, at))

    def get_game_part(self, game_pk: int, part: str) -> HttpResponse:
        """Serve one part of a game's feed."""
        return json_response(
            self._render_feed(self._find_summary(game_pk), self.now)["liveData"][_FEED_PARTS[part]]
        )

    def get_teams(self, query: Query) -> HttpResponse:
        """Serve the clubs of a season."""
        season = queries.parse_int(query, "season", self.now.year)
        if season not in self._store.world.list_seasons() or query.get("sportId", "1") != "1":
            return json_response({"copyright": COPYRIGHT, "teams": []})
        return json_response(clubs.render_teams(self._store.get_reference_data(season)))

    def get_roster(self, club: int, query: Query) -> HttpResponse:
        """Serve a club's active or 40-man roster on a day."""
        on, kind = queries.parse_date(query, "date", self.now.date()), query.get("rosterType", "active")
        if kind not in ("active", "40Man"):
            raise BadRequest(f"rosterType must be active or 40Man, not {kind!r}")
        reference = self._reference_data(on.year)
        if club not in reference.clubs:
            raise NotFound
        return json_response(
            people.render_roster(club, self._store.world.get_roster(club, on, kind), kind, reference)
        )

    def get_team_stats(self, club: int, query: Query) -> HttpResponse:
        """Serve a club's totals over the season so far, or between `startDate` and `endDate`."""
        season = queries.parse_int(query, "season", self.now.year)
        reference = self._reference_data(season)
        if club not in reference.clubs:
            raise NotFound
        groups = queries.parse_list(query, "group") or list(stats.GROUPS)
        games = self._completed_games(query, season, club)
        return json_response(stats.render_team_stats(club, groups, games, reference))

    def get_transactions(self, query: Query) -> HttpResponse:
        """Serve the transactions of a day or a range, none after today."""
        first, last = queries.parse_date_range(query)
        last = min(last, self.now.date())
        moves = self._store.world.list_transactions(first, last) if first <= last else []
        return json_response(transactions.render_transactions(moves, self._reference_data(first.year)))

    def get_standings(self, query: Query) -> HttpResponse:
        """Serve the standings after the games of a day."""
        season = queries.parse_int(query, "season", self.now.year)
        through = queries.parse_date(query, "date", min(self.now.date(), date(season, 12, 31)))
        leagues = queries.parse_int_list(query, "leagueId") or [103, 104]
        summaries = (
            self._store.season_summaries(season, through)
            if season in self._store.world.list_seasons()
            else []
        )
        return json_response(
            standings.render_standings(summaries, through, self.now, leagues, self._reference_data(season))
        )

    def get_people(self, query: Query) -> HttpResponse:
        """Serve the people of the given ids; unknown ids are skipped."""
        known = self._store.world.people_by_id()
        person_ids = queries.parse_int_list(query, "personIds")
        return json_response(
            people.render_people([known[person] for person in person_ids if person in known], self.now.year)
        )

    def get_person_stats(self, person: int, query: Query) -> HttpResponse:
        """Serve a player's game log between two dates, or of the season so far."""
        if query.get("stats", "gameLog") != "gameLog":
            raise BadRequest(f"stats must be gameLog, not {query['stats']!r}")
        if person not in self._store.world.people_by_id():
            raise NotFound
        season = queries.parse_int(
            query, "season", queries.parse_date(query, "startDate", self.now.date()).year
        )
        group = query.get("group", "hitting")
        games = self._completed_games(query, season)
        return json_response(stats.render_game_log(person, group, games, self._reference_data(season)))

    def get_venues(self, query: Query) -> HttpResponse:
        """Serve the parks of the given ids, or all."""
        season = queries.parse_int(query, "season", self.now.year)
        known = venues_in(season, self._store.world.venues_by_id())
        venue_ids = queries.parse_int_list(query, "venueIds") or list(known)
        return json_response(
            clubs.render_venues([known[venue] for venue in venue_ids if venue in known], season, self.now)
        )

    def get_sports(self, _query: Query) -> HttpResponse:
        """Serve the list of sports: baseball alone."""
        return json_response(clubs.render_sports())

    def get_seasons(self, query: Query) -> HttpResponse:
        """Serve the calendar of a season, or of all."""
        world = self._store.world
        years = queries.parse_int_list(query, "season") or world.list_seasons()
        known = [year for year in years if year in world.list_seasons()]
        return json_response(clubs.render_seasons({year: world.season_dates(year) for year in known}))

    def get_pitches_csv(self, query: Query) -> HttpResponse:
        """Serve the pitches of finished games from `game_date_gt` to `game_date_lt`, both included."""
        first = queries.parse_date(query, "game_date_gt")
        last = queries.parse_date(query, "game_date_lt", first)
        summaries = [
            summary
            for summary in self._store.list_summaries(first, last)
            if first <= summary.game.official_date <= last
        ]
        finished = [summary for summary in summaries if self._is_over(summary)]
        settled = first == last < self.now.date() and all(
            self._is_over(summary) or not summary.has_result for summary in summaries
        )
        # A past day whose games are all over can no longer change: it is rendered once
        cached = self._store.feed_cache.folder / "savant" / f"{first}.csv.gz"
        if settled and cached.exists():
            return HttpResponse(cached.read_bytes(), content_type=CSV, gzipped=True)
        return self._savant_response(finished, cached if settled else None)

    def get_forecast(self, query: Query) -> HttpResponse:
        """Serve the hourly weather of some days at a place; by default three days from today."""
        first = queries.parse_date(query, "start_date", self.now.date())
        days = queries.parse_int(query, "forecast_days", 3)
        last = queries.parse_date(query, "end_date", first + (days - 1) * DAY)
        place = queries.parse_float(query, "latitude"), queries.parse_float(query, "longitude")
        metric = query.get("temperature_unit") != "fahrenheit"
        try:
            return json_response(
                weather.render_forecast(
                    place, queries.parse_list(query, "hourly"), (first, last), metric=metric
                )
            )
        except KeyError as unknown:
            raise BadRequest(f"hourly must list known variables, not {unknown}") from None

    def get_odds(self, query: Query) -> HttpResponse:
        """Serve the odds of upcoming games in The Odds API's format."""
        return json_response(self._render_odds(query, self.now))

    def get_past_odds(self, query: Query) -> HttpResponse:
        """Serve the odds as of `date`, in the envelope of historical odds."""
        at = queries.parse_instant(query, "date")
        if at > self.now:
            raise BadRequest(f"date must not be after {self.now.isoformat()}")
        return json_response(odds.render_snapshot(self._render_odds(query, at), at))

    def get_odds_events(self, _query: Query) -> HttpResponse:
        """Serve the upcoming games that have or will have odds."""
        return json_response([odds.render_event(*event) for event in self._upcoming_games(self.now)])

    def _render_odds(self, query: Query, at: datetime) -> list[dict[str, Any]]:
        world, odds_request = self._store.world, odds.OddsRequest.from_query(query)
        if not isinstance(world, QuotesOdds):
            return []
        return [
            odds.render_priced_event(game, reference, quotes, odds_request)
            for game, reference in self._upcoming_games(at)
            if (quotes := world.list_quotes(game.game_pk, at))
        ]

    def _upcoming_games(self, at: datetime) -> Iterator[tuple[GameRecord, ReferenceData]]:
        for summary in self._store.list_summaries(at.date(), at.date() + odds.AHEAD):
            if summary.has_result and summary.game.start > at and summary.game.game_type != "S":
                yield summary.game, self._store.get_reference_data(summary.game.season)

    def _find_summary(self, game_pk: int) -> GameSummary:
        summary = self._store.find_summary(game_pk, self.now.date() + 7 * DAY)
        if summary is None:
            raise NotFound
        return summary

    def _reference_data(self, season: int) -> ReferenceData:
        if season not in self._store.world.list_seasons():
            raise NotFound
        return self._store.get_reference_data(season)

    def _is_over(self, summary: GameSummary) -> bool:
        return summary.has_result and last_out(summary.game) <= self.now

    def _render_feed(self, summary: GameSummary, at: datetime) -> dict[str, Any]:
        game_with_rosters = self._store.load_game(summary)
        return render_feed(
            game_with_rosters.game,
            self._store.get_reference_data(summary.game.season),
            at,
            game_with_rosters.rosters,
        )

    def _schedule_response(
        self, summaries: Sequence[GameSummary], query: Query, days: tuple[date, date]
    ) -> HttpResponse:
        """Render the listings of games that fall between two dates and pass the query's filters."""
        kinds, club = queries.parse_list(query, "gameType"), queries.parse_int(query, "teamId", 0)
        shown = [
            summary
            for summary in summaries
            if query.get("sportId", "1") == "1"
            and (not kinds or summary.game.game_type in kinds)
            and club in (0, summary.game.home, summary.game.away)
        ]
        hydrate = frozenset(queries.parse_list(query, "hydrate"))
        return json_response(
            schedule.render_schedule(
                entry for summary in shown for entry in self._schedule_entries(summary, hydrate, days)
            )
        )

    def _schedule_entries(
        self, summary: GameSummary, hydrate: frozenset[str], days: tuple[date, date]
    ) -> Iterator[Entry]:
        reference = self._store.get_reference_data(summary.game.season)
        records = self._store.win_loss_records(summary.game.season)
        writer = schedule.ScheduleWriter(reference, records, self.now, hydrate)
        for listing in list_listings(summary.game, self.now):
            if days[0] <= listing.on <= days[1]:
                yield writer.write_entry(summary, listing, self._current_runs(summary))

    def _current_runs(self, summary: GameSummary) -> tuple[int, int] | None:
        state = state_at(summary.game, self.now).state
        if state in FINAL_STATES:
            return summary.away_runs, summary.home_runs
        if state in ("In Progress", "Suspended"):
            return final_score(as_of(self._store.load_game(summary).game, self.now).plays)
        return None

    def _completed_games(self, query: Query, season: int, club: int | None = None) -> Iterator[GameRecord]:
        opening = self._store.opening_day(season)
        first = max(queries.parse_date(query, "startDate", opening), opening)
        last = min(queries.parse_date(query, "endDate", self.now.date()), self.now.date())
        for summary in self._store.list_summaries(first, last):
            game = summary.game
            plays = club is None or club in (game.home, game.away)
            counts = game.game_type != "S" and first <= game.official_date <= last
            if plays and counts and self._is_over(summary):
                yield self._store.load_game(summary).game

    def _savant_response(self, finished: Sequence[GameSummary], cache_path: Path | None) -> HttpResponse:
        games = (
            (self._store.load_game(summary).game, self._store.get_reference_data(summary.game.season))
            for summary in finished
        )
        compressed = gzip.compress(savant.render_csv(games).encode(), 1, mtime=0)
        if cache_path:
            write_atomically(cache_path, compressed)
        return HttpResponse(compressed, content_type=CSV, gzipped=True)
