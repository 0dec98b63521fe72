"""The simulated data sources as a Flask application: routes, the simulator's clock and its faults."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, request

from simulator import queries
from simulator.failures import FailureLog
from simulator.faults import ActiveFaults, Fault, apply_fault
from simulator.http_response import (
    ApiBackend,
    BadRequest,
    HttpResponse,
    NotFound,
    Query,
    invalid_request,
    json_response,
    object_not_found,
    simulator_failed,
)

_ROUTES: dict[str, Callable[[ApiBackend], Callable[..., HttpResponse]]] = {
    "/api/v1/schedule": lambda backend: backend.get_schedule,
    "/api/v1/game/changes": lambda backend: backend.get_game_changes,
    "/api/v1.1/game/<int:game_pk>/feed/live": lambda backend: backend.get_feed,
    "/api/v1/teams": lambda backend: backend.get_teams,
    "/api/v1/teams/<int:club>/roster": lambda backend: backend.get_roster,
    "/api/v1/teams/<int:club>/stats": lambda backend: backend.get_team_stats,
    "/api/v1/transactions": lambda backend: backend.get_transactions,
    "/api/v1/standings": lambda backend: backend.get_standings,
    "/api/v1/people": lambda backend: backend.get_people,
    "/api/v1/people/<int:person>/stats": lambda backend: backend.get_person_stats,
    "/api/v1/venues": lambda backend: backend.get_venues,
    "/api/v1/sports": lambda backend: backend.get_sports,
    "/api/v1/seasons": lambda backend: backend.get_seasons,
    "/statcast_search/csv": lambda backend: backend.get_pitches_csv,
    "/v1/forecast": lambda backend: backend.get_forecast,
    "/v4/sports/baseball_mlb/odds": lambda backend: backend.get_odds,
    "/v4/sports/baseball_mlb/events": lambda backend: backend.get_odds_events,
    "/v4/historical/sports/baseball_mlb/odds": lambda backend: backend.get_past_odds,
}


def create_app(backend: ApiBackend, faults: ActiveFaults | None = None) -> Flask:
    """Return the application that serves a backend's responses.

    Beside the paths of the real sources it has three of its own. `/simulator/clock`
    (`{"now": "2026-05-30T12:00:00Z"}`) and `/simulator/faults` (a list of `faults.Fault`) return a value on
    GET and set it on POST. `/simulator/failures` lists errors in the simulator itself.
    """
    app = Flask("simulator")
    active_faults, failures = faults or ActiveFaults(), FailureLog()
    for path, select_handler in _ROUTES.items():
        app.add_url_rule(path, path, _create_view(backend, active_faults, failures, select_handler(backend)))
    for part in ("boxscore", "linescore", "playByPlay"):
        view = _create_view(backend, active_faults, failures, _drop_query(backend.get_game_part))
        app.add_url_rule(f"/api/v1/game/<int:game_pk>/{part}", part, view, defaults={"part": part})
    app.add_url_rule("/simulator/clock", "clock", lambda: _handle_clock(backend), methods=["GET", "POST"])
    app.add_url_rule(
        "/simulator/faults",
        "faults",
        lambda: _handle_faults(active_faults, backend.now),
        methods=["GET", "POST"],
    )
    app.add_url_rule(
        "/simulator/failures", "failures", lambda: _to_flask_response(json_response(failures.list_failures()))
    )
    app.register_error_handler(404, lambda _error: _to_flask_response(object_not_found(backend.now)))
    return app


def _create_view(
    backend: ApiBackend, faults: ActiveFaults, failures: FailureLog, handler: Callable[..., HttpResponse]
) -> Callable[..., Response]:
    def view(*_args: object, **path: Any) -> Response:
        try:
            response = _call_handler(handler, [*path.values(), request.args], backend.now)
        except Exception as error:  # noqa: BLE001 - reported as the simulator's error, not the source's
            response = simulator_failed(failures.record_failure(request.path, error), backend.now)
        fault = faults.take_fault(request.full_path)
        return _to_flask_response(response) if fault is None else _inject_fault(fault, response)

    return view


def _drop_query(handler: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    return lambda *arguments: handler(*arguments[:-1])


def _call_handler(handler: Callable[..., HttpResponse], arguments: list[Any], now: datetime) -> HttpResponse:
    try:
        return handler(*arguments)
    except NotFound:
        return object_not_found(now)
    except BadRequest as error:
        return invalid_request(str(error), now)


def _to_flask_response(source_response: HttpResponse) -> Response:
    accepts_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
    sent = source_response if accepts_gzip else source_response.decompressed()
    response = Response(sent.body, sent.status, content_type=sent.content_type)
    if sent.gzipped:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _inject_fault(fault: Fault, source_response: HttpResponse) -> Response:
    faulty = apply_fault(fault, source_response)
    response = _to_flask_response(faulty.response)
    response.headers.update(faulty.headers)
    if faulty.is_cut_off:
        response.response = _truncate_body(faulty.response.body)
    if faulty.seconds_per_byte:
        response.response = _trickle_body(faulty.response.body, faulty.seconds_per_byte)
    return response


def _trickle_body(body: bytes, seconds: float) -> Iterator[bytes]:
    """Send a body byte by byte until the client closes the connection."""
    for index in range(len(body)):
        time.sleep(seconds)
        yield body[index : index + 1]


def _truncate_body(body: bytes) -> Iterator[bytes]:
    """Send half of a body, then drop the connection: Content-Length announced all of it."""
    yield body[: len(body) // 2]
    raise ConnectionAbortedError


def _handle_clock(backend: ApiBackend) -> Response:
    if request.method == "POST":
        try:
            backend.now = queries.parse_instant(_read_json_body(), "now")
        except BadRequest as error:
            return _to_flask_response(invalid_request(str(error), backend.now))
    return _to_flask_response(
        json_response({"now": backend.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")})
    )


def _handle_faults(faults: ActiveFaults, now: datetime) -> Response:
    if request.method == "POST":
        try:
            faults.replace([Fault(**fault) for fault in request.get_json()])
        except (TypeError, ValueError) as error:
            return _to_flask_response(invalid_request(str(error), now))
    return _to_flask_response(json_response(faults.list_faults()))


def _read_json_body() -> Query:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadRequest('expected a JSON object such as {"now": "2026-05-30T12:00:00Z"}')
    return {str(key): str(value) for key, value in body.items()}
