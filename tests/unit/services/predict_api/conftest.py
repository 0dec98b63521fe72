"""A store with a release, and a client of the API on it."""

import pytest
from flask.testing import FlaskClient

from services.predict_api.app import create_app
from shared.storage.daily_reports import save_report
from tests.fakes import InMemoryObjectStore
from tests.unit.services.predict_api.release_store import NOW, fill
from tests.unit.shared.reporting.reports import FULL


@pytest.fixture
def objects() -> InMemoryObjectStore:
    store = InMemoryObjectStore()
    fill(store)
    save_report(store, FULL, "", "")
    return store


@pytest.fixture
def client(objects: InMemoryObjectStore) -> FlaskClient:
    return create_app(objects, lambda: NOW).test_client()
