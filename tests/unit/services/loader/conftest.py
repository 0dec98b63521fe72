"""One warehouse and one object store a test."""

from pathlib import Path

import pytest

from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.ports import Ports
from tests.contracts.warehouse import SetClock
from tests.fakes import ports as fake_ports


@pytest.fixture
def warehouse():
    warehouse = DuckDbWarehouse(Path(":memory:"), clock=SetClock())
    yield warehouse
    warehouse.close()


@pytest.fixture
def ports(warehouse) -> Ports:
    return fake_ports(warehouse)
