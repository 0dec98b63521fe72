"""Builds the OpenAPI document from request and answer types."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.predict_api.mlb.labels import STATS
from services.predict_api.schemas import (
    report_responses,
    requests,
    responses,
    result_responses,
    track_record_responses,
)
from shared.storage.daily_reports import DailyReport

REF = "#/components/schemas/"
DAY = {"type": "string", "format": "date"}
MORNING = {"anyOf": [DAY, {"const": "latest"}]}
NAME = {"type": "string", "minLength": 1, "maxLength": 60, "pattern": r"\S"}
LIMIT = {"type": "integer", "minimum": 1, "maximum": 50}
PLAYER_ID = GAME_PK = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
PROBLEMS = {
    "400": "The length of the body is not in plain digits, or the body ended before it.",
    "401": "No valid key came with the request.",
    "404": "Nothing has that name: `suggestions` has close ones; or no game is on that day: `kind` says why.",
    "408": "The body did not arrive within 5 seconds.",
    "409": "Two games, players or clubs fit; or the game is over and was not forecast before it, or is not "
    "over yet.",
    "411": "The body came without Content-Length.",
    "413": "The body is larger than 64 KiB.",
    "421": "The host is not among those that are served here.",
    "422": "The request does not fit; `errors` has the path of each part that does not fit.",
    "429": "Too many requests; `Retry-After` has the seconds to wait.",
    "503": "No release is loaded yet (`first_start`: how far a first start is), or none with this model.",
}
COMMON_PROBLEMS = ("401", "421", "429", "503")
BODY_PROBLEMS = ("400", "408", "411", "413", "422")


@dataclass(frozen=True)
class Parameter:
    """A part of the path or the query."""

    name: str
    where: str
    about: str
    schema: Mapping[str, Any]
    example: str
    required: bool = True
    in_examples: bool = True


@dataclass(frozen=True)
class Endpoint:
    """One route: its purpose, its parameters and its answer."""

    method: str
    path: str
    about: str
    answer: type[msgspec.Struct] | str  # a media type where the answer is no JSON
    body: type[BaseModel] | None = None
    parameters: tuple[Parameter, ...] = ()
    problems: tuple[str, ...] = ()
    needs_key: bool = True
    has_csv: bool = False  # whether the answer is given as text/csv too
    example: Mapping[str, Any] = field(default_factory=dict)


_GAME = {"home_team": "NYY", "away_team": "BOS", "game_date": "2026-04-15"}
_PLAYER = {
    "player_id": 660271,
    "game_date": "2026-04-15",
    "opponent": "NYY",
    "stats": ["hits", "home_runs"],
    "lines": {"hits": 1.5},
}
_FORMAT = Parameter(
    "format",
    "query",
    "json or csv",
    {"type": "string", "enum": ["json", "csv"]},
    "json",
    required=False,
    in_examples=False,
)
_PREDICTION_PROBLEMS = ("404", "409", *BODY_PROBLEMS)
ENDPOINTS = (
    Endpoint(
        "post",
        "/predict/game",
        "Who wins a game, how many runs, and why.",
        responses.GameAnswer,
        requests.GameRequest,
        problems=_PREDICTION_PROBLEMS,
        example=_GAME,
    ),
    Endpoint(
        "post",
        "/predict",
        "The same as /predict/game.",
        responses.GameAnswer,
        requests.GameRequest,
        problems=_PREDICTION_PROBLEMS,
        example=_GAME,
    ),
    Endpoint(
        "post",
        "/predict/player",
        f"A player's statistics in a game: {', '.join(STATS)}; for a day that is over, as stored before it.",
        responses.PlayerAnswer,
        requests.PlayerRequest,
        problems=_PREDICTION_PROBLEMS,
        example=_PLAYER,
    ),
    Endpoint(
        "post",
        "/predict/batch",
        f"Up to {requests.MAX_QUESTIONS} requests of both kinds, answered from one release.",
        responses.BatchAnswer,
        requests.BatchRequest,
        problems=BODY_PROBLEMS,
        example={"questions": [_GAME, _PLAYER]},
    ),
    Endpoint(
        "get",
        "/slate/{day}",
        "Every game of a day, or why it has none; of a day that is over, the forecasts stored before it "
        "and the results.",
        responses.SlateAnswer,
        parameters=(Parameter("day", "path", "the official date", DAY, "2026-04-15"),),
        problems=("404", "409", "422"),
    ),
    Endpoint(
        "get",
        "/games/{game_pk}",
        "A game: the forecast that counts, those it superseded, and of a game that is over the result and "
        "what each player did beside the forecast.",
        result_responses.GameDetail,
        parameters=(
            Parameter("game_pk", "path", "the number in MLB's schedule", GAME_PK, "745804"),
            Parameter(
                "date",
                "query",
                "of a game before last season: its day",
                DAY,
                "2026-04-15",
                required=False,
                in_examples=False,
            ),
        ),
        problems=("404", "422"),
    ),
    Endpoint(
        "get",
        "/results",
        "The games of a day that is over, and every forecast that counts for them beside what happened.",
        result_responses.ResultsAnswer,
        has_csv=True,
        parameters=(Parameter("date", "query", "the official date", DAY, "2026-04-15"), _FORMAT),
        problems=("404", "409", "422"),
    ),
    Endpoint(
        "get",
        "/players",
        "Players by id or name: without accents, by nickname, by part of the name; namesakes are all listed.",
        responses.PlayersAnswer,
        parameters=(
            Parameter("q", "query", "id, name or part of it", NAME, "judge"),
            Parameter("limit", "query", "the most players to return", LIMIT, "5", required=False),
        ),
        problems=("422",),
    ),
    Endpoint(
        "get",
        "/players/{player_id}",
        "A player, their club's next games, the statistics that are forecast, and their last games beside "
        "the forecasts.",
        responses.PlayerCard,
        parameters=(Parameter("player_id", "path", "MLB's id", PLAYER_ID, "660271"),),
        problems=("404", "422"),
    ),
    Endpoint("get", "/teams", "Every club and its names.", responses.TeamsAnswer),
    Endpoint(
        "get",
        "/models",
        "The models in production, and their evaluation.",
        track_record_responses.ModelsAnswer,
    ),
    Endpoint(
        "get",
        "/track-record",
        "How stored forecasts did: the last day, 7 and 30 days and the season, and the scores of each model; "
        "apart from them, the evaluation.",
        track_record_responses.TrackRecordAnswer,
        has_csv=True,
        parameters=(_FORMAT,),
        problems=("422",),
    ),
    Endpoint("get", "/daily-reports", "The mornings that have a report.", report_responses.ReportsAnswer),
    Endpoint(
        "get",
        "/daily-reports/{morning}",
        "A morning's report: what was collected, forecasts beside results, the record, and what needs you.",
        DailyReport,
        parameters=(Parameter("morning", "path", "its day, or latest", MORNING, "latest"),),
        problems=("404", "422"),
    ),
    Endpoint("get", "/status", "How fresh everything is, and what failed.", responses.StatusAnswer),
    Endpoint("get", "/metrics", "Counts and durations of one worker, for Prometheus.", "text/plain"),
    Endpoint("get", "/health", "The process is alive.", responses.Liveness, needs_key=False),
    Endpoint("get", "/healthz", "The same.", responses.Liveness, needs_key=False),
    Endpoint("get", "/readyz", "A release with models is loaded.", responses.Readiness, needs_key=False),
)


@cache
def build_document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the routes for programs."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method] = _build_operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hank's Tank",
            "version": "1",
            "description": "Forecasts of baseball games and players: how likely, how sure, and why.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {
            "schemas": _component_schemas(),
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}},
        },
    }


def _build_operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{endpoint.method}{endpoint.path}".translate(str.maketrans("/-{}", "____")),
        "summary": endpoint.about,
        "security": [{"key": []}] if endpoint.needs_key else [],
        "parameters": [_build_parameter(one) for one in endpoint.parameters],
        "responses": {"200": _success_response(endpoint)} | _problem_responses(endpoint),
    }
    if endpoint.body:
        schema = {"$ref": f"{REF}{endpoint.body.__name__}"}
        content = {"application/json": {"schema": schema, "example": dict(endpoint.example)}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _build_parameter(one: Parameter) -> dict[str, Any]:
    return {
        "name": one.name,
        "in": one.where,
        "description": one.about,
        "required": one.required,
        "schema": dict(one.schema),
    }


def _success_response(endpoint: Endpoint) -> dict[str, Any]:
    if isinstance(endpoint.answer, str):
        content = {endpoint.answer: {"schema": {"type": "string"}}}
    else:
        content = {"application/json": {"schema": {"$ref": f"{REF}{endpoint.answer.__name__}"}}}
    if endpoint.has_csv:
        content["text/csv"] = {"schema": {"type": "string"}}
    return {"description": endpoint.about, "content": content}


def _problem_responses(endpoint: Endpoint) -> dict[str, Any]:
    codes = (*endpoint.problems, *COMMON_PROBLEMS) if endpoint.needs_key else ("503",)
    content = {"application/problem+json": {"schema": {"$ref": f"{REF}Problem"}}}
    return {code: {"description": PROBLEMS[code], "content": content} for code in sorted(codes)}


def _component_schemas() -> dict[str, Any]:
    bodies = {one.body for one in ENDPOINTS if one.body}
    request_schemas = models_json_schema(
        sorted(((body, "validation") for body in bodies), key=lambda pair: pair[0].__name__),
        ref_template=REF + "{model}",
    )[1]["$defs"]
    answer_types = [one.answer for one in ENDPOINTS if not isinstance(one.answer, str)]
    _, answer_schemas = msgspec.json.schema_components(
        [*answer_types, responses.Problem], ref_template=REF + "{name}"
    )
    return {**request_schemas, **answer_schemas}
