"""Client of the MLB Stats API."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import partial
from typing import TypeVar

import msgspec

from services.collector.errors import InvalidBody, MissingPlays
from services.collector.http_source import FetchedResponse, HttpSource
from services.collector.mlb import feed
from services.collector.mlb.feed import ExpectedGame
from services.collector.mlb.wire.decoding import decode_json
from services.collector.mlb.wire.feed import Feed
from services.collector.mlb.wire.misc import Clubs, GameLogs, Roster, Seasons, Standings, Transactions, Venues
from services.collector.mlb.wire.schedule import Changes, Schedule
from services.collector.response_body import MB

T = TypeVar("T", bound=msgspec.Struct)

MLB = 1  # sportId
LEAGUES = "103,104"
SEASON_LIMIT = 64 * MB  # of a schedule; a whole season's, hydrated, is about 20 MB
HYDRATE_UPCOMING = "team,probablePitcher,lineups,weather"


class MlbStatsApi:
    """Every method returns the decoded body with its bytes; all raise SourceUnavailable."""

    def __init__(self, http: HttpSource) -> None:
        self._http = http

    def fetch_schedule(self, first: date, last: date, *, upcoming: bool) -> FetchedResponse[Schedule]:
        """Return the listings from `first` to `last` only; with line-ups and starters where `upcoming`."""
        params = {"sportId": MLB, "startDate": first.isoformat(), "endDate": last.isoformat()}
        hydrate = {"hydrate": HYDRATE_UPCOMING} if upcoming else {}
        decode = _json_decoder(Schedule)

        def decode_within_range(body: bytes) -> Schedule:
            schedule = decode(body)
            if foreign := [day.date for day in schedule.dates if not first <= day.date <= last]:
                raise InvalidBody(f"expected games of {first} to {last}, got some of {foreign[0]}")
            return schedule

        return self._http.get("/api/v1/schedule", decode_within_range, params | hydrate, SEASON_LIMIT)

    def fetch_seasons(self, year: int) -> FetchedResponse[Seasons]:
        """Return the dates of a season."""
        return self._http.get("/api/v1/seasons", _json_decoder(Seasons), {"sportId": MLB, "season": year})

    def fetch_changes(self, since: datetime) -> FetchedResponse[Changes]:
        """Return the listings of games that changed after `since`."""
        params = {"sportId": MLB, "updatedSince": since.strftime("%Y-%m-%dT%H:%M:%SZ")}
        return self._http.get("/api/v1/game/changes", _json_decoder(Changes), params, SEASON_LIMIT)

    def fetch_feed(self, game: ExpectedGame) -> FetchedResponse[Feed]:
        """Return a game's live feed; an empty one is fetched again.

        One with a box score and no plays is accepted when no try returns plays.
        """
        path, decode = (
            _feed_path(game.game_pk),
            partial(feed.decode_feed, expected_game=game),
        )
        try:
            return self._http.get(path, decode)
        except MissingPlays:
            return self._http.get(path, partial(decode, needs_plays=False))

    def feed_url(self, game_pk: int) -> str:
        """Return the address of a game's live feed."""
        return f"{self._http.base_url}{_feed_path(game_pk)}"

    def fetch_clubs(self, season: int) -> FetchedResponse[Clubs]:
        """Return the clubs of a season."""
        return self._http.get("/api/v1/teams", _json_decoder(Clubs), {"sportId": MLB, "season": season})

    def fetch_roster(self, team_id: int, day: date, roster_type: str) -> FetchedResponse[Roster]:
        """Return a club's roster ("active" or "40Man") as of a day, with every player's details."""
        params = {"rosterType": roster_type, "date": day.isoformat(), "hydrate": "person"}
        decode = _json_decoder(Roster)

        def decode_club_roster(body: bytes) -> Roster:
            roster = decode(body)
            if roster.team_id not in (None, team_id):
                raise InvalidBody(f"expected the roster of club {team_id}, got that of {roster.team_id}")
            return roster

        return self._http.get(f"/api/v1/teams/{team_id}/roster", decode_club_roster, params)

    def fetch_transactions(self, first: date, last: date) -> FetchedResponse[Transactions]:
        """Return the player movements from `first` to `last`."""
        params = {"sportId": MLB, "startDate": first.isoformat(), "endDate": last.isoformat()}
        return self._http.get("/api/v1/transactions", _json_decoder(Transactions), params)

    def fetch_standings(self, day: date) -> FetchedResponse[Standings]:
        """Return the standings after the games of a day."""
        params = {"leagueId": LEAGUES, "season": day.year, "date": day.isoformat()}
        return self._http.get("/api/v1/standings", _json_decoder(Standings), params)

    def fetch_venues(self, venue_ids: Iterable[int]) -> FetchedResponse[Venues]:
        """Return ballparks with place, size and time zone."""
        params = {"venueIds": ",".join(map(str, venue_ids)), "hydrate": "location,fieldInfo,timezone"}
        return self._http.get("/api/v1/venues", _json_decoder(Venues), params)

    def fetch_game_log(self, person_id: int, day: date, group: str) -> FetchedResponse[GameLogs]:
        """Return a player's lines of a day; `group` is hitting, pitching or fielding."""
        params = {
            "stats": "gameLog",
            "group": group,
            "season": day.year,
            "startDate": day.isoformat(),
            "endDate": day.isoformat(),
        }
        return self._http.get(f"/api/v1/people/{person_id}/stats", _json_decoder(GameLogs), params)


def _feed_path(game_pk: int) -> str:
    return f"/api/v1.1/game/{game_pk}/feed/live"


def _json_decoder(kind: type[T]) -> Callable[[bytes], T]:
    return partial(decode_json, msgspec.json.Decoder(kind), expected=kind.__name__)
