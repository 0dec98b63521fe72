"""Google Cloud's stand-ins for tests: one server a session, skipped with a reason where there is none.

A test folder takes the fixtures by importing them into its conftest.py.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from uuid import uuid4

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client

from hankstank.dev.emulators.command import EmulatorAbsent
from shared.storage.buckets import list_buckets
from tests.emulators import EmulatorFailed, pubsub_emulator, storage_emulator
from tests.patience import PATIENCE


@pytest.fixture(scope="session")
def pubsub_host() -> Iterator[str]:
    """Give "host:port" of a Pub/Sub emulator; use a project of your own on it."""
    with present(pubsub_emulator) as host:
        yield host


@pytest.fixture(scope="session")
def storage_url() -> Iterator[str]:
    """Give the address of a Cloud Storage stand-in; use buckets with a prefix of your own on it."""
    with present(storage_emulator) as url:
        yield url


@pytest.fixture
def project() -> str:
    """Name a project that nobody else uses."""
    return f"test-{uuid4().hex[:12]}"


@contextmanager
def present(stand_in: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """Run a stand-in, or skip the test that asks for it."""
    try:
        running = stand_in()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tests.emulators._START_TIMEOUT", PATIENCE)
            address = running.__enter__()
    except (EmulatorAbsent, EmulatorFailed) as absent:
        pytest.skip(str(absent))
    try:
        yield address
    finally:
        running.__exit__(None, None, None)


@contextmanager
def storage_client(url: str) -> Iterator[Client]:
    """Lend a client of the server at `url`."""
    client = Client(project="test", credentials=AnonymousCredentials(), client_options={"api_endpoint": url})
    try:
        yield client
    finally:
        client.close()


def make_buckets(client: Client, prefix: str) -> None:
    """Create every bucket of the ObjectStore port."""
    for bucket in list_buckets():
        client.create_bucket(f"{prefix}-{bucket}")
