"""Entry point of the prediction API: granian calls `create` once in each worker."""

from services.predict_api.gateway import Gateway
from services.predict_api.worker import create_gateway
from shared import runtime


def create() -> Gateway:
    """Return the RSGI app on the stores that the environment names, at the time of their world."""
    settings = runtime.settings()
    runtime.configure_logging(settings, __name__)
    return create_gateway(settings)
