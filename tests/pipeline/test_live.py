"""A season run by schedule: it equals days that were run by hand, whatever happens to its process and machine."""

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from hankstank.live.ledger import load_ledger
from hankstank.local.machine import LocalPipeline, SimulatedClock
from hankstank.local.pipeline_run import DayRunner
from hankstank.local.run_plan import RunPlan, tick_time
from hankstank.local.subprocesses import ROOT
from shared.adapters.local.folder_store import FolderStore
from shared.runtime.data_world import DataWorld, write_world
from tests.patience import PATIENCE
from tests.pipeline.live_process import BACKFILL, LABEL, settings_of
from tests.pipeline.machine import Machine, Outside, assert_equal_tables, machine, outside
from tests.pipeline.worlds import day, small_world

LAST, KILLED_AT, SLEPT = 10, 5, 7
LATER = ("collected_at", "raw_object", "raw_sha256", "inputs_sha256")  # of a night that was slept over
FORECAST = ["game_pk", "player_id", "target", "is_challenger"]


@pytest.fixture(scope="module")
def eleven_days(tmp_path_factory):
    with outside(tmp_path_factory.mktemp("outside"), small_world(LAST + 1)) as around:
        yield around


def begin(home: Path, around: Outside, *words: object) -> subprocess.Popen:
    around.bodies.now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    command = [sys.executable, "-m", "tests.pipeline.live_process", home, around.url, LAST, *words]
    return subprocess.Popen(
        list(map(str, command)), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def finished(running: subprocess.Popen) -> str:
    printed = running.communicate(timeout=PATIENCE)[0]
    assert running.returncode == 0, printed
    return printed


def killed_during(home: Path, running: subprocess.Popen, run_id: str) -> None:
    """Kill a process once the loader has done its part of a run."""
    status = home / "objects" / "status" / "loader.json"
    deadline = time.monotonic() + PATIENCE
    while not (status.exists() and run_id in status.read_text()):
        assert time.monotonic() < deadline
        assert running.poll() is None
        time.sleep(0.01)
    running.kill()
    running.communicate()


OFTEN = ("weather_forecasts",)  # one of the night, one of each refresh
NIGHT = f"daily-{day(KILLED_AT + 1):%Y%m%d}T0600Z"


@pytest.fixture(scope="module")
def killed(eleven_days: Outside, tmp_path_factory) -> Path:
    """A home with the nightly schedules, whose service was killed in the middle of a night."""
    home = tmp_path_factory.mktemp("killed") / "home"
    killed_during(home, begin(home, eleven_days, "nightly"), NIGHT)
    finished(begin(home, eleven_days, "nightly"))
    return home


@pytest.fixture(scope="module")
def disturbed(eleven_days: Outside, tmp_path_factory) -> Path:
    """A home with all schedules that was killed too, and whose machine slept over another night."""
    home = tmp_path_factory.mktemp("disturbed") / "home"
    killed_during(home, begin(home, eleven_days, "all", SLEPT), NIGHT)
    finished(begin(home, eleven_days, "all", SLEPT))
    return home


@pytest.fixture(scope="module")
def undisturbed(eleven_days: Outside, tmp_path_factory) -> Path:
    """A home with all schedules to which nothing happened."""
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    finished(begin(home, eleven_days, "all"))
    return home


@pytest.fixture(scope="module")
def run_by_hand(eleven_days: Outside, tmp_path_factory) -> Path:
    """A home whose days were run one by one, as `hankstank run` does."""
    home, url = tmp_path_factory.mktemp("by-hand") / "home", eleven_days.url
    plan = RunPlan("league", LABEL, BACKFILL, tuple(day(n) for n in range(3, LAST + 1)))
    clock = SimulatedClock(tick_time(BACKFILL[1]))
    with LocalPipeline(settings_of(str(home), url), clock) as known:
        runner = DayRunner(known, plan, clock, url)
        runner.run_backfill(lambda *_: None)
        for number in range(3, LAST + 1):  # without its API, which answers nothing before there are models
            clock.now = tick_time(day(number))
            eleven_days.dawn_after(number)
            write_world(known.ports.objects, DataWorld(LABEL, clock.now))
            known.run_tick(f"daily-{day(number)}", None, None, "daily")
    return home


def test_ten_nights_by_schedule_equal_ten_days_run_by_hand(
    killed: Path, run_by_hand: Path, eleven_days: Outside
):
    with machine(killed, eleven_days) as one, machine(run_by_hand, eleven_days) as other:
        warehouses = one.rooms.ports.warehouse, other.rooms.ports.warehouse
        assert_equal_tables(*warehouses, "mlb_historical_data", "mlb_features")
        assert one.rows("games_historical").filter(status="Final").height == 3 * LAST
        assert one.reasons() == []
        assert scored(one).equals(scored(other))


def test_ten_days_of_kills_and_sleep_equal_undisturbed_ones(
    disturbed: Path, undisturbed: Path, eleven_days: Outside
):
    with machine(disturbed, eleven_days) as one, machine(undisturbed, eleven_days) as other:
        warehouses = one.rooms.ports.warehouse, other.rooms.ports.warehouse
        assert_equal_tables(
            *warehouses, "mlb_historical_data", "mlb_features", apart_from=LATER, without=OFTEN
        )
        assert one.reasons() == []
        assert scored(one).height > 0
        assert scored(one).equals(scored(other))


def scored(held: Machine) -> pl.DataFrame:
    """Return the scores of forecasts, without what names their releases."""
    return held.rows("grades").select(*FORECAST, "log_loss").sort(FORECAST)


def test_night_that_was_killed_is_published_once(killed: Path, eleven_days: Outside):
    with machine(killed, eleven_days) as held:
        topics = [event.topic for event in held.rooms.list_events(NIGHT)]
        assert topics.count("data-collection-trigger") == topics.count("data.collected") == 1


def test_night_that_was_slept_over_is_collected_in_the_morning(disturbed: Path):
    ledger = load_ledger(disturbed)
    assert ledger is not None
    assert {state.pending for state in ledger.schedules.values()} == {None}
    assert ledger.schedules["daily"].succeeded == datetime(2026, 4, 7, 6, tzinfo=UTC)


def test_afternoon_refreshes_supersede_the_forecasts_of_the_night(undisturbed: Path):
    names = FolderStore(undisturbed / "objects").list_names(f"forecasts/{day(LAST)}/")
    assert len(names) > 1
