"""Errors that clients receive: problem details (RFC 9457) that say what was expected."""

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from shared.storage.first_start import FirstStart

PROBLEM_JSON = "application/problem+json"
REFRESH_S = 10  # seconds until a page of the first start is loaded again


class Problem(Exception):
    """A request that cannot be answered; `more` is added to the body."""

    def __init__(self, status: int, title: str, detail: str, more: Mapping[str, Any] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.more = dict(more or {})
        self.headers: dict[str, str] = {}

    @property
    def sentence(self) -> str:
        """Return the error as a sentence for a page."""
        return f"{self.detail[:1].upper()}{self.detail[1:]}".removesuffix(".") + "."

    def to_dict(self) -> dict[str, Any]:
        """Return the problem as clients read it."""
        fields = {"type": "about:blank", "title": self.title, "status": self.status, "detail": self.detail}
        return {**fields, **self.more}

    def to_json(self) -> bytes:
        """Return the problem as JSON."""
        return msgspec.json.encode(self.to_dict())

    def to_response(self) -> Response:
        """Return the problem as `application/problem+json`."""
        return Response(self.to_json(), self.status, self.headers, content_type=PROBLEM_JSON)


class UnknownTeam(Problem):
    """No club has that name."""

    def __init__(self, given: object, suggestions: list[str]) -> None:
        super().__init__(404, "unknown team", f"no club has the name {given!r}", {"suggestions": suggestions})


class AmbiguousTeam(Problem):
    """Several clubs have that name."""

    def __init__(self, given: object, suggestions: list[str]) -> None:
        detail = f"{len(suggestions)} clubs have the name {given!r}: send the full name or the abbreviation"
        super().__init__(409, "ambiguous team", detail, {"suggestions": suggestions})


class UnknownPlayer(Problem):
    """No player has that id or name."""

    def __init__(self, detail: str, suggestions: list[str]) -> None:
        super().__init__(404, "unknown player", detail, {"suggestions": suggestions})


class AmbiguousPlayer(Problem):
    """Several players have one name."""

    def __init__(self, name: str, players: list[dict[str, Any]]) -> None:
        detail = f"{len(players)} players have the name {name!r}: send player_id"
        super().__init__(409, "ambiguous player", detail, {"players": players})


class UnknownGame(Problem):
    """The schedule has no such game."""

    def __init__(self, detail: str, suggestions: list[str]) -> None:
        super().__init__(404, "unknown game", detail, {"suggestions": suggestions})


class UnknownReport(Problem):
    """No morning report has that day."""

    def __init__(self, morning: str, suggestions: list[str]) -> None:
        super().__init__(
            404, "unknown report", f"no report of {morning} is stored", {"suggestions": suggestions}
        )


class NothingScheduled(Problem):
    """No game is to be played on a day, or nothing is known of it."""

    def __init__(self, kind: str, message: str, known_until: str) -> None:
        more = {"kind": kind, "schedule_known_until": known_until}
        super().__init__(404, "no game on that day", message, more)


class AmbiguousGame(Problem):
    """Two games fit: a doubleheader."""

    def __init__(self, game_numbers: list[int]) -> None:
        detail = "the clubs meet more than once that day: send game_number"
        super().__init__(409, "ambiguous game", detail, {"game_numbers": game_numbers})


class PlayerNotExpected(Problem):
    """A player is in no line-up known or projected in a role with the requested statistics."""

    def __init__(self, name: str, stats: list[str], day: str) -> None:
        role = f" in a role for which {' or '.join(stats)} would be forecast" if stats else ""
        detail = f"{name} is in no line-up known or projected for {day}{role}"
        super().__init__(404, "not in a line-up", detail)


class PlayerWithoutClub(Problem):
    """A player who has not played for a club has no game to forecast."""

    def __init__(self, name: str) -> None:
        detail = f"{name} has not played for a club: none of their games can be named"
        super().__init__(404, "player without a club", detail)


class InvalidRequest(Problem):
    """A body or a parameter does not fit what is expected."""

    def __init__(self, expected: str, errors: list[dict[str, Any]]) -> None:
        detail = f"expected {expected}: `errors` has the path of each part that does not fit"
        super().__init__(422, "invalid request", detail, {"errors": errors})
        self._expected, self._got = expected, ", ".join(str(error["got"]) for error in errors)

    @property
    def sentence(self) -> str:
        """Return the error for a page, whose request has an address and no body."""
        return f"Expected {self._expected}, got {self._got}."


class ApiKeyRejected(Problem):
    """No key came, or one that is not known or no longer valid."""

    def __init__(self, why: str) -> None:
        super().__init__(401, "key required", f"expected a valid key in the header X-API-Key, {why}")
        self.headers["WWW-Authenticate"] = "ApiKey"


class TooManyRequests(Problem):
    """A client sent more requests than its limit allows."""

    def __init__(self, limit: int, window: str, wait: int) -> None:
        detail = f"{limit} requests a {window} are allowed: retry in {wait} s"
        super().__init__(429, "too many requests", detail, {"retry_after": wait})
        self.headers["Retry-After"] = str(wait)


class TooManyBodies(Problem):
    """More bodies are being received than the limit, in all or of one client."""

    def __init__(self) -> None:
        super().__init__(503, "busy", "too many bodies are being received: retry in a few seconds")
        self.headers["Retry-After"] = "5"


class ServerBusy(Problem):
    """More requests wait for a thread than may wait."""

    def __init__(self) -> None:
        super().__init__(503, "busy", "too many requests are waiting: retry in a few seconds")
        self.headers["Retry-After"] = "5"


class LengthMissing(Problem):
    """A chunked body, whose length is unknown before its end."""

    def __init__(self) -> None:
        super().__init__(411, "length required", "expected Content-Length, got Transfer-Encoding")


class LengthInvalid(Problem):
    """A Content-Length that is not plain digits."""

    def __init__(self, given: str) -> None:
        super().__init__(
            400,
            "invalid length",
            f"expected Content-Length in digits without leading zeros, got {given[:40]!r}",
        )


class BodyTooLarge(Problem):
    """A body longer than any request."""

    def __init__(self, most: int) -> None:
        super().__init__(413, "request entity too large", f"expected a body of at most {most} bytes")


class BodyTimeout(Problem):
    """A body that was not complete in time."""

    def __init__(self, within: float) -> None:
        super().__init__(408, "request timeout", f"expected the complete body within {within:g} s")


class BodyIncomplete(Problem):
    """A body that ended before its announced length."""

    def __init__(self) -> None:
        super().__init__(400, "incomplete body", "the body ended before its announced length")


class UnknownHost(Problem):
    """A Host header that names no address under which this API is served."""

    def __init__(self) -> None:
        super().__init__(421, "misdirected request", "expected a Host among those of HANKSTANK_API_HOSTS")


class PushRejected(Problem):
    """A push that does not come from this machine's own bus."""

    def __init__(self) -> None:
        detail = "expected a push from this machine itself: loopback, a local Host, no proxy between"
        super().__init__(403, "push refused", detail)


class GamePlayed(Problem):
    """The day is over and no forecast of this was stored before it."""

    def __init__(self, day: str, as_of: str) -> None:
        detail = (
            f"results are known up to {as_of}: of {day} no forecast that answers this was stored before it"
        )
        super().__init__(409, "game already played", detail, {"as_of": as_of})


class NotPlayedYet(Problem):
    """The day is not over: its results are not known."""

    def __init__(self, day: str, as_of: str) -> None:
        detail = f"results are known up to {as_of}: GET /slate/{day} has the forecasts of {day}"
        super().__init__(409, "not played yet", detail, {"as_of": as_of})


class NotReady(Problem):
    """No release is served: none is loaded yet, or those that are there were refused.

    While the first start of `hankstank live` fills the stores, `first_start` says how far it is.
    """

    def __init__(self, refused: str | None = None, first_start: FirstStart | None = None) -> None:
        self.first_start = first_start
        detail = "no release with models is loaded yet: `hankstank run` or the daily schedule publishes one"
        if refused:
            detail = f"no release can be served: release {refused}"
        elif first_start:
            detail = f"no forecasts yet: {first_start.describe()}"
        more = {"first_start": msgspec.to_builtins(first_start)} if first_start else {}
        super().__init__(503, "not ready", detail, more)
        if first_start:
            self.headers["Retry-After"] = str(REFRESH_S)


class ModelMissing(Problem):
    """The release has models, but none of this target yet."""

    def __init__(self, target: str) -> None:
        detail = f"no model of {target} is released yet: it takes more games to train one"
        super().__init__(503, "no such model yet", detail, {"target": target})


def from_http(error: HTTPException) -> Problem:
    """Return werkzeug's refusal (404, 405, 413, 415 …) as a problem."""
    problem = Problem(error.code or 500, error.name.lower(), error.description or error.name)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        problem.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return problem
