"""Entry point of the prediction API: granian calls `create` once in each worker."""

from typing import cast

from services.predict_api import access, app, settling
from services.predict_api.front import Front
from services.predict_api.gateway import Gateway
from shared import runtime
from shared.world import read_world


def create() -> Gateway:
    """Return the RSGI app on the stores that the environment names, at the time of their world."""
    settings = runtime.settings()
    runtime.configure_logging(settings, __name__)
    objects = runtime.object_store(settings)
    flask = app.create_app(
        objects,
        lambda: read_world(objects).time(runtime.utc_now),
        runtime.push_gate(settings),
        access.Rules.of(settings),
        lambda: runtime.utc_now().timestamp(),
        settling.settle,
        runtime.notifier(settings).alert,
    )
    return Gateway(cast("Front", flask.wsgi_app))
