"""The Flask app: parse, hand over, answer."""

import atexit
import threading
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import uuid4

import msgspec
from flask import Flask, Response, request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import HTTPException

from services.predict_api.forecaster import Forecaster
from services.predict_api.journal import Journal
from services.predict_api.problems import NotReady, Problem, from_http
from services.predict_api.questions import Questions
from services.predict_api.schemas import GameRequest, PlayerRequest, faults
from services.predict_api.shelf import Shelf
from shared import envelope
from shared.errors import Rejected, TokenRefused, Unavailable
from shared.ports import ObjectStore

MAX_BODY = 64 * 1024  # bytes: a question with two line-ups has about one thousand
FLUSH_EVERY = 1.0  # seconds between writes of what was forecast

Body = TypeVar("Body", bound=BaseModel)


Gate = Callable[[str | None], None]


def _open(_header: str | None) -> None:
    """Let everybody push: for one machine, where nobody else can reach the app."""


def create_app(objects: ObjectStore, clock: Callable[[], datetime], gate: Gate = _open) -> Flask:
    """Return the app on a store.

    `clock` is the world's time, stamped on every forecast; `gate` takes a push's Authorization header
    and raises TokenRefused.
    """
    app = Flask("services.predict_api")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    shelf, journal = Shelf(objects), Journal(objects, uuid4().hex[:12])
    _add_predictions(app, shelf, Questions(objects, journal, clock))
    _add_health(app, shelf)
    _add_pushes(app, shelf, journal, gate)
    _add_errors(app)
    _flush_regularly(journal)
    return app


def _add_predictions(app: Flask, shelf: Shelf, questions: Questions) -> None:
    def ready() -> Forecaster:
        forecaster = shelf.current()
        if forecaster is None:
            raise NotReady
        return forecaster

    @app.post("/predict")
    @app.post("/predict/game")
    def predict_game() -> Response:
        return _json(questions.game(ready(), _parsed(GameRequest)))

    @app.post("/predict/player")
    def predict_player() -> Response:
        return _json(questions.player(ready(), _parsed(PlayerRequest)))

    @app.get("/slate/<day>")
    def slate(day: str) -> Response:
        return _json({"game_date": day, "games": questions.slate(ready(), _date(day))})


def _add_health(app: Flask, shelf: Shelf) -> None:
    @app.get("/health")  # Google's front end keeps /healthz of a Cloud Run address to itself
    @app.get("/healthz")
    def healthz() -> Response:
        return _json({"status": "alive"})

    @app.get("/readyz")
    def readyz() -> Response:
        forecaster = shelf.current()
        if forecaster is None:
            raise NotReady
        return _json({"status": "ready", "release": forecaster.release.id, "as_of": forecaster.as_of})


def _add_pushes(app: Flask, shelf: Shelf, journal: Journal, gate: Gate) -> None:
    @app.post("/events")
    def events() -> tuple[str, int]:
        """Take a push of features.created or model.deployed: write the journal, look at the pointer."""
        try:
            gate(request.headers.get("Authorization"))
            envelope.delivery(request.get_data())
            journal.flush()
            shelf.refresh()
        except TokenRefused as refusal:
            return str(refusal), 401
        except Rejected as error:
            return f"acknowledged, the old release keeps serving: {error}", 200
        except Unavailable as error:
            return str(error), 503
        return "done", 200


def _add_errors(app: Flask) -> None:
    @app.errorhandler(Problem)
    def problem(error: Problem) -> Response:
        return error.response()

    @app.errorhandler(HTTPException)
    def refusal(error: HTTPException) -> Response:
        return from_http(error).response()

    @app.errorhandler(Exception)
    def bug(error: Exception) -> Response:
        app.logger.error("bug", exc_info=error)
        return Problem(500, "internal error", "the forecast failed; the error is in the log").response()


def _parsed(kind: type[Body]) -> Body:
    try:
        return kind.model_validate_json(request.get_data())
    except ValidationError as error:
        detail = f"the body does not fit {kind.__name__}: see faults"
        raise Problem(422, "invalid request", detail, {"faults": faults(error)}) from None


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem(422, "invalid date", f"expected a date like 2026-04-15, got {text[:40]!r}") from None


def _json(body: Any) -> Response:
    return Response(msgspec.json.encode(body), content_type="application/json")


def _flush_regularly(journal: Journal) -> None:
    stopping = threading.Event()

    def work() -> None:
        while not stopping.wait(FLUSH_EVERY):
            journal.flush()

    threading.Thread(target=work, name="journal", daemon=True).start()
    atexit.register(journal.flush)
    atexit.register(stopping.set)
