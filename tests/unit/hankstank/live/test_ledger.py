"""The ledger survives a process that is killed while it writes."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from hankstank.live.ledger import (
    LEDGER_FILE,
    JobRun,
    Ledger,
    Occurrences,
    ScheduleState,
    load_ledger,
    save_ledger,
)
from hankstank.local.subprocesses import ROOT
from tests.patience import PATIENCE

NOW = datetime(2026, 4, 1, 6, tzinfo=UTC)
WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from hankstank.live.ledger import Ledger, save_ledger
number = 0
while True:
    number += 1
    save_ledger(Path(sys.argv[1]), Ledger(datetime(2026, 4, 1, tzinfo=UTC), resets=number))
"""


def test_ledger_is_read_as_it_was_written(tmp_path: Path):
    run = JobRun(
        "daily", "daily-1", Occurrences(NOW, NOW, 1), {"lineups": Occurrences(NOW, NOW, 3)}, NOW, 2, NOW
    )
    known = Ledger(NOW, {"daily": ScheduleState(NOW, pending=run)})
    save_ledger(tmp_path / "new" / "home", known)
    assert load_ledger(tmp_path / "new" / "home") == known


def test_home_without_ledger_has_none(tmp_path: Path):
    assert load_ledger(tmp_path) is None


def test_killed_writer_leaves_a_whole_ledger(tmp_path: Path):
    for _ in range(3):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], cwd=ROOT)
        deadline = time.monotonic() + PATIENCE
        before = (tmp_path / LEDGER_FILE).stat().st_mtime_ns if (tmp_path / LEDGER_FILE).exists() else 0
        while not (tmp_path / LEDGER_FILE).exists() or (tmp_path / LEDGER_FILE).stat().st_mtime_ns == before:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
        assert load_ledger(tmp_path) is not None
