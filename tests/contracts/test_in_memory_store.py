"""The in-memory store keeps an object store's promises, so tests may stand on it."""

import pytest

from shared.errors import ObjectCorrupted
from tests.contracts.object_store import ObjectStoreContract
from tests.fakes import InMemoryObjectStore


class TestInMemoryObjectStore(ObjectStoreContract):
    @pytest.fixture
    def store(self):
        return InMemoryObjectStore()


def test_reading_a_corrupted_object_is_refused():
    store = InMemoryObjectStore()
    store.write_once("a", b"1")
    store.corrupt("a")
    with pytest.raises(ObjectCorrupted, match="a: "):
        store.read_bytes("a")
