"""Processes of a town are ended with their children, and nobody else's are touched."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hankstank.dev.local_cluster import processes
from hankstank.dev.local_cluster.processes import Process
from tests.patience import PATIENCE

_WAITS = "import time; print('here', flush=True); time.sleep(600)"
_DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {_WAITS}"
_PARENT = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {_WAITS!r}]).pid); {_WAITS}"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "one.log"


@pytest.fixture
def started(log: Path) -> Iterator[Process]:
    one = begun(_WAITS, log)
    yield one
    processes.stop_all([one], grace=0.1)


def begun(code: str, log: Path, **environment: str) -> Process:
    one = processes.start([sys.executable, "-c", code], environment, log)
    assert processes.wait_until(lambda: "here" in log.read_text(), PATIENCE)
    return one


def test_a_started_process_runs(started: Process):
    assert processes.is_running(started)


def test_an_ended_process_runs_no_more(started: Process):
    processes.stop_all([started])
    assert not processes.is_running(started)


def test_ending_twice_is_no_error(started: Process):
    processes.stop_all([started])
    processes.stop_all([started])
    assert not processes.is_running(started)


def test_a_recycled_id_is_left_alone():
    with subprocess.Popen([sys.executable, "-c", _WAITS], start_new_session=True) as stranger:
        processes.stop_all([Process(stranger.pid, "born long ago")], grace=0.1)
        assert stranger.poll() is None
        stranger.kill()


def test_a_deaf_process_is_made_to_end(log: Path):
    deaf = begun(_DEAF, log)
    processes.stop_all([deaf], grace=0.2)
    assert processes.wait_until(lambda: not processes.is_running(deaf), PATIENCE)


def test_children_end_too(log: Path):
    parent = begun(_PARENT, log)
    assert processes.wait_until(lambda: _numbers(log), PATIENCE)  # the child may say first that it is here
    (child,) = _numbers(log)
    processes.stop_all([parent])
    assert processes.wait_until(lambda: not _is_there(child), PATIENCE)


def test_output_is_added_to_the_log(log: Path):
    for word in ("one", "two"):
        processes.start([sys.executable, "-c", "import os; print(os.environ['WORD'])"], {"WORD": word}, log)
        assert processes.wait_until(lambda word=word: word in log.read_text(), PATIENCE)
    assert log.read_text().split() == ["one", "two"]


def _numbers(log: Path) -> list[int]:
    return [int(line) for line in log.read_text().splitlines(keepends=True) if line.strip().isdigit()]


def _is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return Path("/proc").exists() is False and _signalled(pid)


def _signalled(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
