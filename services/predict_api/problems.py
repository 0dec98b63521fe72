"""Errors as clients see them: problem details (RFC 9457) that say what was expected."""

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Response
from werkzeug.exceptions import HTTPException


class Problem(Exception):  # noqa: N818 - the name RFC 9457 gives it
    """A request that cannot be answered; `more` is added to the body."""

    def __init__(self, status: int, title: str, detail: str, more: Mapping[str, Any] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.more = dict(more or {})

    def response(self) -> Response:
        """Return the problem as `application/problem+json`."""
        body = {"type": "about:blank", "title": self.title, "status": self.status, "detail": self.detail}
        return Response(
            msgspec.json.encode({**body, **self.more}), self.status, content_type="application/problem+json"
        )


class UnknownTeam(Problem):
    """No club goes by that name."""

    def __init__(self, given: object, near: list[str]) -> None:
        super().__init__(404, "unknown team", f"no club goes by {given!r}", {"near": near})


class UnknownPlayer(Problem):
    """No player has that id."""

    def __init__(self, player_id: int) -> None:
        super().__init__(404, "unknown player", f"no player with id {player_id} has been seen in a game")


class UnknownGame(Problem):
    """The schedule has no such game."""

    def __init__(self, detail: str, near: list[str]) -> None:
        super().__init__(404, "unknown game", detail, {"near": near})


class AmbiguousGame(Problem):
    """Two games fit: a doubleheader."""

    def __init__(self, game_numbers: list[int]) -> None:
        detail = "the clubs meet more than once that day: send game_number"
        super().__init__(409, "ambiguous game", detail, {"game_numbers": game_numbers})


class GamePlayed(Problem):
    """The day is known to the snapshot and no forecast was stored before it."""

    def __init__(self, day: str, as_of: str) -> None:
        detail = f"games of {day} are already known (as of {as_of}) and no forecast was stored before them"
        super().__init__(409, "game already played", detail, {"as_of": as_of})


class NotReady(Problem):
    """No release is loaded yet."""

    def __init__(self) -> None:
        super().__init__(503, "not ready", "no release with models is loaded yet: run a build first")


class NoModel(Problem):
    """The release has models, but none of this target yet."""

    def __init__(self, target: str) -> None:
        detail = f"no model of {target} is released yet: it takes more games to train one"
        super().__init__(503, "no such model yet", detail, {"target": target})


def from_http(error: HTTPException) -> Problem:
    """Return werkzeug's refusal (404, 405, 413, 415 …) as a problem."""
    return Problem(error.code or 500, error.name.lower(), error.description or error.name)
