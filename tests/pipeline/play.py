"""Lives some days of a stand-in's world in a process of its own, that a test may limit or kill.

python -m tests.pipeline.play HOME URL FIRST LAST: what an earlier process left is finished first.
"""

import resource
import sys
from pathlib import Path

import httpx

from hankstank.local import machine as local_machine
from hankstank.local.machine import LocalPipeline, SimulatedClock
from hankstank.local.run_plan import tick_time
from shared.errors import Unavailable
from shared.runtime.settings import Settings
from tests.pipeline.worlds import day

local_machine.MAX_WAIT = 0.2


def main(home: str, url: str, first: str, last: str, largest_file: str = "") -> None:
    """Tick once for a range of days, the morning after the last; `largest_file` is in bytes."""
    if largest_file:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest_file), int(largest_file)))
    clock = SimulatedClock(tick_time(day(int(last))))
    httpx.post(f"{url}/simulator/clock", json={"now": clock.now.isoformat()}).raise_for_status()
    sources = dict.fromkeys(("mlb_api_url", "savant_url", "weather_url"), url)
    try:
        with LocalPipeline(Settings(home=Path(home), **sources), clock) as machine:
            machine.run_until_idle("backfill")
            machine.run_tick("first", day(int(first)), day(int(last)), "daily", "backfill")
    except Unavailable as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(*sys.argv[1:])
