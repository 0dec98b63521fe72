"""Routes for those who look after the API: alive, ready, metrics, status, and its own description."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask, Response

from services.predict_api.serving import freshness
from services.predict_api.serving.cache import Memory
from services.predict_api.serving.release_manager import Shelf
from services.predict_api.web import openapi
from services.predict_api.web.metrics import Metrics
from services.predict_api.web.prediction_routes import told
from services.predict_api.web.responses import Alive, Ready


def add(app: Flask, shelf: Shelf, metrics: Metrics, memory: Memory, clock: Callable[[], datetime]) -> None:
    """Add /health, /healthz, /readyz, /metrics, /status and /openapi.json."""

    @app.get("/health")  # Google's front end keeps /healthz of a Cloud Run address to itself
    @app.get("/healthz")
    def healthz() -> Response:
        served = shelf.served
        return told(
            Alive(
                status="alive",
                world=served.world if served else None,
                release=served.release.id if served else None,
                degraded=freshness.degraded(shelf, is_degraded=memory.is_degraded),
            )
        )

    @app.get("/readyz")
    def readyz() -> Response:
        forecaster = shelf.ready()
        return told(
            Ready(
                status="ready",
                world=forecaster.world,
                release=forecaster.release.id,
                as_of=forecaster.as_of,
            )
        )

    @app.get("/metrics")
    def prometheus() -> Response:
        served = shelf.served
        text = metrics.text(_gauges(shelf, memory), served.world if served else "")
        return Response(text, content_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/status")
    def status() -> Response:
        return told(freshness.status(shelf, now=clock(), is_degraded=memory.is_degraded))

    @app.get("/openapi.json")
    def described() -> Response:
        return told(openapi.document())


def _gauges(shelf: Shelf, memory: Memory) -> dict[str, float]:
    forecaster = shelf.current()
    return {
        "release_number": forecaster.release.number if forecaster else 0,
        "release_refused": shelf.last_swap.refused is not None,
        "challengers_left_out": len(forecaster.left_out) if forecaster else 0,
        "release_files_damaged": len(shelf.damage),
        "last_swap_seconds": shelf.last_swap.seconds,
        "memory_degraded": memory.is_degraded,
    }
