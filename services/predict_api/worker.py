"""One worker of the prediction API, put together on the stores that its settings name."""

from typing import cast

from services.predict_api import app
from services.predict_api.serving import gc_tuning
from services.predict_api.web import auth
from services.predict_api.web.gateway import Gateway
from services.predict_api.web.middleware import ApiMiddleware
from shared.runtime import ports_factory
from shared.runtime.data_world import read_world
from shared.runtime.settings import Settings


def create_gateway(settings: Settings) -> Gateway:
    """Return the RSGI app; its clock is that of the stores, which a simulated season sets."""
    objects = ports_factory.create_object_store(settings)
    flask = app.create_app(
        objects,
        lambda: read_world(objects).current_time(ports_factory.utc_now),
        ports_factory.create_push_check(settings),
        auth.AuthConfig.from_settings(settings),
        lambda: ports_factory.utc_now().timestamp(),
        gc_tuning.freeze_release,
        ports_factory.create_notifier(settings).send_alert,
    )
    return Gateway(cast("ApiMiddleware", flask.wsgi_app))
