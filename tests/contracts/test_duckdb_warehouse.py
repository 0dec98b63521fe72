"""The DuckDB warehouse keeps a warehouse's promises, also between processes and on a full disk."""

import pytest

from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from tests.contracts.warehouse import WarehouseContract


class TestDuckDbWarehouse(WarehouseContract):
    @pytest.fixture
    def warehouse(self, tmp_path, clock):
        warehouse = DuckDbWarehouse(tmp_path / "warehouse.duckdb", clock=clock)
        yield warehouse
        warehouse.close()
