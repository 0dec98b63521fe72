"""A damaged warehouse is made anew from the objects, equal to what it was, table by table."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from hankstank.dev.fault_injection.compare import comparable_rows
from hankstank.local.machine import STEPS
from hankstank.ops import rebuild, status, verify
from services.predict_api.app import create_app
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.adapters.local.folder_store import FolderStore
from shared.errors import StoreCorrupted
from shared.messaging.events import Event
from shared.modeling import registry
from shared.storage import tables
from tests.pipeline.machine import Outside, machine
from tests.pipeline.worlds import day


def quiet(*_told: object) -> None:
    """Show no progress."""


@pytest.fixture(scope="module")
def undisturbed(backfilled: Path, ten_days: Outside, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that knows ten days, the last of them forecast over HTTP and graded."""
    home = shutil.copytree(backfilled, tmp_path_factory.mktemp("undisturbed") / "home")
    with machine(home, ten_days) as finished_run:
        finished_run.live(9)
        client = create_app(finished_run.rooms.ports.objects, finished_run.around.clock).test_client()
        assert client.get(f"/slate/{day(10)}").status_code == 200
        finished_run.live(10)
    return home


@pytest.fixture
def home(undisturbed: Path, tmp_path: Path) -> Path:
    return shutil.copytree(undisturbed, tmp_path / "home")


def contents(home: Path) -> Iterator[tuple[str, pl.DataFrame]]:
    warehouse = DuckDbWarehouse(home / "warehouse.duckdb")
    try:
        for name in tables.list_tables():
            yield name, comparable_rows(warehouse, name)
    finally:
        warehouse.close()


def test_rebuilt_warehouse_equals_the_undisturbed_one(home: Path) -> None:
    before = dict(contents(home))
    objects = FolderStore(home / "objects")
    release = registry.current_release(objects)
    path = home / "warehouse.duckdb"
    path.write_bytes(path.read_bytes()[:100_000])
    done = rebuild.rebuild_warehouse(home, quiet)
    assert (done["not_rebuilt"], done["as_of"]) == ([], day(10))
    after = dict(contents(home))
    assert {name for name in before if not before[name].equals(after[name])} == set()
    filled = {name for name, rows in before.items() if rows.height}
    assert {"games_historical", "forecasts", "grades", "batter_states", "player_features_daily"} <= filled
    assert registry.current_release(objects) == release
    assert verify.verify_stores(home, quiet)["findings"] == []


def test_rebuild_goes_without_its_queue(home: Path) -> None:
    before, days = dict(contents(home)), status.read_status(home)["days"]
    (home / "queue.sqlite").write_bytes(b"rubbish")
    (home / "warehouse.duckdb").unlink()
    done = rebuild.rebuild_warehouse(home, quiet)
    assert done["kept_aside"] == [str(home / "queue.sqlite.before-rebuild-1")]
    after = dict(contents(home))
    assert {name for name in before if not before[name].equals(after[name])} == set()
    assert status.read_status(home)["days"] == days
    assert verify.verify_stores(home, quiet)["findings"] == []


def test_damaged_snapshot_is_made_anew(home: Path) -> None:
    objects = FolderStore(home / "objects")
    release = registry.current_release(objects)
    (home / "objects" / release.snapshot).write_bytes(b"rubbish")
    rebuild.rebuild_warehouse(home, quiet)
    newer = registry.current_release(objects)
    assert newer.snapshot != release.snapshot
    assert newer.models == release.models
    assert status.read_status(home)["as_of"] == day(10)


def test_interrupted_rebuild_changes_nothing_and_can_be_repeated(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, path = dict(contents(home)), home / "warehouse.duckdb"
    whole = path.read_bytes()
    with monkeypatch.context() as stopped:
        stopped.setattr(rebuild, "create_features", stop)
        with pytest.raises(KeyboardInterrupt):
            rebuild.rebuild_warehouse(home, quiet)
    assert path.read_bytes() == whole
    assert rebuild.rebuild_warehouse(home, quiet)["not_rebuilt"] == []
    aside = home / "warehouse.duckdb.before-rebuild-1"
    assert aside.read_bytes() == whole
    after = dict(contents(home))
    assert {name for name in before if not before[name].equals(after[name])} == set()


def stop(*_given: object) -> None:
    raise KeyboardInterrupt


def test_batch_whose_object_is_damaged_is_named_with_its_days(home: Path) -> None:
    staged = next((home / "objects" / "staging").rglob("games_historical-*.parquet"))
    staged.write_bytes(staged.read_bytes()[:-10])
    done = rebuild.rebuild_warehouse(home, quiet)
    (lost,) = done["not_rebuilt"]
    assert staged.name in lost
    assert "hankstank collect --from" in lost


def test_run_ends_with_the_way_out(home: Path, ten_days: Outside) -> None:
    path = home / "warehouse.duckdb"
    path.write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(StoreCorrupted, match="`hankstank rebuild`"), machine(home, ten_days):
        pass
    path.unlink()
    with pytest.raises(StoreCorrupted, match="missing although batches were loaded"), machine(home, ten_days):
        pass


def test_delivery_that_the_damage_stopped_is_made_after_the_rebuild(home: Path, ten_days: Outside) -> None:
    def stopped(*_given: object) -> list[Event]:
        raise StoreCorrupted("warehouse.duckdb is damaged")

    with machine(home, ten_days) as finished_run:
        finished_run.rooms.steps = {**STEPS, "collector": stopped}
        assert finished_run.live(11) == []
        assert finished_run.reasons() == ["StoreCorrupted: warehouse.duckdb is damaged"]
    rebuild.rebuild_warehouse(home, quiet)
    with machine(home, ten_days) as finished_run:
        finished_run.rooms.run_until_idle()
        assert finished_run.reasons() == []
        assert finished_run.rooms.read_status("collector")["run_id"] == "daily-11"
