"""The BigQuery warehouse keeps a warehouse's promises, and tells apart what BigQuery refuses."""

import pytest

from tests.contracts.bigquery import warehouse_of
from tests.contracts.warehouse import WarehouseContract


class TestBigQueryWarehouse(WarehouseContract):
    @pytest.fixture
    def warehouse(self, bigquery_client, clock):
        return warehouse_of(bigquery_client, clock, patience=5.0)
