"""HTTP responses, and the protocol of a backend that produces them."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

import msgspec

JSON = "application/json;charset=UTF-8"
CSV = "text/csv;charset=utf-8"
Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An HTTP response; `gzipped` says whether `body` is compressed."""

    body: bytes
    status: int = 200
    content_type: str = JSON
    gzipped: bool = False

    def decompressed(self) -> "HttpResponse":
        """Return the response with its body decompressed."""
        return replace(self, body=gzip.decompress(self.body), gzipped=False) if self.gzipped else self


class NotFound(Exception):
    """The object does not exist; the response is the Stats API's 404."""


class BadRequest(Exception):
    """A parameter is missing or malformed; the message says which and what was expected."""


def json_response(body: Any, status: int = 200) -> HttpResponse:
    """Return a response with a JSON body."""
    return HttpResponse(msgspec.json.encode(body), status)


def object_not_found(at: datetime) -> HttpResponse:
    """Return a 404 with the Stats API's body."""
    return json_response(
        {
            "messageNumber": 10,
            "message": "Object not found",
            "timestamp": _format_timestamp(at),
            "traceId": None,
        },
        404,
    )


def simulator_failed(cause: str, at: datetime) -> HttpResponse:
    """Return a 501: the simulator itself failed, and a client that retries 5xx must not retry this."""
    message = f"The simulator failed: {cause}"
    return json_response(
        {"messageNumber": 1, "message": message, "timestamp": _format_timestamp(at), "traceId": None}, 501
    )


def invalid_request(why: str, at: datetime) -> HttpResponse:
    """Return a 400 with a body in the Stats API's shape."""
    return json_response(
        {"messageNumber": 11, "message": why, "timestamp": _format_timestamp(at), "traceId": None}, 400
    )


def _format_timestamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class ApiBackend(Protocol):
    """One method for each path that the data sources serve; they raise NotFound and BadRequest."""

    now: datetime

    def get_schedule(self, query: Query) -> HttpResponse:
        """Serve `/api/v1/schedule`."""

    def get_game_changes(self, query: Query) -> HttpResponse:
        """Serve `/api/v1/game/changes`."""

    def get_feed(self, game_pk: int, query: Query) -> HttpResponse:
        """Serve `/api/v1.1/game/{pk}/feed/live`."""

    def get_game_part(self, game_pk: int, part: str) -> HttpResponse:
        """Serve `/api/v1/game/{pk}/boxscore`, `linescore` or `playByPlay`."""

    def get_teams(self, query: Query) -> HttpResponse:
        """Serve `/api/v1/teams`."""

    def get_roster(self, club: int, query: Query) -> HttpResponse:
        """Serve `/api/v1/teams/{id}/roster`."""

    def get_team_stats(self, club: int, query: Query) -> HttpResponse:
        """Serve `/api/v1/teams/{id}/stats`."""

    def get_transactions(self, query: Query) -> HttpResponse:
        """Serve `/api/v1/transactions`."""

    def get_standings(self, query: Query) -> HttpResponse:
        """Serve `/api/v1/standings`."""

    def get_people(self, query: Query) -> HttpResponse:
        """Serve `/api/v1/people`."""

    def get_person_stats(self, person: int, query: Query) -> HttpResponse:
        """Serve `/api/v1/people/{id}/stats`."""

    def get_venues(self, query: Query) -> HttpResponse:
        """Serve `/api/v1/venues`."""

    def get_sports(self, query: Query) -> HttpResponse:
        """Serve `/api/v1/sports`."""

    def get_seasons(self, query: Query) -> HttpResponse:
        """Serve `/api/v1/seasons`."""

    def get_pitches_csv(self, query: Query) -> HttpResponse:
        """Serve `/statcast_search/csv`."""

    def get_forecast(self, query: Query) -> HttpResponse:
        """Serve `/v1/forecast`."""

    def get_odds(self, query: Query) -> HttpResponse:
        """Serve `/v4/sports/baseball_mlb/odds`."""

    def get_past_odds(self, query: Query) -> HttpResponse:
        """Serve `/v4/historical/sports/baseball_mlb/odds`."""

    def get_odds_events(self, query: Query) -> HttpResponse:
        """Serve `/v4/sports/baseball_mlb/events`."""
