"""One worker of the prediction API, put together on the stores that its settings name."""

from typing import cast

from services.predict_api.serving import gc_tuning
from services.predict_api.web import app, auth
from services.predict_api.web.gateway import Gateway
from services.predict_api.web.middleware import Front
from shared.runtime import ports_factory
from shared.runtime.data_world import read_world
from shared.runtime.settings import Settings


def create_gateway(settings: Settings) -> Gateway:
    """Return the RSGI app; its clock is that of the stores, which a simulated season sets."""
    objects = ports_factory.object_store(settings)
    flask = app.create_app(
        objects,
        lambda: read_world(objects).time(ports_factory.utc_now),
        ports_factory.push_gate(settings),
        auth.Rules.of(settings),
        lambda: ports_factory.utc_now().timestamp(),
        gc_tuning.settle,
        ports_factory.notifier(settings).alert,
    )
    return Gateway(cast("Front", flask.wsgi_app))
