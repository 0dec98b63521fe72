"""What every server in the comparison is given: one store, and the service's own parts on it."""

import os
from pathlib import Path

from services.predict_api.serving.forecast_log import ForecastLog
from services.predict_api.serving.predict import PredictionService
from services.predict_api.serving.release_manager import ReleaseManager
from shared.runtime.ports_factory import create_object_store, utc_now
from shared.runtime.settings import Settings


def parts() -> tuple[ReleaseManager, PredictionService]:
    """Return a loaded shelf and the questions that it answers."""
    objects = create_object_store(Settings(home=Path(os.environ["HANKSTANK_HOME"])))
    shelf = ReleaseManager(objects)
    shelf.require_forecaster()
    return shelf, PredictionService(objects, ForecastLog(objects, utc_now))
