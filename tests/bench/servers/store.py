"""What every server in the comparison is given: one store, and the service's own parts on it."""

import os
from pathlib import Path

from services.predict_api.serving.forecast_log import Journal
from services.predict_api.serving.predict import Questions
from services.predict_api.serving.release_manager import Shelf
from shared.runtime.ports_factory import object_store, utc_now
from shared.runtime.settings import Settings


def parts() -> tuple[Shelf, Questions]:
    """Return a loaded shelf and the questions that it answers."""
    objects = object_store(Settings(home=Path(os.environ["HANKSTANK_HOME"])))
    shelf = Shelf(objects)
    shelf.ready()
    return shelf, Questions(objects, Journal(objects, utc_now))
