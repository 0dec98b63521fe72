"""Entry point of the prediction API: granian calls `create` once in each worker."""

from flask import Flask

from services.predict_api.app import create_app
from shared.runtime import object_store, utc_now
from shared.settings import Settings
from shared.world import read_world


def create() -> Flask:
    """Return the app on the stores that the environment names, at the time of their world."""
    objects = object_store(Settings())
    return create_app(objects, lambda: read_world(objects).time(utc_now))
