"""Routes that forecast."""

from datetime import date

import msgspec
from flask import Flask, Response, request

from services.predict_api.desk import KINDS, Desk
from services.predict_api.problems import NotRead
from services.predict_api.questions import Questions
from services.predict_api.shelf import Shelf


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
    try:
        if len(text) == len("2026-04-15"):
            return date.fromisoformat(text)
    except ValueError:
        pass
    fault = {"path": "day", "expected": "a date like 2026-04-15", "got": repr(text[:40])}
    raise NotRead("a date like 2026-04-15", [fault])
