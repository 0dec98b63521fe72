"""The outside world as a Flask application: paths to bodies, the stand-in's clock and its faults."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, request

from simulator import queries
from simulator.failures import Failures
from simulator.faults import Fault, Faults, strike
from simulator.http_response import (
    Answer,
    BadRequest,
    Bodies,
    NotFound,
    Query,
    invalid_request,
    object_not_found,
    standin_failed,
    told,
)

_ROUTES: dict[str, Callable[..., Callable[..., Answer]]] = {
    "/api/v1/schedule": lambda bodies: bodies.schedule,
    "/api/v1/game/changes": lambda bodies: bodies.game_changes,
    "/api/v1.1/game/<int:game_pk>/feed/live": lambda bodies: bodies.feed,
    "/api/v1/teams": lambda bodies: bodies.teams,
    "/api/v1/teams/<int:club>/roster": lambda bodies: bodies.roster,
    "/api/v1/teams/<int:club>/stats": lambda bodies: bodies.team_stats,
    "/api/v1/transactions": lambda bodies: bodies.transactions,
    "/api/v1/standings": lambda bodies: bodies.standings,
    "/api/v1/people": lambda bodies: bodies.people,
    "/api/v1/people/<int:person>/stats": lambda bodies: bodies.person_stats,
    "/api/v1/venues": lambda bodies: bodies.venues,
    "/api/v1/sports": lambda bodies: bodies.sports,
    "/api/v1/seasons": lambda bodies: bodies.seasons,
    "/statcast_search/csv": lambda bodies: bodies.savant,
    "/v1/forecast": lambda bodies: bodies.forecast,
    "/v4/sports/baseball_mlb/odds": lambda bodies: bodies.odds,
    "/v4/sports/baseball_mlb/events": lambda bodies: bodies.odds_events,
    "/v4/historical/sports/baseball_mlb/odds": lambda bodies: bodies.past_odds,
}


def create_app(bodies: Bodies, faults: Faults | None = None) -> Flask:
    """Return the application over a source of bodies.

    Beside the world's own paths it has `/standin/clock` (`{"now": "2026-05-30T12:00:00Z"}`) and
    `/standin/faults` (a list of faults, see `faults.Fault`): GET tells, POST sets. `/standin/failures` tells
    what went wrong in the stand-in itself.
    """
    app = Flask("simulator")
    struck, failures = faults or Faults(), Failures()
    for path, of in _ROUTES.items():
        app.add_url_rule(path, path, _view(bodies, struck, failures, of(bodies)))
    for part in ("boxscore", "linescore", "playByPlay"):
        view = _view(bodies, struck, failures, _without_query(bodies.game_part))
        app.add_url_rule(f"/api/v1/game/<int:game_pk>/{part}", part, view, defaults={"part": part})
    app.add_url_rule("/standin/clock", "clock", lambda: _clock(bodies), methods=["GET", "POST"])
    app.add_url_rule(
        "/standin/faults", "faults", lambda: _faults(struck, bodies.now), methods=["GET", "POST"]
    )
    app.add_url_rule("/standin/failures", "failures", lambda: _sent(told(failures.listed())))
    app.register_error_handler(404, lambda _error: _sent(object_not_found(bodies.now)))
    return app


def _view(
    bodies: Bodies, faults: Faults, failures: Failures, answer: Callable[..., Answer]
) -> Callable[..., Response]:
    def view(*_args: object, **path: Any) -> Response:
        try:
            given = _answered(answer, [*path.values(), request.args], bodies.now)
        except Exception as error:  # noqa: BLE001 - a client must learn that the fault is not the source's
            given = standin_failed(failures.note(request.path, error), bodies.now)
        fault = faults.take(request.full_path)
        return _sent(given) if fault is None else _struck(fault, given)

    return view


def _without_query(answer: Callable[..., Answer]) -> Callable[..., Answer]:
    return lambda *asked: answer(*asked[:-1])


def _answered(answer: Callable[..., Answer], asked: list[Any], now: datetime) -> Answer:
    try:
        return answer(*asked)
    except NotFound:
        return object_not_found(now)
    except BadRequest as bad:
        return invalid_request(str(bad), now)


def _sent(answer: Answer) -> Response:
    accepted = "gzip" in request.headers.get("Accept-Encoding", "")
    given = answer if accepted else answer.plain()
    response = Response(given.body, given.status, content_type=given.content_type)
    if given.gzipped:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _struck(fault: Fault, answer: Answer) -> Response:
    broken = strike(fault, answer)
    response = _sent(broken.answer)
    response.headers.update(broken.headers)
    if broken.breaks_off:
        response.response = _breaking_off(broken.answer.body)
    if broken.seconds_a_byte:
        response.response = _trickling(broken.answer.body, broken.seconds_a_byte)
    return response


def _trickling(body: bytes, seconds: float) -> Iterator[bytes]:
    """Send a body byte by byte until the reader hangs up."""
    for place in range(len(body)):
        time.sleep(seconds)
        yield body[place : place + 1]


def _breaking_off(body: bytes) -> Iterator[bytes]:
    """Send half of a body whose whole length was promised, then drop the connection."""
    yield body[: len(body) // 2]
    raise ConnectionAbortedError


def _clock(bodies: Bodies) -> Response:
    if request.method == "POST":
        try:
            bodies.now = queries.instant(_posted(), "now")
        except BadRequest as bad:
            return _sent(invalid_request(str(bad), bodies.now))
    return _sent(told({"now": bodies.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}))


def _faults(faults: Faults, now: datetime) -> Response:
    if request.method == "POST":
        try:
            faults.replace([Fault(**fault) for fault in request.get_json()])
        except (TypeError, ValueError) as bad:
            return _sent(invalid_request(str(bad), now))
    return _sent(told(faults.listed()))


def _posted() -> Query:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadRequest('expected a JSON object such as {"now": "2026-05-30T12:00:00Z"}')
    return {str(key): str(value) for key, value in body.items()}
