"""Each played day has its forecasts, or `status` and `verify` name it."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from hankstank.ops import forecast_days
from hankstank.ops.forecast_days import days_without_forecasts, describe_days, find_faults, unforecast_games
from services.loader.forecasts import load_and_score
from services.predict_api.serving.recording import store_missing
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.adapters.local.folder_store import FolderStore
from shared.modeling import registry
from shared.storage import snapshot
from shared.storage.snapshot import Snapshot
from shared.storage.tables import get_table
from tests.fakes import ports
from tests.unit.hankstank.filled_stores import stock
from tests.unit.services.loader.batches import game
from tests.unit.services.predict_api.release_store import AS_OF, DOUBLEHEADER_DAY, NOW, TOMORROW, fill, tables

LATER = DOUBLEHEADER_DAY + timedelta(days=1)


@pytest.fixture
def objects(tmp_path: Path) -> FolderStore:
    """A store with a release whose forecasts nobody has stored."""
    store = FolderStore(tmp_path / "objects")
    fill(store)
    return store


def played(objects: FolderStore, home: Path) -> Path:
    """Let the games of tomorrow and the day after be played and loaded, with their forecasts; return where."""
    path = home / "warehouse.duckdb"
    warehouse = DuckDbWarehouse(path, clock=lambda: NOW)
    games = [game(1, TOMORROW), game(2, DOUBLEHEADER_DAY), game(3, DOUBLEHEADER_DAY)]
    warehouse.merge_rows(get_table("games_historical"), pl.DataFrame(games, infer_schema_length=None))
    load_and_score(ports(warehouse, objects=objects), [TOMORROW, DOUBLEHEADER_DAY])
    warehouse.close()
    return path


def test_a_played_day_without_forecasts_is_named(objects: FolderStore) -> None:
    days = [AS_OF, TOMORROW, DOUBLEHEADER_DAY, LATER]
    assert days_without_forecasts(objects, days, DOUBLEHEADER_DAY) == [TOMORROW, DOUBLEHEADER_DAY]
    store_missing(objects, lambda: NOW)
    assert days_without_forecasts(objects, days, LATER) == [LATER]


def test_before_there_are_models_no_day_is_named(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    name = snapshot.save_snapshot(Snapshot(AS_OF, "run-1", tables()), store)
    registry.publish_release(store, snapshot=name, models=None, run_id="r", now=NOW, reason="test")
    assert days_without_forecasts(store, [TOMORROW], LATER) == []


def test_a_release_of_the_evening_is_due_from_the_next_day_on(
    objects: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecast_days, "FIRST_START", (NOW - timedelta(hours=1)).timetz())
    assert days_without_forecasts(objects, [TOMORROW, DOUBLEHEADER_DAY], LATER) == [DOUBLEHEADER_DAY]


def test_games_without_a_forecast_are_counted_by_day(objects: FolderStore, tmp_path: Path) -> None:
    assert unforecast_games(objects, played(objects, tmp_path)) == {
        TOMORROW: (1, 1),
        DOUBLEHEADER_DAY: (2, 2),
    }


def test_games_that_were_forecast_are_not(objects: FolderStore, tmp_path: Path) -> None:
    store_missing(objects, lambda: NOW)
    path = played(objects, tmp_path)
    assert unforecast_games(objects, path) == {}
    assert list(find_faults(objects, path)) == []


def test_forecasts_that_are_due_are_found(objects: FolderStore, tmp_path: Path) -> None:
    ((where, wrong),) = find_faults(objects, played(objects, tmp_path))
    assert (where, "the next `hankstank run` or `collect` stores them" in wrong) == ("release 000001", True)


def test_forecasts_that_are_not_loaded_are_found(objects: FolderStore, tmp_path: Path) -> None:
    path = played(objects, tmp_path)
    store_missing(objects, lambda: NOW)
    name = snapshot.save_snapshot(Snapshot(TOMORROW, "run-2", tables()), objects)
    later = NOW + timedelta(days=1)
    registry.publish_release(objects, snapshot=name, models=None, run_id="r", now=later, reason="test")
    store_missing(objects, lambda: later)
    ((where, wrong),) = find_faults(objects, path)
    assert where == f"forecasts/{TOMORROW}/release-000001.json.zst"
    assert "39 forecasts are stored and not loaded" in wrong


def test_a_store_without_a_warehouse_of_games_has_nothing_to_count(tmp_path: Path) -> None:
    stock(tmp_path)
    objects = FolderStore(tmp_path / "objects")
    assert unforecast_games(objects, tmp_path / "warehouse.duckdb") == {}


def test_days_are_told_in_stretches() -> None:
    assert describe_days([AS_OF, TOMORROW, LATER]) == "3 days: 2026-05-01 to 2026-05-02, 2026-05-04"
