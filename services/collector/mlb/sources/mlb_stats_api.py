"""The MLB Stats API: which address answers what we ask."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import partial
from typing import TypeVar

import msgspec

from services.collector.errors import BodyUnusable, WithoutPlays
from services.collector.http_source import Fetched, HttpSource
from services.collector.mlb import feed
from services.collector.mlb.feed import Asked
from services.collector.mlb.wire.decoding import decode_json
from services.collector.mlb.wire.feed import Feed
from services.collector.mlb.wire.misc import Clubs, GameLogs, Roster, Seasons, Standings, Transactions, Venues
from services.collector.mlb.wire.schedule import Changes, Schedule
from services.collector.response_body import MB

T = TypeVar("T", bound=msgspec.Struct)

MLB = 1  # sportId
LEAGUES = "103,104"
SEASON_LIMIT = 64 * MB  # of a schedule: a whole season's, hydrated, has about 20
HYDRATE_COMING = "team,probablePitcher,lineups,weather"


class MlbStatsApi:
    """Every method returns the decoded body with its bytes; all raise SourceUnavailable."""

    def __init__(self, http: HttpSource) -> None:
        self._http = http

    def schedule(self, first: date, last: date, *, coming: bool) -> Fetched[Schedule]:
        """Return the listings from `first` to `last`, of no other day; where games are to come, hydrated."""
        asked = {"sportId": MLB, "startDate": first.isoformat(), "endDate": last.isoformat()}
        hydrate = {"hydrate": HYDRATE_COMING} if coming else {}
        decode = _body(Schedule)

        def within(body: bytes) -> Schedule:
            schedule = decode(body)
            if foreign := [day.date for day in schedule.dates if not first <= day.date <= last]:
                raise BodyUnusable(f"expected games of {first} to {last}, got some of {foreign[0]}")
            return schedule

        return self._http.get("/api/v1/schedule", within, asked | hydrate, SEASON_LIMIT)

    def seasons(self, year: int) -> Fetched[Seasons]:
        """Return the dates of a season."""
        return self._http.get("/api/v1/seasons", _body(Seasons), {"sportId": MLB, "season": year})

    def changes(self, since: datetime) -> Fetched[Changes]:
        """Return the listings of games of which anything changed since."""
        asked = {"sportId": MLB, "updatedSince": since.strftime("%Y-%m-%dT%H:%M:%SZ")}
        return self._http.get("/api/v1/game/changes", _body(Changes), asked, SEASON_LIMIT)

    def feed(self, asked: Asked) -> Fetched[Feed]:
        """Return a game's live feed; an empty one is asked for again.

        One that has a box score and no plays is taken when no try brings any.
        """
        path, decode = f"/api/v1.1/game/{asked.game_pk}/feed/live", partial(feed.decode, asked=asked)
        try:
            return self._http.get(path, decode)
        except WithoutPlays:
            return self._http.get(path, partial(decode, needs_plays=False))

    def clubs(self, season: int) -> Fetched[Clubs]:
        """Return the clubs of a season."""
        return self._http.get("/api/v1/teams", _body(Clubs), {"sportId": MLB, "season": season})

    def roster(self, team_id: int, day: date, roster_type: str) -> Fetched[Roster]:
        """Return a club's roster ("active" or "40Man") as of a day, with every man's particulars."""
        asked = {"rosterType": roster_type, "date": day.isoformat(), "hydrate": "person"}
        decode = _body(Roster)

        def of_club(body: bytes) -> Roster:
            roster = decode(body)
            if roster.team_id not in (None, team_id):
                raise BodyUnusable(f"expected the roster of club {team_id}, got that of {roster.team_id}")
            return roster

        return self._http.get(f"/api/v1/teams/{team_id}/roster", of_club, asked)

    def transactions(self, first: date, last: date) -> Fetched[Transactions]:
        """Return the player movements from `first` to `last`."""
        asked = {"sportId": MLB, "startDate": first.isoformat(), "endDate": last.isoformat()}
        return self._http.get("/api/v1/transactions", _body(Transactions), asked)

    def standings(self, day: date) -> Fetched[Standings]:
        """Return the standings after the games of a day."""
        asked = {"leagueId": LEAGUES, "season": day.year, "date": day.isoformat()}
        return self._http.get("/api/v1/standings", _body(Standings), asked)

    def venues(self, venue_ids: Iterable[int]) -> Fetched[Venues]:
        """Return ballparks with place, size and time zone."""
        asked = {"venueIds": ",".join(map(str, venue_ids)), "hydrate": "location,fieldInfo,timezone"}
        return self._http.get("/api/v1/venues", _body(Venues), asked)

    def game_log(self, person_id: int, day: date, group: str) -> Fetched[GameLogs]:
        """Return a player's lines of a day; `group` is hitting, pitching or fielding."""
        asked = {
            "stats": "gameLog",
            "group": group,
            "season": day.year,
            "startDate": day.isoformat(),
            "endDate": day.isoformat(),
        }
        return self._http.get(f"/api/v1/people/{person_id}/stats", _body(GameLogs), asked)


def _body(kind: type[T]) -> Callable[[bytes], T]:
    return partial(decode_json, msgspec.json.Decoder(kind), expected=kind.__name__)
