"""The live service on a stand-in's small world, in a process of its own that a test may kill.

python -m tests.pipeline.live_process HOME URL LAST WHICH [SLEPT]: two days backfilled, then days up to LAST by
the schedules "nightly" or "all". Its machine sleeps nine hours from the collection of day SLEPT on.
"""

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from hankstank.live.clocks import SimulatedTime
from hankstank.live.jobs import LiveJobs
from hankstank.live.schedules import Schedule, load_schedules
from hankstank.live.service import LiveService, end_of_day
from hankstank.local import simulator_process
from hankstank.local.machine import LocalPipeline, SimulatedClock
from hankstank.local.pipeline_run import DayRunner, played_until
from hankstank.local.run_plan import RunPlan, tick_time
from shared.runtime.data_world import read_world
from shared.runtime.ports_factory import create_object_store
from shared.runtime.settings import Settings
from tests.pipeline.worlds import day

LABEL = "small world"
BACKFILL = day(1), day(2)
NIGHTLY = ("daily", "grade")
FEWER = {"lineups": "0 13,18 * * *", "weather": "30 15 * * *"}  # of the afternoon's refreshes


class SleepyTime(SimulatedTime):
    """A simulated clock of a machine that sleeps once, nine hours from before a moment on."""

    sleeps_before: datetime | None = None

    def wait_until(self, moment: datetime) -> None:
        """Wait, and oversleep where the moment is within the sleep."""
        if self.sleeps_before and moment >= self.sleeps_before:
            moment, self.sleeps_before = self.sleeps_before + timedelta(hours=9), None
        super().wait_until(moment)


def schedules(which: str) -> Mapping[str, Schedule]:
    """Return the nightly schedules, or all of them with fewer refreshes."""
    every = {name: replace(one, cron=FEWER.get(name, one.cron)) for name, one in load_schedules().items()}
    return {
        name: replace(one, covers=()) if which == "nightly" else one
        for name, one in every.items()
        if which == "all" or name in NIGHTLY
    }


def settings_of(home: str, url: str) -> Settings:
    """Return the settings of a home whose sources are at an address."""
    return Settings(home=Path(home), **dict.fromkeys(("mlb_api_url", "savant_url", "weather_url"), url))


def backfilled(settings: Settings, url: str) -> datetime:
    """Backfill the first days unless they are; return the time of the stores."""
    objects = create_object_store(settings)
    if played_until(objects) is None:
        plan = RunPlan("league", LABEL, BACKFILL, ())
        clock = SimulatedClock(tick_time(BACKFILL[1]))
        with LocalPipeline(settings, clock) as machine:
            DayRunner(machine, plan, clock, url).run_backfill(lambda *_: None)
    now = read_world(objects).now
    assert now is not None
    simulator_process.set_simulator_clock(url, now)
    return now


def main(home: str, url: str, last: str, which: str, slept: str = "") -> None:
    """Live the days that an earlier process left."""
    settings = settings_of(home, url)
    start = backfilled(settings, url)
    clock = SleepyTime(
        start, None, lambda _seconds: None, lambda now: simulator_process.set_simulator_clock(url, now)
    )
    if slept and (asleep := tick_time(day(int(slept)))) > start:
        clock.sleeps_before = asleep
    jobs = LiveJobs(settings, clock, LABEL, url)
    LiveService(jobs, schedules(which), clock, report=print).run(end_of_day(day(int(last))))


if __name__ == "__main__":
    main(*sys.argv[1:])
