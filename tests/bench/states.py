"""All states and rows made anew from the plate appearances of one or more seasons, and a week proved in full."""

import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from hankstank.local.run_plan import tick_time
from services.features import input_fingerprints as known
from services.features.rebuild import FeatureBuild
from shared.ports import Ports
from shared.runtime.ports_factory import create_ports
from shared.runtime.settings import Settings
from shared.sports.mlb.states import States
from tests.bench.figures import Figure
from tests.bench.history import History
from tests.bench.machine import peak_memory_mb
from tests.bench.one_more_day import live_days
from tests.bench.worlds import seasons

_TARGET = {7: "60 s"}  # for states and rows of so many seasons


def run(folder: Path, home: Path, levels: Sequence[int]) -> Iterator[Figure]:
    """Yield seconds for each number of seasons, and how seconds a season grow."""
    every = seasons(folder)
    history = History(home, every, lambda season: live_days(season.games_a_day())[0])
    taken = {}
    for count in levels:
        span = f"{every[0].label}…{every[count - 1].year}"
        seconds, days = measured(history.after(count), home / f"scratch-states-{count}")
        taken[count] = seconds["read"] + seconds["compute"]
        behind = f"{count} season{'s' if count > 1 else ''}"
        how = f"{span}, {days} days, in one build, once; peak {peak_memory_mb():,.0f} MB so far"
        yield Figure("states", f"states and rows of {behind}", taken[count], "s", how, _TARGET.get(count, ""))
        for part in ("merge", "leak_proof", "leak_proof_weekly"):
            yield Figure("states", f"{part.replace('_', ' ')} of {behind}", seconds[part], "s", how)
    first, last = min(taken), max(taken)
    grown = taken[last] / last / (taken[first] / first)
    yield Figure("states", f"seconds a season, {last} : {first}", grown, "times", "states and rows")


def measured(kept: Path, home: Path) -> tuple[dict[str, float], int]:
    """Rebuild everything in a copy of a home; return seconds by part and how many days there were."""
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(kept, home)
    try:
        return rebuilt(create_ports(Settings(home=home)))
    finally:
        shutil.rmtree(home)


def rebuilt(ports: Ports) -> tuple[dict[str, float], int]:
    """Compute every day anew, from the first play known; return seconds by part and the number of days."""
    store = ports.warehouse
    inputs = known.read_fingerprints(store)
    rebuild = FeatureBuild(ports, inputs, "bench", tick_time(inputs.ordered_days[-1] + timedelta(days=1)))
    rebuild.build_days(States.empty(inputs.ordered_days[0]), inputs.ordered_days)
    rebuild.recheck_week(inputs.ordered_days[-1])
    store.close()  # type: ignore[attr-defined]
    return rebuild.report.seconds, len(inputs.ordered_days)
