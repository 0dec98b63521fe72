"""Routes that forecast."""

import re
from contextlib import suppress
from datetime import date

import msgspec
from flask import Flask, Response, request

from services.predict_api.serving.cached_answers import KINDS, Desk
from services.predict_api.serving.predict import Questions
from services.predict_api.serving.release_manager import Shelf
from services.predict_api.web.faults import shown
from services.predict_api.web.problems import NotRead

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def add(app: Flask, shelf: Shelf, questions: Questions, desk: Desk) -> None:
    """Add POST /predict… and GET /slate/<day>."""

    def predict() -> Response:
        return Response(desk.answer(request.path, request.get_data()), content_type="application/json")

    for path in KINDS:
        app.add_url_rule(path, f"predict{path}", predict, methods=["POST"])

    @app.get("/slate/<day>")
    def slate(day: str) -> Response:
        return told(questions.slate(shelf.ready(), read_day(day)))


def told(answer: object) -> Response:
    """Return an answer as JSON."""
    return Response(msgspec.json.encode(answer), content_type="application/json")


def read_day(text: str) -> date:
    """Return the day a path names; raises NotRead."""
    with suppress(ValueError):
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    fault = {"path": "day", "expected": "a date like 2026-04-15", "got": shown(text[:40])}
    raise NotRead("a date like 2026-04-15", [fault])
