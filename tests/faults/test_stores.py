"""Files that are torn, spoilt, full or unwritable: named, refused, and made good by the next delivery or tick."""

import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from hankstank.local.subprocesses import ROOT
from shared.adapters.local.durable_queue import DeliveryResult
from shared.messaging.events import DataCollected
from tests.patience import PATIENCE
from tests.pipeline.machine import Machine, Outside, assert_equal_tables, machine
from tests.pipeline.worlds import day

ASKS_FOR_EVER = """
import signal, sys
from pathlib import Path
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
million = "unnest(generate_array(1, 1000000))"
try:
    warehouse = DuckDbWarehouse(Path(sys.argv[1]))
    print("asking", flush=True)
    warehouse.query_rows(f"select sum(a * b) from {million} as a, {million} as b")
except KeyboardInterrupt:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    print("heard")
"""
DATASETS = "mlb_historical_data", "mlb_features"


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def after(room: str, harm: Callable[[], object], held: Machine) -> None:
    """Do harm once, as soon as a room has done its work."""

    def on_step(delivered: DeliveryResult) -> None:
        if delivered.service == room:
            held.rooms.on_step = lambda _delivered: None
            harm()

    held.rooms.on_step = on_step


def stored(held: Machine, pattern: str) -> Path:
    (path,) = (held.rooms.settings.home / "objects").glob(pattern)
    return path


def assert_whole(held: Machine, undisturbed: Machine) -> None:
    assert_equal_tables(held.rooms.ports.warehouse, undisturbed.rooms.ports.warehouse, *DATASETS)


def test_spoilt_staging_object_is_refused_by_name(new: Machine):
    after("collector", lambda: truncated(stored(new, "staging/first/0/plate_appearances-*.parquet")), new)
    assert new.collect("first", 1, 1) == ["data.collected"]
    (reason,) = new.reasons()
    assert reason.startswith("ObjectCorrupted: staging/first/0/plate_appearances-")


def test_later_tick_makes_good_what_was_spoilt(new: Machine, undisturbed: Machine):
    after("validator", lambda: truncated(stored(new, "staging/first/0/people-*.parquet")), new)
    assert new.collect("first", 1, 1) == ["data.collected", "data.validated"]
    new.collect("later", 1, 1)
    assert_whole(new, undisturbed)


def test_dead_letter_can_be_replayed_once_healed(new: Machine, undisturbed: Machine):
    pattern, whole = "staging/first/0/people-*.parquet", {}
    after(
        "collector",
        lambda: whole.update(bytes=stored(new, pattern).read_bytes()) or truncated(stored(new, pattern)),
        new,
    )
    new.collect("first", 1, 1)
    stored(new, pattern).write_bytes(whole["bytes"])
    new.rooms.replay_dead_letter(new.rooms.dead_letters()[0].id)
    assert_whole(new, undisturbed)


def test_torn_status_stops_no_build(knowing: Machine):
    for room in ("features", "trainer"):
        knowing.rooms.ports.objects.overwrite(f"status/{room}.json", b"{}" * 100)
        truncated(stored(knowing, f"status/{room}.json"))
    assert knowing.collect("second", 2, 2)[-1] == "features.created"


def test_unknown_version_is_parked_and_the_day_goes_on(new: Machine, undisturbed: Machine):
    facts = {
        "run_id": "future",
        "attempt": 0,
        "occurred_at": new.around.clock(),
        "sport": "mlb",
        "manifest": "m",
    }
    news = DataCollected.model_construct(
        schema_version=2, dates=(day(1),), season_phase="regular", counts={}, **facts
    )
    new.rooms._buses["backfill"].publish(news)
    new.collect("first", 1, 1)
    (reason,) = new.reasons()
    assert "schema_version" in reason
    assert "got 2" in reason
    assert_whole(new, undisturbed)


def test_ctrl_c_during_a_query_is_no_bug(tmp_path: Path):
    """DuckDB may lose an interrupt while it makes a query ready, so keys are pressed until one is heard."""
    words = [sys.executable, "-c", ASKS_FOR_EVER, str(tmp_path / "warehouse.duckdb")]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as requesting:
        assert requesting.stdout.readline() == "asking\n"
        while requesting.poll() is None:
            requesting.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                requesting.wait(2)
        assert requesting.stdout.read() == "heard\n"


def play(home: Path, around: Outside, *limits: str) -> subprocess.CompletedProcess:
    words = [sys.executable, "-m", "tests.pipeline.play", str(home), around.url, "1", "1", *limits]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)


@pytest.fixture(scope="module")
def full(
    two_days: Outside, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess]:
    """A home on a disk that takes no file over 100 kB, and what became of a tick there."""
    home = tmp_path_factory.mktemp("full") / "home"
    return home, play(home, two_days, "100000")


def test_full_disk_is_named(full):
    home, ended = full
    assert ended.returncode == 1
    assert f"{home}/warehouse.duckdb" in ended.stderr
    assert "File too large" in ended.stderr


def test_day_goes_on_when_there_is_space_again(full, undisturbed: Machine, around: Outside):
    home, _ = full
    with machine(home, around) as held:
        around.dawn_after(1)
        held.rooms.run_until_idle("backfill")
        assert_whole(held, undisturbed)


@pytest.mark.skipif(
    not Path("/proc/self").exists(), reason="needs a file system that nobody can write, /proc"
)
def test_folder_nobody_can_write_is_named(around: Outside):
    home = "/proc/hankstank"
    words = [
        sys.executable,
        "-m",
        "hankstank",
        "collect",
        "--home",
        home,
        "--from",
        str(day(1)),
        "--to",
        str(day(1)),
    ]
    ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ended.returncode == 3
    assert ended.stderr.count("\n") == 1
    assert home in ended.stderr
