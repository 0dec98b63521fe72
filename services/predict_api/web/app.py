"""The Flask app: what answers, what it stands on, and what is in front of it."""

import atexit
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from services.predict_api.pages import routes
from services.predict_api.serving.cache import Memory, memory_at
from services.predict_api.serving.cached_answers import Desk
from services.predict_api.serving.forecast_log import Journal
from services.predict_api.serving.predict import Questions
from services.predict_api.serving.release_manager import Alert, Shelf, untold
from services.predict_api.web import health_routes, lookup_routes, prediction_routes, push_routes
from services.predict_api.web.auth import Access, Gate, Rules
from services.predict_api.web.body_reader import MAX_BODY
from services.predict_api.web.metrics import Metrics
from services.predict_api.web.middleware import ROUTE, Front
from services.predict_api.web.problems import PROBLEM_JSON, Problem, from_http
from shared.ports import ObjectStore

HTML = "text/html"
FLUSH_EVERY = 1.0  # seconds between tries to store forecasts that the store did not take


@dataclass(frozen=True)
class House:
    """What every route stands on."""

    shelf: Shelf
    journal: Journal
    questions: Questions
    desk: Desk
    memory: Memory
    metrics: Metrics


def create_app(
    objects: ObjectStore,
    clock: Callable[[], datetime],
    gate: Gate = lambda _header: None,
    rules: Rules | None = None,
    now: Callable[[], float] = monotonic,
    settle: Callable[[], None] = lambda: None,
    alert: Alert = untold,
) -> Flask:
    """Return the app on a store.

    `clock` is the world's time, by which forecasts are stored; `gate` takes a push's Authorization header
    and raises TokenRefused; `now` counts the seconds by which callers are limited; `settle` is called each
    time a release begins to be served, `alert` when one is refused or served without a challenger.
    """
    app = Flask("services.predict_api.pages")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    rules = rules or Rules()
    metrics = Metrics(str(os.getpid()))
    journal = Journal(objects, clock)
    shelf = Shelf(objects, metrics, store=journal.store_next_days, settle=settle, alert=alert)
    house = _house(shelf, journal, memory_at(rules.redis), metrics)
    prediction_routes.add(app, house.shelf, house.questions, house.desk)
    lookup_routes.add(app, house.shelf)
    health_routes.add(app, house.shelf, house.metrics, house.memory, clock)
    push_routes.add(app, house.shelf, house.journal, clock)
    routes.add(app, house.shelf, house.questions, house.memory, clock)
    _add_errors(app)
    _tell_routes(app)
    access = Access(rules, house.memory, now, gate)
    front = Front(app.wsgi_app, access, house.desk, house.metrics, rules.origins, _body_routes(app))
    app.wsgi_app = front  # type: ignore[method-assign]
    _keep_house(house, access)
    return app


def _body_routes(app: Flask) -> frozenset[str]:
    """Return the paths whose POST has a body; none of them has parts that vary."""
    return frozenset(rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ()))


def _house(shelf: Shelf, journal: Journal, memory: Memory, metrics: Metrics) -> House:
    questions = Questions(shelf.objects, journal)
    return House(shelf, journal, questions, Desk(shelf, questions, memory, metrics), memory, metrics)


def _add_errors(app: Flask) -> None:
    @app.errorhandler(Problem)
    def problem(error: Problem) -> Response:
        return routes.sorry(error) if _is_for_people() else error.response()

    @app.errorhandler(HTTPException)
    def refusal(error: HTTPException) -> Response:
        return problem(from_http(error))

    @app.errorhandler(Exception)
    def bug(error: Exception) -> Response:
        app.logger.error("bug", exc_info=error)
        return Problem(500, "internal error", "the forecast failed; the error is in the log").response()


def _is_for_people() -> bool:
    """Return whether a browser asks: for a page, or with a wrong address and preferring HTML."""
    if request.url_rule is not None:
        return request.url_rule.rule in routes.FOR_PEOPLE
    return request.accept_mimetypes.best_match([PROBLEM_JSON, "application/json", HTML]) == HTML


def _tell_routes(app: Flask) -> None:
    @app.before_request
    def tell() -> None:
        request.environ[ROUTE] = request.url_rule.rule if request.url_rule else "none"


def _keep_house(house: House, access: Access) -> None:
    """Load the first release before anybody asks; store what the store did not take; look at the keys."""
    stopping = threading.Event()

    def work() -> None:
        while not stopping.wait(FLUSH_EVERY):
            house.journal.flush()
            access.refresh()

    threading.Thread(target=house.shelf.current, name="release", daemon=True).start()
    threading.Thread(target=work, name="journal", daemon=True).start()
    atexit.register(stopping.set)
