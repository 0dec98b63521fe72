"""Entry point of the prediction API: granian calls `create` once in each worker."""

from services.predict_api.web.gateway import Gateway
from services.predict_api.worker import create_gateway
from shared.runtime import ports_factory


def create() -> Gateway:
    """Return the RSGI app on the stores that the environment names, at the time of their world."""
    settings = ports_factory.load_settings()
    ports_factory.configure_logging(settings, "predict_api")
    return create_gateway(settings)
