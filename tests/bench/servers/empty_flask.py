"""A Flask route that does nothing: what the framework alone costs."""

from flask import Flask


def create() -> Flask:
    """Return an app that answers every question with the same words."""
    app = Flask(__name__)

    @app.post("/predict/player")
    def answer() -> dict[str, str]:
        return {"told": "nothing"}

    @app.get("/readyz")
    def ready() -> str:
        return "ready"

    return app
