"""The first start of the live service on the live data sources, here a stand-in: asked, shown, killed, continued."""

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from hankstank.local.subprocesses import ROOT
from shared.adapters.local.folder_store import FolderStore
from shared.modeling import registry
from shared.storage.first_start import load_first_start
from tests.patience import PATIENCE
from tests.pipeline.machine import Outside, machine, outside
from tests.pipeline.worlds import day, small_world

DAYS = 30
SLOW = 0.15  # seconds that a stand-in takes for a game


@pytest.fixture(scope="module")
def around(tmp_path_factory) -> Iterator[Outside]:
    with outside(tmp_path_factory.mktemp("outside"), small_world(12)) as served:
        served.dawn_after(DAYS)
        served.goes_wrong("/feed/live", "hang", times=0, seconds=SLOW)
        yield served


class Service:
    """`hankstank live` on an empty home, at a terminal or without one."""

    def __init__(self, home: Path, around: Outside, *words: str, answers: str | None = None) -> None:
        variables = {f"HANKSTANK_{name.upper()}": url for name, url in around.urls().items()}
        self.notes = home.parent / "notes.txt"
        self._file = self.notes.open("a+")
        self._start = self._file.seek(0, os.SEEK_END)
        keyboard, terminal = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hankstank", "live", "--home", str(home), "--port", "0", *words],
            cwd=ROOT,
            env={**os.environ, **variables},
            stdin=terminal if answers else subprocess.DEVNULL,
            stdout=self._file,
            stderr=subprocess.STDOUT,
            text=True,
        )
        os.write(keyboard, (answers or "").encode())
        os.close(terminal)
        self._keyboard = keyboard

    def printed(self) -> str:
        return self.notes.read_text()[self._start :]

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until what it printed matches a pattern."""
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.printed())):
            assert self.process.poll() is None, self.printed()
            assert time.monotonic() < deadline, self.printed()
            time.sleep(0.05)
        return found

    def get(self, path: str, pattern: str) -> httpx.Response:
        """Return a page once it matches a pattern."""
        url = self.wait_for(r"pages and API on (\S+)")[1]
        deadline = time.monotonic() + PATIENCE
        while True:
            assert time.monotonic() < deadline, self.printed()
            try:
                answer = httpx.get(f"{url}{path}", timeout=60)
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            if re.search(pattern, answer.text):
                return answer
            time.sleep(0.05)

    def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        if self.process.poll() is None:
            self.end(signal.SIGKILL)
        os.close(self._keyboard)
        self._file.close()


@contextmanager
def service(home: Path, around: Outside, *words: str, answers: str | None = None) -> Iterator[Service]:
    running = Service(home, around, *words, answers=answers)
    try:
        yield running
    finally:
        running.close()


def test_first_start_asks_shows_its_work_and_goes_on_after_a_kill(tmp_path: Path, around: Outside):
    home = tmp_path / "home"
    with service(home, around, answers=f"{day(1)}\ny\n") as first:
        first.wait_for(r"How far back shall they be filled\?")
        estimate = first.wait_for(r"(\d+) games to collect: (\d+) requests")
        assert int(estimate[1]) == 36
        assert int(estimate[2]) > 36
        page = first.get("/", r"Chunk 1 of 2, .*: [1-9]\d* of 36 games")
        problem = first.get("/readyz", "first_start").json()
        assert page.status_code == 503
        assert "/static/first_start.js" in page.text
        assert problem["first_start"]["of_chunks"] == 2
        assert problem["detail"].startswith("no forecasts yet: this is the first start")
        assert first.get("/healthz", "alive").status_code == 200
        first.end(signal.SIGKILL)
    with service(home, around) as second:
        assert second.get("/readyz", "ready").status_code in (200, 503)
        second.get("/readyz", '"status":"ready"')
        assert "How far back" not in second.printed()
        assert second.end(signal.SIGTERM) == 0
    objects = FolderStore(home / "objects")
    assert load_first_start(objects) is None
    assert registry.current_release(objects) is not None
    with machine(home, around) as held:
        assert held.rows("games_historical").filter(status="Final").height == 36
        assert held.reasons() == []


def test_first_start_without_a_terminal_is_answered_by_an_option(tmp_path: Path, around: Outside):
    home = tmp_path / "home"
    with service(home, around) as refused:
        assert refused.process.wait(PATIENCE) == 1
        assert "say how far back to fill them with --backfill-from" in refused.printed()
    with service(home, around, "--backfill-from", str(day(4))) as stopped:
        stopped.get("/", r"Chunk 1 of")
        assert stopped.end(signal.SIGTERM) == 0
    assert load_first_start(FolderStore(home / "objects")) is not None
    with service(home, around, "--backfill-from", str(day(4))) as running:
        running.get("/readyz", '"status":"ready"')
        assert running.end(signal.SIGTERM) == 0
    with service(home, around, "--backfill-from", str(day(4))) as again:
        again.wait_for("has nothing to do")
        again.end(signal.SIGTERM)
