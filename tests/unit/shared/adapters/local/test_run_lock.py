"""One run at a time on a folder."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from shared.adapters.local.run_lock import FolderInUse, find_holder, run_lock
from shared.errors import StoreUnavailable

HOLDING = """
import sys, time
from pathlib import Path
from shared.adapters.local.run_lock import run_lock

with run_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", HOLDING, tmp_path], stdout=subprocess.PIPE)
    with process:
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_second_run_is_told_who_holds_the_folder(tmp_path, holder):
    with (
        pytest.raises(FolderInUse, match=rf"process {holder.pid} since 20\d\d-.*kill {holder.pid}"),
        run_lock(tmp_path),
    ):
        pass


def test_killed_run_is_no_obstacle(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with run_lock(tmp_path):
        assert str(os.getpid()) in (tmp_path / "run.lock").read_text()


def test_holder_is_found_while_it_runs_and_not_after_a_kill(tmp_path, holder):
    assert find_holder(tmp_path) == holder.pid
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert str(holder.pid) in (tmp_path / "run.lock").read_text()
    assert find_holder(tmp_path) is None


def test_folder_without_a_run_has_no_holder(tmp_path):
    assert find_holder(tmp_path / "absent") is None


def test_next_run_begins_when_one_ends(tmp_path):
    with run_lock(tmp_path):
        pass
    with run_lock(tmp_path, clock=lambda: datetime(2026, 4, 1, tzinfo=UTC)):
        assert "2026-04-01" in (tmp_path / "run.lock").read_text()


def test_failed_run_lets_go(tmp_path):
    with pytest.raises(ValueError, match="broken"), run_lock(tmp_path):
        raise ValueError("broken")
    with run_lock(tmp_path):
        pass


def test_one_process_cannot_hold_twice(tmp_path):
    with run_lock(tmp_path), pytest.raises(FolderInUse), run_lock(tmp_path):
        pass


def test_unreadable_owner_is_still_an_owner(tmp_path):
    with run_lock(tmp_path):
        (tmp_path / "run.lock").write_text("half a li")
        with pytest.raises(FolderInUse, match="process unknown"), run_lock(tmp_path):
            pass


def test_makes_the_folder(tmp_path):
    with run_lock(tmp_path / "new" / "home"):
        assert (tmp_path / "new" / "home").is_dir()


def test_names_the_folder_it_cannot_hold(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match=r"cannot hold .*file"), run_lock(tmp_path / "file"):
        pass
