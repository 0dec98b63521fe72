"""A home with the former names of columns opens, is renamed once, forecasts the same and lives its next day."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from hankstank.ops import tables as ops_tables
from hankstank.ops.status import read_status
from hankstank.ops.verify import verify_stores
from services.predict_api.serving.release_manager import ReleaseManager
from shared.adapters.local.duckdb_reader import ExportSelection, export_table, select_rows
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.adapters.local.folder_store import FolderStore
from shared.modeling import registry
from shared.modeling.model import Model
from shared.sports.mlb.targets import TARGETS
from shared.storage import tables
from tests.pipeline.former_names import former_columns, restore_former_names
from tests.pipeline.machine import Machine, Outside, assert_equal_tables, machine
from tests.pipeline.worlds import day

# Two sentences about the same forecast differ in the bytes and names that hashes are of.
HASHES = ("inputs_sha256", "features_sha256", "raw_object", "raw_sha256")


def quiet(*_progress: object) -> None:
    """Show no progress."""


@dataclass
class Homes:
    """The same eight days with models, with today's names and with the former ones."""

    current: Path
    former: Path


@pytest.fixture(scope="module")
def homes(backfilled: Path, ten_days: Outside, tmp_path_factory: pytest.TempPathFactory) -> Homes:
    folder = tmp_path_factory.mktemp("former")
    current = shutil.copytree(backfilled, folder / "current")
    with machine(current, ten_days) as known:
        known.live(8)
    former = shutil.copytree(current, folder / "former")
    restore_former_names(former)
    return Homes(current, former)


@pytest.fixture
def former(homes: Homes, tmp_path: Path) -> Path:
    """A home with the former names, to be changed."""
    return shutil.copytree(homes.former, tmp_path / "home")


def next_day_forecasts(home: Path) -> dict[tuple[object, ...], tuple[float, list[float]]]:
    """Return mean and chances of every forecast of the ninth day, by target, game and player."""
    manager = ReleaseManager(FolderStore(home / "objects"))
    manager.serve_newest()
    games = manager.require_forecaster().forecast_day(day(9)).values()
    forecasts = (forecast for game in games for forecast in game.all_forecasts())
    return {
        (one.target, one.row["game_pk"], one.row.get("player_id")): (one.mean, one.chances.tolist())
        for one in forecasts
    }


def test_home_has_the_former_names(former: Path) -> None:
    assert len(former_columns(former / "warehouse.duckdb")) == sum(
        len(tables.get_table(name).current_names) for name in tables.list_tables()
    )


def test_nothing_is_wrong_before_it_is_renamed(former: Path) -> None:
    assert verify_stores(former, quiet)["findings"] == []
    assert read_status(former)["as_of"] == day(8)
    assert former_columns(former / "warehouse.duckdb")  # reading has changed nothing


def test_readers_find_the_current_columns(former: Path, tmp_path: Path) -> None:
    warehouse, table = former / "warehouse.duckdb", tables.get_table("player_features_daily")
    columns = "count(batter_k_rate_shrunk) as shrunk, count(batter_k_rate_vs_league) as vs_league"
    assert select_rows(warehouse, f"select {columns} from player_features_daily").row(0)[0] > 0
    answer = pl.concat(ops_tables.query_warehouse(former, f"select {columns} from player_features_daily", 60))
    assert answer.row(0)[0] > 0
    export_table(
        warehouse, ExportSelection(table, ("batter_k_rate_shrunk",)), tmp_path / "rows.parquet", "parquet"
    )
    assert pl.read_parquet(tmp_path / "rows.parquet")["batter_k_rate_shrunk"].drop_nulls().len() > 0


def test_forecasts_are_equal_to_the_last_digit(homes: Homes) -> None:
    forecasts = next_day_forecasts(homes.current)
    assert next_day_forecasts(homes.former) == forecasts
    assert forecasts


def test_columns_are_renamed_by_the_first_open(former: Path, homes: Homes) -> None:
    for _ in range(2):
        warehouse, other = (DuckDbWarehouse(home / "warehouse.duckdb") for home in (former, homes.current))
        assert_equal_tables(warehouse, other, "mlb_features", "mlb_historical_data", "mlb_predictions")
        warehouse.close()
        other.close()
        assert former_columns(former / "warehouse.duckdb") == []
    assert verify_stores(former, quiet)["findings"] == []


@pytest.fixture(scope="module")
def grown(
    homes: Homes, ten_days: Outside, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Machine, Machine]]:
    """Both homes after the ninth day: with the former names, and with the current ones."""
    folder = tmp_path_factory.mktemp("grown")
    with (
        machine(shutil.copytree(homes.former, folder / "former"), ten_days) as former,
        machine(shutil.copytree(homes.current, folder / "current"), ten_days) as current,
    ):
        for one in (former, current):
            assert one.live(9)[-1] == "model.deployed"
        yield former, current


def test_next_day_is_the_same(grown: tuple[Machine, Machine]) -> None:
    warehouses = [one.rooms.ports.warehouse for one in grown]
    assert_equal_tables(*warehouses, "mlb_historical_data")
    assert_equal_tables(*warehouses, "mlb_features", "mlb_predictions", apart_from=HASHES)


def test_next_models_are_the_same(grown: tuple[Machine, Machine]) -> None:
    """A model that nothing but names tells from the new one is not deployed again."""
    former, current = (
        {
            target: ref.version
            for target, ref in registry.current_release(one.rooms.ports.objects).models.items()
        }
        for one in grown
    )
    assert former == current


def test_next_models_forecast_the_same(grown: tuple[Machine, Machine]) -> None:
    former, current = (model_forecasts(one) for one in grown)
    assert former == current


def model_forecasts(one: Machine) -> dict[str, list[float]]:
    """Return what the released models forecast of every stored row, by target."""
    objects, rows_of = one.rooms.ports.objects, {target.name: target.rows for target in TARGETS}
    games, players = one.rows("game_features_daily"), one.rows("player_features_daily")
    by_role = {"game": games} | {role: players.filter(role=role) for role in ("batter", "starter")}
    refs = registry.current_release(objects).models.values()
    models = {ref.target: Model.from_artifact(*registry.load_model(objects, ref)) for ref in refs}
    return {name: model.predict_mean(by_role[rows_of[name]]).tolist() for name, model in models.items()}


def test_nothing_is_wrong_after_the_next_day(grown: tuple[Machine, Machine]) -> None:
    former, _ = grown
    former.rooms.ports.warehouse.close()
    home = former.rooms.settings.home
    assert verify_stores(home, quiet)["findings"] == []
    assert read_status(home)["as_of"] == day(9)
