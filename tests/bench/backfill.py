"""Games a second of a backfill with four workers, and with sixteen after `tune`, in one run."""

import os
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from unittest.mock import patch

from flask import request

from hankstank.local.backfill import BackfillOptions, run_backfill
from hankstank.local.run_plan import tick_time
from hankstank.ops.backfill_control import steer_backfill
from simulator.app import create_app
from simulator.faults import ActiveFaults
from simulator.responses import WorldApiBackend
from simulator.season_store import SeasonStore
from simulator.server import running_simulator
from tests.bench.figures import Figure
from tests.pipeline.worlds import SEASON, day, small_world

DAYS, GAMES_A_DAY = 5, 9
FEW, MANY = 4, 16
LATENCY = 0.6  # seconds that the stand-in waits before it sends a feed
_TUNED_AFTER = 17  # feeds
_SOURCES = ("MLB_API_URL", "SAVANT_URL", "WEATHER_URL")


def run(folder: Path, latency: float = LATENCY) -> Iterator[Figure]:
    """Backfill a few days from a stand-in with latency, add workers while it runs, and yield the rates."""
    shutil.rmtree(folder, ignore_errors=True)
    sent = _backfill(folder, latency)
    few, many = _rate(sent[:_TUNED_AFTER]), _rate(sent[_TUNED_AFTER + MANY :])
    how = f"{len(sent)} games in one run, each feed after {latency:g} s, tuned after {_TUNED_AFTER}"
    yield Figure("backfill", f"{FEW} workers", few, "games/s", how)
    yield Figure("backfill", f"{MANY} workers", many, "games/s", how)
    yield Figure("backfill", f"{MANY} : {FEW} workers", many / few, "times", how, "more than 1")


def _backfill(folder: Path, latency: float) -> list[float]:
    """Return the times at which the feeds were sent."""
    now, home = tick_time(day(DAYS)), folder / "home"
    world = SeasonStore(small_world(DAYS, GAMES_A_DAY), folder / "outside")
    app, sent, lock = create_app(WorldApiBackend(world, now), ActiveFaults()), list[float](), Lock()

    @app.before_request
    def wait() -> None:
        if not request.path.endswith("/feed/live"):
            return
        time.sleep(latency)
        with lock:
            sent.append(time.perf_counter())
            is_time = len(sent) == _TUNED_AFTER
        if is_time:
            steer_backfill(home, workers=MANY)

    with running_simulator(app) as url:
        settings = {f"HANKSTANK_{name}": url for name in _SOURCES}
        with patch.dict(os.environ, settings):
            run_backfill(BackfillOptions((SEASON,), Path(), home, workers=FEW), lambda _: None, lambda: now)
    shutil.rmtree(folder)
    return sent


def _rate(sent: Sequence[float]) -> float:
    return (len(sent) - 1) / (sent[-1] - sent[0])
