"""One full day through six processes and the emulators, from the tick to the API that serves its models."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hankstank.dev.local_cluster.process_specs import ClusterOptions
from hankstank.dev.local_cluster.tick import TickOptions, run_tick
from hankstank.dev.local_cluster.up import start_cluster, stop_cluster
from hankstank.local.run_plan import DAY
from tests.bench.figures import Figure

_TARGET = "< 60 s"
_SEED = 7


def run(home: Path) -> Iterator[Figure]:
    """Yield seconds for each hop of a daily tick, after a first tick that collected eight days."""
    shutil.rmtree(home, ignore_errors=True)
    try:
        start_cluster(ClusterOptions(home, seed=_SEED))
        past = run_tick(TickOptions(home))
        day = run_tick(TickOptions(home, past["day"] + DAY, trigger="weekly"))
    finally:
        stop_cluster(home)
    yield from _figures(day, f"{_games(day)}; after {_games(past)}; simulated league, all rooms on loopback")


def _figures(result: Mapping[str, Any], how: str) -> Iterator[Figure]:
    yield Figure("six processes", "tick to served models", result["seconds"], "s", how, _TARGET)
    for hop in result["hops"]:
        announced = f" → {hop.topic}" if hop.topic else f": {hop.detail}"
        yield Figure("six processes", f"{hop.service}{announced}", hop.seconds, "s", how)


def _games(result: Mapping[str, Any]) -> str:
    return next(hop.detail for hop in result["hops"] if hop.service == "collector")
