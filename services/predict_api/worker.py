"""One worker of the prediction API, put together on the stores that its settings name."""

from typing import cast

from services.predict_api import access, app, settling
from services.predict_api.front import Front
from services.predict_api.gateway import Gateway
from shared import runtime
from shared.settings import Settings
from shared.world import read_world


def create_gateway(settings: Settings) -> Gateway:
    """Return the RSGI app; its clock is that of the stores, which a simulated season sets."""
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
