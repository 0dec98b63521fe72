"""Builds the Flask app: its services, routes, error handlers and middleware."""

import atexit
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from services.predict_api.metrics import Metrics
from services.predict_api.pages import routes
from services.predict_api.problems import PROBLEM_JSON, Problem, from_http
from services.predict_api.serving.cache import Cache, open_cache
from services.predict_api.serving.forecast_log import ForecastLog
from services.predict_api.serving.predict import PredictionService
from services.predict_api.serving.prediction_cache import PredictionCache
from services.predict_api.serving.release_manager import Alert, ReleaseManager, no_alert
from services.predict_api.serving.report_archive import ReportArchive
from services.predict_api.web import (
    health_routes,
    lookup_routes,
    prediction_routes,
    push_routes,
    report_routes,
    result_routes,
)
from services.predict_api.web.auth import AuthConfig, Authenticator, PushVerifier
from services.predict_api.web.body_reader import MAX_BODY
from services.predict_api.web.middleware import ROUTE_KEY, ApiMiddleware
from shared.ports import ObjectStore

HTML = "text/html"
FLUSH_INTERVAL = 1.0  # seconds between tries to store forecasts that could not be stored


@dataclass(frozen=True)
class AppServices:
    """The services that routes use."""

    release_manager: ReleaseManager
    forecast_log: ForecastLog
    predictions: PredictionService
    prediction_cache: PredictionCache
    cache: Cache
    metrics: Metrics


def create_app(
    objects: ObjectStore,
    clock: Callable[[], datetime],
    verify_push: PushVerifier = lambda _header: None,
    auth_config: AuthConfig | None = None,
    now: Callable[[], float] = monotonic,
    on_released: Callable[[], None] = lambda: None,
    alert: Alert = no_alert,
) -> Flask:
    """Return the app on a store.

    `clock` is the world's time, by which forecasts are stored; `verify_push` takes a push's Authorization
    header and raises when it is invalid; `now` counts the seconds of rate limits; `on_released` is called
    each time a release is served, `alert` when one is refused or served without a challenger.
    """
    app = Flask("services.predict_api.pages")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    auth_config = auth_config or AuthConfig()
    metrics = Metrics(str(os.getpid()))
    forecast_log = ForecastLog(objects, clock)
    release_manager = ReleaseManager(
        objects, metrics, store_forecasts=forecast_log.store_next_days, on_released=on_released, alert=alert
    )
    app_services = _build_services(release_manager, forecast_log, open_cache(auth_config.redis_url), metrics)
    prediction_routes.add_routes(
        app, app_services.release_manager, app_services.predictions, app_services.prediction_cache
    )
    lookup_routes.add_routes(app, app_services.release_manager, app_services.predictions.results)
    result_routes.add_routes(app, app_services.release_manager, app_services.predictions)
    health_routes.add_routes(
        app, app_services.release_manager, app_services.metrics, app_services.cache, clock
    )
    push_routes.add_routes(app, app_services.release_manager, app_services.forecast_log, clock)
    reports = ReportArchive(objects, now)
    report_routes.add_routes(app, reports)
    routes.add_pages(
        app, app_services.release_manager, app_services.predictions, app_services.cache, reports, clock
    )
    _add_error_handlers(app)
    _record_routes(app)
    authenticator = Authenticator(auth_config, app_services.cache, now, verify_push)
    middleware = ApiMiddleware(
        app.wsgi_app,
        authenticator,
        app_services.prediction_cache,
        app_services.metrics,
        auth_config.origins,
        _body_routes(app),
    )
    app.wsgi_app = middleware  # type: ignore[method-assign]
    _start_background_tasks(app_services, authenticator)
    return app


def _body_routes(app: Flask) -> frozenset[str]:
    """Return the paths whose POST has a body; none of them has variable parts."""
    return frozenset(rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ()))


def _build_services(
    release_manager: ReleaseManager, forecast_log: ForecastLog, cache: Cache, metrics: Metrics
) -> AppServices:
    predictions = PredictionService(release_manager.objects, forecast_log)
    return AppServices(
        release_manager,
        forecast_log,
        predictions,
        PredictionCache(release_manager, predictions, cache, metrics),
        cache,
        metrics,
    )


def _add_error_handlers(app: Flask) -> None:
    @app.errorhandler(Problem)
    def handle_problem(error: Problem) -> Response:
        return routes.problem_page(error) if _wants_page() else error.to_response()

    @app.errorhandler(HTTPException)
    def handle_http_error(error: HTTPException) -> Response:
        return handle_problem(from_http(error))

    @app.errorhandler(Exception)
    def handle_bug(error: Exception) -> Response:
        app.logger.error("bug", exc_info=error)
        return Problem(500, "internal error", "the forecast failed; the error is in the log").to_response()


def _wants_page() -> bool:
    """Return whether a browser requests a page, or a wrong address preferring HTML."""
    if request.url_rule is not None:
        return request.url_rule.rule in routes.PAGE_ROUTES
    return request.accept_mimetypes.best_match([PROBLEM_JSON, "application/json", HTML]) == HTML


def _record_routes(app: Flask) -> None:
    @app.before_request
    def record_route() -> None:
        request.environ[ROUTE_KEY] = request.url_rule.rule if request.url_rule else "none"


def _start_background_tasks(app_services: AppServices, authenticator: Authenticator) -> None:
    """Load the first release, retry to store forecasts, and reload keys, in the background."""
    stopping = threading.Event()

    def run_periodically() -> None:
        while not stopping.wait(FLUSH_INTERVAL):
            app_services.forecast_log.flush_unstored()
            authenticator.reload_keys()

    threading.Thread(
        target=app_services.release_manager.wait_for_forecaster, name="release", daemon=True
    ).start()
    threading.Thread(target=run_periodically, name="journal", daemon=True).start()
    atexit.register(stopping.set)
