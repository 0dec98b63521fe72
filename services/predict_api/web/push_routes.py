"""The route that the bus pushes to; who may push is asked before a push is read."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask, request

from services.predict_api.serving import recording
from services.predict_api.serving.forecast_log import Journal
from services.predict_api.serving.release_manager import Shelf
from shared.errors import Rejected, Unavailable, UnknownEvent
from shared.messaging import envelope
from shared.messaging.events import FeaturesCreated, ModelDeployed


def add(app: Flask, shelf: Shelf, journal: Journal, clock: Callable[[], datetime]) -> None:
    """Add POST /events."""

    @app.post("/events")
    def events() -> tuple[str, int]:
        """Take a push of features.created or model.deployed: look at the pointer, store what was not.

        Anything else is refused with the reason: the bus delivers it again, later to a newer API, and at last
        to its dead letters.
        """
        try:
            event = envelope.delivery(request.get_data()).event
        except UnknownEvent as error:
            return str(error), 400
        if not isinstance(event, FeaturesCreated | ModelDeployed):
            return f"expected features.created or model.deployed, got {event.topic}", 400
        try:
            journal.flush()
            shelf.refresh()
            recording.store_missing(shelf.objects, clock, recording.RECENT)
        except Rejected as error:
            app.logger.error("release refused: %s", error)  # noqa: TRY400 - a condition, not a bug
            return f"acknowledged, the old release keeps serving: {error}", 200
        except Unavailable as error:
            return str(error), 503
        return "done", 200
