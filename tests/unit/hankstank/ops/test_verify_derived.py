"""Features that stand twice and grades of no forecast are found; whole ones are not."""

from pathlib import Path

import duckdb
import pytest

from hankstank.ops import verify_derived
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse

STATE = "insert into mlb_features.batter_states (as_of, batter_id) values (date '2026-04-06', {})"
FORECAST = "insert into mlb_predictions.forecasts (forecast_id) values ('{}')"
GRADE = "insert into mlb_predictions.grades (forecast_id) values ('{}')"


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    made = DuckDbWarehouse(path)
    made.query_rows("select 1 as one")
    made.close()
    return path


def found(warehouse: Path, *statements: str) -> list[tuple[str, str]]:
    with duckdb.connect(str(warehouse)) as store:
        for statement in statements:
            store.execute(statement)
    return list(verify_derived.find_faults(warehouse))


def test_whole_features_and_grades_are_no_fault(warehouse: Path):
    assert found(warehouse, STATE.format(1), STATE.format(2), FORECAST.format("a"), GRADE.format("a")) == []


def test_feature_that_stands_twice_is_found(warehouse: Path):
    wrong = found(warehouse, STATE.format(1), STATE.format(1), STATE.format(2))
    assert wrong == [("mlb_features.batter_states", "as_of 2026-04-06, batter_id 1: stored 2 times")]


def test_grade_of_no_forecast_is_found(warehouse: Path):
    wrong = found(warehouse, FORECAST.format("a"), GRADE.format("a"), GRADE.format("b"))
    assert wrong == [("mlb_predictions.grades", "forecast_id b: no such forecast is stored")]
