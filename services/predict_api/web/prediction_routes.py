"""Routes that forecast."""

import re
from contextlib import suppress
from datetime import date

import msgspec
from flask import Flask, Response, request

from services.predict_api.problems import InvalidRequest
from services.predict_api.schemas.validation_errors import shown
from services.predict_api.serving.predict import PredictionService
from services.predict_api.serving.prediction_cache import PREDICTION_ROUTES, PredictionCache
from services.predict_api.serving.release_manager import ReleaseManager

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def add_routes(
    app: Flask,
    release_manager: ReleaseManager,
    predictions: PredictionService,
    prediction_cache: PredictionCache,
) -> None:
    """Add POST /predict… and GET /slate/<day>."""

    def post_prediction() -> Response:
        return Response(
            prediction_cache.respond(request.path, request.get_data()), content_type="application/json"
        )

    for path in PREDICTION_ROUTES:
        app.add_url_rule(path, f"predict{path}", post_prediction, methods=["POST"])

    @app.get("/slate/<day>")
    def get_slate(day: str) -> Response:
        return json_response(predictions.predict_slate(release_manager.require_forecaster(), read_day(day)))


def json_response(answer: object) -> Response:
    """Return an answer as JSON."""
    return Response(msgspec.json.encode(answer), content_type="application/json")


def read_day(text: str, path: str = "day") -> date:
    """Return the day in a path or a query; raises InvalidRequest, which names it by `path`."""
    with suppress(ValueError):
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    fault = {"path": path, "expected": "a date like 2026-04-15", "got": shown(text[:40])}
    raise InvalidRequest("a date like 2026-04-15", [fault])
