"""Routes for operators: liveness, readiness, metrics, status, and the OpenAPI document."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask, Response

from services.predict_api.metrics import Metrics
from services.predict_api.schemas.responses import Liveness, Readiness
from services.predict_api.serving import freshness
from services.predict_api.serving.cache import Cache
from services.predict_api.serving.release_manager import ReleaseManager
from services.predict_api.web import openapi
from services.predict_api.web.prediction_routes import json_response


def add_routes(
    app: Flask, release_manager: ReleaseManager, metrics: Metrics, cache: Cache, clock: Callable[[], datetime]
) -> None:
    """Add /health, /healthz, /readyz, /metrics, /status and /openapi.json."""

    @app.get("/health")  # Google's front end keeps /healthz of a Cloud Run address to itself
    @app.get("/healthz")
    def get_health() -> Response:
        served = release_manager.served_forecaster
        return json_response(
            Liveness(
                status="alive",
                world=served.world if served else None,
                release=served.release.id if served else None,
                degraded=freshness.list_degradations(release_manager, is_cache_fallback=cache.is_fallback),
            )
        )

    @app.get("/readyz")
    def get_readiness() -> Response:
        forecaster = release_manager.require_forecaster()
        return json_response(
            Readiness(
                status="ready",
                world=forecaster.world,
                release=forecaster.release.id,
                as_of=forecaster.as_of,
            )
        )

    @app.get("/metrics")
    def get_metrics() -> Response:
        served = release_manager.served_forecaster
        text = metrics.render_text(_release_gauges(release_manager, cache), served.world if served else "")
        return Response(text, content_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/status")
    def get_status() -> Response:
        return json_response(
            freshness.build_status(release_manager, now=clock(), is_cache_fallback=cache.is_fallback)
        )

    @app.get("/openapi.json")
    def get_openapi() -> Response:
        return json_response(openapi.build_document())


def _release_gauges(release_manager: ReleaseManager, cache: Cache) -> dict[str, float]:
    forecaster = release_manager.wait_for_forecaster()
    return {
        "release_number": forecaster.release.number if forecaster else 0,
        "release_refused": release_manager.last_swap.refused is not None,
        "challengers_left_out": len(forecaster.left_out) if forecaster else 0,
        "release_files_damaged": len(release_manager.damaged_files),
        "last_swap_seconds": release_manager.last_swap.seconds,
        "memory_degraded": cache.is_fallback,
    }
