"""A store with a release, and a client of the API on it."""

import pytest
from flask.testing import FlaskClient

from services.predict_api.app import create_app
from tests.fakes import InMemoryObjectStore
from tests.unit.services.predict_api.release_store import NOW, fill


@pytest.fixture
def objects() -> InMemoryObjectStore:
    store = InMemoryObjectStore()
    fill(store)
    return store


@pytest.fixture
def client(objects: InMemoryObjectStore) -> FlaskClient:
    return create_app(objects, lambda: NOW).test_client()
