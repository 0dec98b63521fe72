"""The route that the bus pushes to."""

from collections.abc import Callable

from flask import Flask, request

from services.predict_api.journal import Journal
from services.predict_api.shelf import Shelf
from shared import envelope
from shared.errors import Rejected, TokenRefused, Unavailable

Gate = Callable[[str | None], None]


def let_in(_header: str | None) -> None:
    """Let everybody push: for one machine, where nobody else can reach the app."""


def add(app: Flask, shelf: Shelf, journal: Journal, gate: Gate) -> None:
    """Add POST /events; `gate` takes the Authorization header and raises TokenRefused."""

    @app.post("/events")
    def events() -> tuple[str, int]:
        """Take a push of features.created or model.deployed: store what waits, look at the pointer."""
        try:
            gate(request.headers.get("Authorization"))
            envelope.delivery(request.get_data())
            journal.flush()
            shelf.refresh()
        except TokenRefused as refusal:
            return str(refusal), 401
        except Rejected as error:
            app.logger.error("release refused: %s", error)  # noqa: TRY400 - a condition, not a bug
            return f"acknowledged, the old release keeps serving: {error}", 200
        except Unavailable as error:
            return str(error), 503
        return "done", 200
