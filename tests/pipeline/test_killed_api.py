"""An API whose process is ended right after an answer has lost no forecast."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from hankstank.local.subprocesses import ROOT
from shared.adapters.local.folder_store import FolderStore
from shared.storage.forecast_objects import load_day_forecasts
from tests.patience import PATIENCE, wait_until
from tests.unit.services.predict_api.release_store import DOUBLEHEADER_DAY, TOMORROW, fill


@contextmanager
def serving(home: Path) -> Iterator[subprocess.Popen]:
    words = [
        sys.executable,
        "-m",
        "hankstank",
        "serve",
        "--home",
        str(home),
        "--port",
        "0",
        "--print-address",
    ]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(words, cwd=ROOT, text=True, start_new_session=True, **pipes) as api:
        try:
            yield api
        finally:
            with suppress(ProcessLookupError):
                os.killpg(api.pid, signal.SIGKILL)


def is_ready(url: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"{url}/readyz", timeout=PATIENCE).status_code == 200
    return False


@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGKILL])
def test_no_answer_is_lost(tmp_path: Path, signal_: signal.Signals) -> None:
    objects = FolderStore(tmp_path / "objects")
    fill(objects)
    with serving(tmp_path) as api:
        url = json.loads(api.stdout.readline())["url"]
        assert wait_until(lambda: is_ready(url), PATIENCE)
        result = httpx.get(f"{url}/slate/{TOMORROW}", timeout=PATIENCE).json()
        os.killpg(api.pid, signal_)  # the master and its workers, at once
        api.wait(PATIENCE)
    (day,) = load_day_forecasts(objects, TOMORROW)
    assert [msgspec.json.decode(game) for game in day.games] == result["games"]
    assert TOMORROW + timedelta(days=1) == DOUBLEHEADER_DAY
    assert len(load_day_forecasts(objects, DOUBLEHEADER_DAY)) == 1  # nobody asked about it
