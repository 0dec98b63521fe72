"""The route that the bus pushes to; the middleware verifies the sender first."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask, request

from services.predict_api.serving import recording
from services.predict_api.serving.forecast_log import ForecastLog
from services.predict_api.serving.release_manager import ReleaseManager
from shared.errors import Rejected, Unavailable, UnknownEvent
from shared.messaging import envelope
from shared.messaging.events import FeaturesCreated, ModelDeployed


def add_routes(
    app: Flask, release_manager: ReleaseManager, forecast_log: ForecastLog, clock: Callable[[], datetime]
) -> None:
    """Add POST /events."""

    @app.post("/events")
    def receive_push() -> tuple[str, int]:
        """Handle a push of features.created or model.deployed: load the release, store missing forecasts.

        Anything else is refused with the reason: the bus delivers it again, later to a newer API, and at last
        to its dead letters.
        """
        try:
            event = envelope.parse_delivery(request.get_data()).event
        except UnknownEvent as error:
            return str(error), 400
        if not isinstance(event, FeaturesCreated | ModelDeployed):
            return f"expected features.created or model.deployed, got {event.topic}", 400
        try:
            forecast_log.flush_unstored()
            release_manager.serve_newest()
            recording.store_missing(release_manager.objects, clock, recording.RECENT_RELEASES)
            if recording.is_repair(event):
                recording.restore_lost(release_manager.objects, clock)
        except Rejected as error:
            app.logger.error("release refused: %s", error)  # noqa: TRY400 - a condition, not a bug
            return f"acknowledged, the old release keeps serving: {error}", 200
        except Unavailable as error:
            return str(error), 503
        return "done", 200
