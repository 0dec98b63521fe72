"""The live service of a season, in a process of its own that ends itself at chosen writes.

python -m tests.pipeline.season_process HOME URL SCENARIO: two days backfilled, then live days to the scenario's
last. Where the service waits for seconds, it waits for hundredths here.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from hankstank.live.clocks import SimulatedTime
from hankstank.live.jobs import LiveJobs
from hankstank.live.service import LiveService, end_of_day
from hankstank.local import simulator_process
from hankstank.local.machine import LocalPipeline, SimulatedClock
from hankstank.local.pipeline_run import DayRunner, played_until
from hankstank.local.run_plan import DAY, RunPlan, tick_time
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.adapters.local.durable_queue import LocalBus
from shared.adapters.local.folder_store import FolderStore
from shared.runtime.data_world import read_world
from shared.runtime.ports_factory import create_object_store
from shared.runtime.settings import Settings
from tests.pipeline.losses import lose_at_random
from tests.pipeline.machine import impatient
from tests.pipeline.season import BACKFILLED, BEGIN, HOUR, LABEL, Disturbances, Kill, schedules, settings_of

WRITES = (
    (FolderStore, "create_if_absent"),
    (FolderStore, "overwrite"),
    (DuckDbWarehouse, "merge_rows"),
    (LocalBus, "publish"),
)
RECENT = 20  # days, of which things are lost


class Killer:
    """Ends the process at the nth write after a kill's moment, each kill once."""

    def __init__(self, kills: tuple[Kill, ...], done: Path) -> None:
        self._done = done
        done.mkdir(exist_ok=True)
        left = [kill for number, kill in enumerate(kills) if not (done / str(number)).exists()]
        self._numbers = {kill: number for number, kill in enumerate(kills)}
        self._left = sorted(left, key=lambda kill: kill.after)
        self._written = 0
        self.now: datetime | None = None

    def count(self) -> None:
        """Count a write."""
        if not self._left or self.now is None or self.now < self._left[0].after:
            return
        self._written += 1
        if self._written >= self._left[0].write:
            (self._done / str(self._numbers[self._left[0]])).touch()
            os.kill(os.getpid(), signal.SIGKILL)


class DisturbedTime(SimulatedTime):
    """A simulated clock of a machine that sleeps."""

    def __init__(self, start: datetime, what: Disturbances, on_move: Callable[[datetime], object]) -> None:
        super().__init__(start, None, lambda _seconds: None, on_move)
        self._sleeps = what.sleeps

    def wait_until(self, moment: datetime) -> None:
        """Wait, and oversleep where the moment is within a sleep."""
        ends = [end for begin, end in self._sleeps if begin <= moment < end]
        super().wait_until(max([moment, *ends]))


class Around:
    """Sets the simulator's clock, its outages where the time of one is reached, and loses things."""

    def __init__(self, url: str, what: Disturbances, killer: Killer, home: Path, done: Path) -> None:
        self._url, self._what, self._killer, self._home, self._done = url, what, killer, home, done
        self._client = httpx.Client(trust_env=False)
        self._is_out: bool | None = None

    def move(self, now: datetime) -> None:
        """Move to a time."""
        simulator_process.set_simulator_clock(self._url, now)
        self._killer.now = now
        if self._is_out != (is_out := self._what.is_out(now)):
            faults = [{"path": "/", "kind": "server_error", "times": 0}] if is_out else []
            self._client.post(f"{self._url}/simulator/faults", json=faults).raise_for_status()
            self._is_out = is_out
        for number, one in enumerate(self._what.deletions):
            if one.after <= now and not (marker := self._done / f"deletion-{number}").exists():
                marker.touch()
                days = [now.date() - n * DAY for n in range(1, RECENT)]
                lost = lose_at_random(self._home, one.seed, [day for day in days if day >= BEGIN])
                sys.stdout.write(f"{now:%Y-%m-%d %H:%M} lost: {', '.join(lost)}\n")


def backfilled(settings: Settings, url: str) -> datetime:
    """Backfill the first days unless they are; return the time of the stores."""
    objects = create_object_store(settings)
    last = BEGIN + (BACKFILLED - 1) * DAY
    if played_until(objects) is None:
        clock = SimulatedClock(tick_time(last))
        with LocalPipeline(settings, clock) as machine:
            DayRunner(machine, RunPlan("league", LABEL, (BEGIN, last), ()), clock, url).run_backfill(
                lambda *_: None
            )
    now = read_world(objects).now
    assert now is not None
    return now


def counted(write: Callable[..., Any], killer: Killer) -> Callable[..., Any]:
    def counting(*arguments: Any, **named: Any) -> Any:
        killer.count()
        return write(*arguments, **named)

    return counting


def rss_mb() -> float:
    """Return the memory of this process, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(home: str, url: str, scenario: str) -> None:
    """Live the days that an earlier process left."""
    what = msgspec.json.decode(Path(scenario).read_bytes(), type=Disturbances)
    settings = settings_of(Path(home), url)
    killer = Killer(what.kills, Path(scenario).parent / "killed")
    for kind, name in WRITES:
        setattr(kind, name, counted(getattr(kind, name), killer))
    start = backfilled(settings, url)
    around = Around(url, what, killer, settings.home, Path(scenario).parent / "killed")
    around.move(start)
    clock = DisturbedTime(start, what, around.move)
    jobs = LiveJobs(settings, clock, LABEL, url)

    def report(line: str) -> None:
        sys.stdout.write(f"{rss_mb():.0f} MB {line}\n")
        sys.stdout.flush()

    with pytest.MonkeyPatch.context() as patch, impatient():
        patch.setattr("hankstank.local.machine.MAX_WAIT", 0.05)
        patch.setattr("hankstank.live.scheduler.LONGEST_BACKOFF", 6 * HOUR)
        LiveService(jobs, schedules(), clock, report=report).run(end_of_day(what.last))


if __name__ == "__main__":
    main(*sys.argv[1:])
