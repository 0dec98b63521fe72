"""A run that is killed or interrupted leaves a state that the next start continues from."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

from hankstank.cli.app import app
from hankstank.local.subprocesses import ROOT
from shared.adapters.local.folder_store import FolderStore
from shared.storage.forecast_objects import load_forecast_rows
from tests.patience import PATIENCE
from tests.pipeline.machine import Outside, assert_equal_tables, machine, outside
from tests.pipeline.worlds import day, small_world

KILLED_AFTER = ("loader", "features")  # the room that had just done its work; the next one dies
GAMES_A_DAY = 7  # twenty games make a model of who wins


@pytest.fixture(scope="module")
def four_days(tmp_path_factory):
    with outside(tmp_path_factory.mktemp("outside"), small_world(4, GAMES_A_DAY)) as around:
        yield around


def begin(home: Path, around: Outside) -> subprocess.Popen:
    """Start the main job beside a stand-in that, like the job's own, begins in January."""
    around.bodies.now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    words = [sys.executable, "-m", "tests.pipeline.whole_job", str(home), around.url]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def wait_until(what, running: subprocess.Popen | None = None) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline
        assert running is None or running.poll() is None
        time.sleep(0.01)


def finished(home: Path, around: Outside) -> Path:
    running = begin(home, around)
    result = running.communicate(timeout=PATIENCE)[1]
    assert running.returncode == 0, result
    return home


def killed_while_collecting(home: Path, around: Outside) -> None:
    around.goes_wrong("feed/live", "hang", seconds=1)
    running = begin(home, around)
    wait_until(lambda: not around.faults.list_faults(), running)
    end(running)


def end(running: subprocess.Popen) -> None:
    running.kill()
    running.communicate()


def killed(home: Path, around: Outside, service: str, dice: Random) -> None:
    status, running = home / "objects" / "status" / f"{service}.json", begin(home, around)
    before = status.stat().st_mtime_ns if status.exists() else 0
    wait_until(lambda: status.exists() and status.stat().st_mtime_ns > before, running)
    time.sleep(dice.uniform(0, 0.2))
    end(running)


def test_killed_job_ends_as_an_undisturbed_one(four_days: Outside, tmp_path: Path):
    dice = Random(7)
    killed_while_collecting(tmp_path / "killed", four_days)
    for service in KILLED_AFTER:
        killed(tmp_path / "killed", four_days, service, dice)
    homes = finished(tmp_path / "killed", four_days), finished(tmp_path / "undisturbed", four_days)
    with machine(homes[0], four_days) as one, machine(homes[1], four_days) as other:
        warehouses = one.rooms.ports.warehouse, other.rooms.ports.warehouse
        assert_equal_tables(*warehouses, "mlb_historical_data", "mlb_features")
        assert one.rows("games_historical").filter(status="Final").height == 3 * GAMES_A_DAY
        assert one.reasons() == []
        assert forecasts_of(homes[0], 4) == forecasts_of(homes[1], 4)
        assert len(forecasts_of(homes[0], 4)) == GAMES_A_DAY


def forecasts_of(home: Path, number: int) -> dict[int, float]:
    """Return the chances that the last release gave the home clubs of a day, by game."""
    rows = load_forecast_rows(FolderStore(home / "objects"), day(number))
    return {row["game_pk"]: row["mean"] for row in rows if row["target"] == "home_win"}


def collecting(home: Path, around: Outside) -> subprocess.Popen:
    """Start collecting a day on the console; return while the first game's answer hangs."""
    around.dawn_after(1)
    around.goes_wrong("feed/live", "hang", seconds=8)
    sources = dict.fromkeys(
        ("HANKSTANK_MLB_API_URL", "HANKSTANK_SAVANT_URL", "HANKSTANK_WEATHER_URL"), around.url
    )
    running = subprocess.Popen(
        [sys.executable, "-m", "hankstank", *console(home)],
        cwd=ROOT,
        env=os.environ | sources,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: not around.faults.list_faults(), running)
    return running


def console(home: Path) -> list[str]:
    days = ["--from", str(day(1)), "--to", str(day(1))]
    return ["collect", "--home", str(home), *days]


@pytest.fixture(scope="module")
def interrupted(four_days: Outside, tmp_path_factory):
    """A home whose run was interrupted, how it ended, and how a second run ended that began meanwhile."""
    home = tmp_path_factory.mktemp("interrupted") / "home"
    running = collecting(home, four_days)
    second = CliRunner().invoke(app, console(home))  # a process of its own may start after the first is done
    running.send_signal(signal.SIGINT)
    result = running.communicate(timeout=PATIENCE)[1]
    return home, (running.returncode, result, running.pid), second


def test_interrupted_run_says_that_nothing_is_lost(interrupted):
    _, (code, result, _), _ = interrupted
    assert code == 130
    assert "continue where it stopped" in result


def test_second_run_is_told_who_holds_the_folder(interrupted):
    home, (_, _, holder), second = interrupted
    assert second.exit_code == 3
    assert f"{home} is in use by the run of process {holder}" in second.stderr


def test_next_run_goes_on_where_the_interrupted_one_stopped(interrupted, four_days: Outside):
    home, _, _ = interrupted
    with machine(home, four_days) as held:
        held.rooms.run_until_idle("backfill")
        assert held.rows("games_historical")["status"].to_list() == ["Final"] * GAMES_A_DAY
