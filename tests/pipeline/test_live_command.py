"""The live service as a process: pages beside it, one on a home, stopped by a signal, continued by the next."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from hankstank.local.subprocesses import ROOT
from tests.patience import PATIENCE

OPTIONS = ["--source", "league", "--from", "2026-02-22", "--until", "2026-02-22", "--port", "0"]


def command(home: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "hankstank", "live", *OPTIONS, "--home", str(home), *words]


class Running:
    """A service whose notes are written to a file."""

    def __init__(self, home: Path, *words: str) -> None:
        self.notes = home.parent / "notes.txt"
        self._file = self.notes.open("w")
        self.process = subprocess.Popen(
            command(home, *words), cwd=ROOT, stdout=self._file, stderr=subprocess.STDOUT, text=True
        )

    def wait_for(self, pattern: str, times: int = 1) -> list[str]:
        """Wait until the notes match a pattern so often; return what its groups matched."""
        deadline = time.monotonic() + PATIENCE
        while len(found := re.findall(pattern, self.notes.read_text())) < times:
            assert self.process.poll() is None, self.notes.read_text()
            assert time.monotonic() < deadline, self.notes.read_text()
            time.sleep(0.05)
        return found

    def end(self) -> int:
        """Wait for its end and return its exit code."""
        try:
            return self.process.wait(PATIENCE)
        finally:
            self._file.close()


def api_processes(service: subprocess.Popen) -> list[psutil.Process]:
    return [one for one in psutil.Process(service.pid).children() if "serve" in one.cmdline()]


def first_answer(url: str) -> httpx.Response:
    """Return what a server answers once its workers listen."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return httpx.get(url)
        except httpx.ConnectError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory) -> dict[str, object]:
    """What was seen of a service up to its stop by SIGTERM, an hour of its time a second."""
    home = tmp_path_factory.mktemp("live") / "home"
    running = Running(home, "--speed", "3600")
    try:
        (url,) = running.wait_for(r"pages and API on (\S+)")
        page = first_answer(f"{url}/healthz")
        second = subprocess.run(
            command(home), cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        (api,) = api_processes(running.process)
        api.kill()
        running.wait_for(r"pages and API on (\S+)", times=2)
        running.process.send_signal(signal.SIGTERM)
        code = running.end()
    finally:
        running.process.kill()
        running.end()
    return {
        "home": home,
        "page": page,
        "second": second,
        "code": code,
        "notes": running.notes.read_text(),
        "pid": running.process.pid,
    }


def test_pages_are_served_beside_the_jobs_and_again_after_their_server_died(stopped):
    assert stopped["page"].status_code == 200
    assert stopped["notes"].count("pages and API on") == 2


def test_second_service_on_a_home_is_refused(stopped):
    assert stopped["second"].returncode == 3
    assert f"is in use by the run of process {stopped['pid']}" in stopped["second"].stderr


def test_sigterm_ends_it_in_order(stopped):
    assert stopped["code"] == 0
    assert "stopped at 2026-02-2" in stopped["notes"]
    with pytest.raises(ProcessLookupError):
        os.kill(stopped["pid"], 0)


def test_next_start_goes_on_to_the_last_day(stopped):
    words = command(stopped["home"], "--speed", "max", "--no-api", "--json")
    ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=True)
    summary = json.loads(ended.stdout)
    assert summary["pending"] == []
    assert summary["schedules"]["daily"]["due"] == "2026-02-23T07:00:00Z"
    assert summary["schedules"]["grade"]["outcome"] == "done"
    assert "backfill" not in ended.stderr
    assert "the last day is over: the service ends at 2026-02-23" in ended.stderr
