"""The route that the bus pushes to."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask, request

from services.predict_api import recording
from services.predict_api.journal import Journal
from services.predict_api.shelf import Shelf
from shared import envelope
from shared.errors import Rejected, TokenRefused, Unavailable

Gate = Callable[[str | None], None]


def let_in(_header: str | None) -> None:
    """Let everybody push: for one machine, where nobody else can reach the app."""


def add(app: Flask, shelf: Shelf, journal: Journal, clock: Callable[[], datetime], gate: Gate) -> None:
    """Add POST /events; `gate` takes the Authorization header and raises TokenRefused."""

    @app.post("/events")
    def events() -> tuple[str, int]:
        """Take a push of features.created or model.deployed: look at the pointer, store what was not."""
        try:
            gate(request.headers.get("Authorization"))
            envelope.delivery(request.get_data())
            journal.flush()
            shelf.refresh()
            recording.store_missing(shelf.objects, clock, recording.RECENT)
        except TokenRefused as refusal:
            return str(refusal), 401
        except Rejected as error:
            app.logger.error("release refused: %s", error)  # noqa: TRY400 - a condition, not a bug
            return f"acknowledged, the old release keeps serving: {error}", 200
        except Unavailable as error:
            return str(error), 503
        return "done", 200
