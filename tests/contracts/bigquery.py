"""The BigQuery stand-in for tests: one server a session, and warehouses in projects of their own on it."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery as google

from hankstank.dev.emulators.bigquery import create_datasets
from shared.adapters.gcp.bigquery_warehouse import BigQueryWarehouse
from tests.contracts.emulated import present
from tests.emulators import bigquery_emulator
from tests.patience import PATIENCE

CAP = 10**9


@pytest.fixture(scope="session")
def bigquery_url() -> Iterator[str]:
    """Give the address of a BigQuery stand-in; use a project of your own on it."""
    with present(partial(bigquery_emulator, "test")) as url:
        yield url


@pytest.fixture
def bigquery_client(bigquery_url: str, project: str) -> Iterator[google.Client]:
    """Lend a client of a project in which nothing stands but the datasets."""
    create_datasets(bigquery_url, project)
    client = client_of(bigquery_url, project)
    yield client
    client.close()


def client_of(url: str, project: str = "test") -> google.Client:
    """Return a client of the server at `url`."""
    return google.Client(project, AnonymousCredentials(), location="US", client_options={"api_endpoint": url})


def warehouse_of(client: google.Client, clock: Callable[[], Any], **more: Any) -> BigQueryWarehouse:
    """Return the port on a client."""
    result = {"patience": PATIENCE, **more}
    return BigQueryWarehouse(client.project, "US", CAP, "loader", clock=clock, client=client, **result)
