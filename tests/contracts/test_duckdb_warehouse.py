"""The DuckDB warehouse keeps a warehouse's promises, also after a kill and on a full disk."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import polars as pl
import pytest

from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.errors import RowsMissing, StoreCorrupted, StoreUnavailable
from shared.ports import MergeResult
from shared.storage.tables import get_table, list_tables
from tests.contracts.limits import largest_file
from tests.contracts.warehouse import PLAYS, WarehouseContract, play
from tests.patience import PATIENCE

COUNT = f"select count(*) as n from {PLAYS.full_name}"


class TestDuckDbWarehouse(WarehouseContract):
    @pytest.fixture
    def warehouse(self, tmp_path, clock):
        warehouse = DuckDbWarehouse(tmp_path / "warehouse.duckdb", clock=clock)
        yield warehouse
        warehouse.close()


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "warehouse.duckdb"


@pytest.fixture
def warehouse(path):
    warehouse = DuckDbWarehouse(path)
    warehouse.ensure_table(PLAYS)
    yield warehouse
    warehouse.close()


def many(games: int, collected: int = 1) -> pl.DataFrame:
    return pl.DataFrame([play(pk, index, collected=collected) for pk in range(games) for index in range(70)])


def merge_until_killed(path: Path, started) -> None:
    warehouse = DuckDbWarehouse(path)
    for version in count(2):
        warehouse.merge_rows(PLAYS, many(30, collected=version))
        started.set()


def test_every_known_table_stands_from_the_start(path):
    warehouse = DuckDbWarehouse(path)
    for name in list_tables():
        assert warehouse.query_rows(f"select count(*) as n from {get_table(name).full_name}").item() == 0
    warehouse.close()


def test_rows_outlive_the_process(warehouse, path):
    warehouse.merge_rows(PLAYS, many(1))
    warehouse.close()
    assert warehouse.query_rows(COUNT).item() == 70


def test_second_process_is_refused_until_the_first_is_killed(warehouse, path):
    warehouse.merge_rows(PLAYS, many(30))
    warehouse.close()
    context = multiprocessing.get_context("spawn")
    started = context.Event()
    first = context.Process(target=merge_until_killed, args=(path, started), daemon=True)
    first.start()
    assert started.wait(PATIENCE)
    with pytest.raises(StoreUnavailable, match=rf"process {first.pid} is using it: one run at a time"):
        warehouse.query_rows("select 1")
    first.kill()
    first.join()
    whole = f"select count(*) as n, count(distinct collected_at) as versions from {PLAYS.full_name}"
    assert warehouse.query_rows(whole).row(0) == (30 * 70, 1)


def test_full_disk_is_named_and_nothing_half_stands(warehouse, path):
    warehouse.merge_rows(PLAYS, many(1))
    with largest_file(path.stat().st_size), pytest.raises(StoreUnavailable, match=r"warehouse\.duckdb"):
        warehouse.merge_rows(PLAYS, many(300, collected=2))
    warehouse.close()
    assert warehouse.query_rows(f"select distinct game_pk from {PLAYS.full_name}").rows() == [(0,)]
    assert warehouse.merge_rows(PLAYS, many(2, collected=2)) == MergeResult(140, 0, 0)


def test_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreUnavailable, match="file"):
        DuckDbWarehouse(tmp_path / "file" / "warehouse.duckdb").query_rows("select 1")


def test_file_of_another_kind_is_named(path):
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(StoreCorrupted, match=r"warehouse\.duckdb"):
        DuckDbWarehouse(path).query_rows("select 1")


def test_threads_read_and_merge_side_by_side(warehouse):
    def merge_one(pk: int) -> int:
        warehouse.merge_rows(PLAYS, pl.DataFrame([play(pk, index) for index in range(5)]))
        return int(warehouse.query_rows(COUNT).item())

    with ThreadPoolExecutor(8) as pool:
        counted = list(pool.map(merge_one, range(24)))
    assert max(counted) == 24 * 5
    assert all(count % 5 == 0 for count in counted)


def test_rows_that_do_not_stand_are_noticed_and_undone(warehouse, monkeypatch):
    monkeypatch.setattr("shared.adapters.local.duckdb_warehouse._run_update", lambda *_: 0)
    with pytest.raises(RowsMissing, match="contract_plays: expected 70 rows stored, counted 0"):
        warehouse.merge_rows(PLAYS, many(1))
    assert warehouse.query_rows(COUNT).item() == 0


def test_merge_after_a_failed_one_goes_on(warehouse, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr("shared.adapters.local.duckdb_warehouse._run_update", lambda *_: 0)
        with pytest.raises(RowsMissing):
            warehouse.merge_rows(PLAYS, many(1))
    assert warehouse.merge_rows(PLAYS, many(1)).stored == 70


def test_translations_lie_beside_the_file(path):
    warehouse = DuckDbWarehouse(path)
    warehouse.query_rows("select 1")
    warehouse.close()
    assert (path.parent / "translations.json").exists()


def test_warehouse_in_memory_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    warehouse = DuckDbWarehouse(Path(":memory:"))
    warehouse.query_rows("select 1")
    warehouse.close()
    assert list(tmp_path.iterdir()) == []
