"""The main job on a stand-in's small world, in a process of its own that a test may kill.

python -m tests.pipeline.whole_job HOME URL: two days backfilled, one lived, the next forecast.
"""

import sys
from contextlib import suppress
from pathlib import Path

from hankstank.local.api_client import ApiError
from hankstank.local.pipeline_run import played_until, run_plan_days
from hankstank.local.run_plan import RunPlan
from shared.runtime.ports_factory import create_object_store
from shared.runtime.settings import Settings
from tests.pipeline.worlds import day

BACKFILL, LIVE = (day(1), day(2)), (day(3),)


def main(home: str, url: str) -> None:
    """Play what an earlier process left to be played."""
    sources = dict.fromkeys(("mlb_api_url", "savant_url", "weather_url"), url)
    settings = Settings(home=Path(home), **sources)
    played = played_until(create_object_store(settings))
    left = tuple(one for one in LIVE if played is None or one > played)
    plan = RunPlan("league", "small world", None if played else BACKFILL, left)
    with suppress(ApiError):  # the last question is about a starter whom this small world never saw play
        run_plan_days(plan, settings, url, lambda *_: None)


if __name__ == "__main__":
    main(*sys.argv[1:])
