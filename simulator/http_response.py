"""What a source of bodies is asked and what it answers, whatever fills it."""

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
class Answer:
    """A body on its way out; `gzipped` says how `body` is encoded now."""

    body: bytes
    status: int = 200
    content_type: str = JSON
    gzipped: bool = False

    def plain(self) -> "Answer":
        """Return the answer with its body unpacked."""
        return replace(self, body=gzip.decompress(self.body), gzipped=False) if self.gzipped else self


class NotFound(Exception):  # noqa: N818 - named for its condition
    """There is no such thing: answered as the Stats API answers."""


class BadRequest(Exception):  # noqa: N818 - named for its condition
    """A parameter is missing or cannot be read; the message says which and what was expected."""


def told(body: Any, status: int = 200) -> Answer:
    """Answer with a JSON body."""
    return Answer(msgspec.json.encode(body), status)


def object_not_found(at: datetime) -> Answer:
    """Answer 404 with the Stats API's body."""
    return told(
        {"messageNumber": 10, "message": "Object not found", "timestamp": _stamp(at), "traceId": None}, 404
    )


def standin_failed(cause: str, at: datetime) -> Answer:
    """Answer 501, "not implemented": the stand-in itself failed, and asking again does not help."""
    message = f"The stand-in itself failed: {cause}"
    return told({"messageNumber": 1, "message": message, "timestamp": _stamp(at), "traceId": None}, 501)


def invalid_request(why: str, at: datetime) -> Answer:
    """Answer 400 with a body in the Stats API's shape."""
    return told({"messageNumber": 11, "message": why, "timestamp": _stamp(at), "traceId": None}, 400)


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Bodies(Protocol):
    """Everything the outside world can be asked; raises NotFound and BadRequest."""

    now: datetime

    def schedule(self, query: Query) -> Answer:
        """Answer `/api/v1/schedule`."""

    def game_changes(self, query: Query) -> Answer:
        """Answer `/api/v1/game/changes`."""

    def feed(self, game_pk: int, query: Query) -> Answer:
        """Answer `/api/v1.1/game/{pk}/feed/live`."""

    def game_part(self, game_pk: int, part: str) -> Answer:
        """Answer `/api/v1/game/{pk}/boxscore`, `linescore` or `playByPlay`."""

    def teams(self, query: Query) -> Answer:
        """Answer `/api/v1/teams`."""

    def roster(self, club: int, query: Query) -> Answer:
        """Answer `/api/v1/teams/{id}/roster`."""

    def team_stats(self, club: int, query: Query) -> Answer:
        """Answer `/api/v1/teams/{id}/stats`."""

    def transactions(self, query: Query) -> Answer:
        """Answer `/api/v1/transactions`."""

    def standings(self, query: Query) -> Answer:
        """Answer `/api/v1/standings`."""

    def people(self, query: Query) -> Answer:
        """Answer `/api/v1/people`."""

    def person_stats(self, person: int, query: Query) -> Answer:
        """Answer `/api/v1/people/{id}/stats`."""

    def venues(self, query: Query) -> Answer:
        """Answer `/api/v1/venues`."""

    def sports(self, query: Query) -> Answer:
        """Answer `/api/v1/sports`."""

    def seasons(self, query: Query) -> Answer:
        """Answer `/api/v1/seasons`."""

    def savant(self, query: Query) -> Answer:
        """Answer `/statcast_search/csv`."""

    def forecast(self, query: Query) -> Answer:
        """Answer `/v1/forecast`."""

    def odds(self, query: Query) -> Answer:
        """Answer `/v4/sports/baseball_mlb/odds`."""

    def past_odds(self, query: Query) -> Answer:
        """Answer `/v4/historical/sports/baseball_mlb/odds`."""

    def odds_events(self, query: Query) -> Answer:
        """Answer `/v4/sports/baseball_mlb/events`."""
