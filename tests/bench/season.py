"""A season from HTTP to `features.created` in the backfill lane, its bodies rendered before the clock starts."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from hankstank.local.run_plan import RunPlan, tick_time
from tests.bench.figures import Figure
from tests.bench.rooms import ROOMS, Tick, Told, live
from tests.bench.worlds import Season, seasons

_CHUNK_DAYS = 31


def run(folder: Path) -> Iterator[Figure]:
    """Play the last season there is and yield its figures."""
    season = seasons(folder)[-1]
    days = list(season.games_a_day())
    yield from measured(season, days[0], days[-1], folder / "season-home")


def measured(season: Season, first: date, last: date, home: Path) -> Iterator[Figure]:
    """Collect the days from `first` to `last` into a new home and yield seconds, games and memory."""
    season.render(first, last)
    shutil.rmtree(home, ignore_errors=True)
    with season.standin() as url:
        result = live(home, url, _ticks(first, last))
    shutil.rmtree(home)
    yield from _figures(season, result)


def _ticks(first: date, last: date) -> list[Tick]:
    """Return a backfill of the days in stretches of a month, each at dawn after its last day."""
    plan = RunPlan("retrosheet", "", (first, last), (), chunk_days=_CHUNK_DAYS)
    return [_backfill(start, end) for start, end in plan.backfill_chunks()]


def _backfill(first: date, last: date) -> Tick:
    return Tick(f"backfill-{first}-{last}", tick_time(last).isoformat(), f"{first}", f"{last}")


def _figures(season: Season, result: Told) -> Iterator[Figure]:
    how = f"{season.label}, {result.games} games over HTTP, stand-in a child process, once"
    yield Figure("season", "all services", sum(result.seconds.values()), "s", how, "60 s")
    for service in ROOMS:
        yield Figure("season", service, result.seconds[service], "s", how)
        yield Figure("season", f"{service} alone", result.games / result.seconds[service], "games/s", how)
    yield Figure("season", "leak proof, within features", result.features["leak_proof"], "s", how)
    yield Figure(
        "season", "peak memory", result.peak_memory_mb / 1000, "GB", f"{how}, its own process", "3 GB"
    )
