"""Each port goes wrong as its real one would: before or after the effect, in the middle, or as a spoilt file."""

from datetime import UTC, datetime

import polars as pl
import pytest

from hankstank.dev.fault_injection.injector import FaultInjector, ProcessCrash
from hankstank.dev.fault_injection.ports import (
    UNUSED_PID,
    FaultyObjectStore,
    FaultyWarehouse,
    StepClock,
    TransactionClock,
    VirtualTimer,
)
from hankstank.dev.fault_injection.schedule import Fault
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.adapters.local.folder_store import FolderStore
from shared.errors import ObjectCorrupted, StoreUnavailable
from shared.storage.tables import get_table

NOW = datetime(2026, 4, 1, 6, tzinfo=UTC)
VENUES = get_table("venues")


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def fated(home, place, kind):
    fate = FaultInjector(home, [Fault(1, place, 1, kind)], day=1)
    return fate, VirtualTimer(NOW, fate)


def objects(home, place, kind):
    return FaultyObjectStore(*fated(home, place, kind), FolderStore(home / "objects"), home / "objects")


@pytest.mark.parametrize(("kind", "stands"), [("store.error_before", False), ("store.error_after", True)])
def test_write_fails_before_or_after_it_stands(home, kind, stands):
    store = objects(home, "objects.put", kind)
    with pytest.raises(StoreUnavailable):
        store.write_once("staging/a", b"bytes")
    assert store.exists("staging/a") is stands


def test_torn_file_is_corrupted(home):
    store = objects(home, "objects.put", "store.torn_file")
    store.write_once("staging/a", b"bytes")
    with pytest.raises(ObjectCorrupted):
        store.read_bytes("staging/a")


def test_spoilt_read_is_spoilt_once(home):
    store = objects(home, "objects.get", "store.corrupted_read")
    store.write_once("raw/a", b"bytes")
    with pytest.raises(ObjectCorrupted):
        store.read_bytes("raw/a")
    assert store.read_bytes("raw/a") == b"bytes"


def test_half_a_file_of_a_dead_process_is_swept(home):
    store = objects(home, "objects.put", "death.within_write")
    with pytest.raises(ProcessCrash):
        store.write_once("staging/a", b"bytes")
    (half,) = (home / "objects" / ".tmp").iterdir()
    assert half.name.startswith(str(UNUSED_PID))
    FolderStore(home / "objects")
    assert not half.exists()


@pytest.fixture
def venues():
    lineage = {"source": "s", "run_id": "r", "raw_object": "o", "raw_sha256": "h", "collected_at": NOW}
    row = {"venue_id": 1, "name": "The Park"} | lineage
    return pl.DataFrame([{field.name: row.get(field.name) for field in VENUES.staged_fields}])


def tables(home, kind):
    fate, timers = fated(home, "warehouse.merge", kind)
    within = TransactionClock(timers)
    return FaultyWarehouse(fate, timers, DuckDbWarehouse(home / "warehouse.duckdb", clock=within), within)


def stored(home):
    warehouse = DuckDbWarehouse(home / "warehouse.duckdb")
    try:
        return warehouse.query_rows("select v.venue_id from mlb_historical_data.venues as v").height
    finally:
        warehouse.close()


@pytest.mark.parametrize(
    ("kind", "rows"),
    [("warehouse.error_before", 0), ("warehouse.error_within", 0), ("warehouse.error_after", 1)],
)
def test_merge_fails_before_within_or_after(home, venues, kind, rows):
    held = tables(home, kind)
    with pytest.raises(StoreUnavailable, match="planted"):
        held.merge_rows(VENUES, venues)
    held.port.close()
    assert stored(home) == rows


def test_death_within_a_transaction_leaves_nothing_of_it(home, venues):
    held = tables(home, "death.within_transaction")
    with pytest.raises(ProcessCrash):
        held.merge_rows(VENUES, venues)
    held.port.close()
    held.injector.restore()
    assert stored(home) == 0


@pytest.mark.parametrize(("kind", "hour"), [("clock.forth", 7), ("clock.back", 4)])
def test_clock_jumps_and_stays_there(home, kind, hour):
    clock = StepClock(NOW, fated(home, "clock.now", kind)[0])
    assert (clock().hour, clock().hour) == (hour, hour)
