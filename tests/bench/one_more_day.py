"""What one more day costs after one, three and seven seasons: daily ticks, each in a new process, in turns."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from hankstank.local.run_plan import DAY, tick_time
from tests.bench.figures import Figure
from tests.bench.history import History
from tests.bench.rooms import ROOMS, Tick, Told, live
from tests.bench.worlds import Season, seasons

_DAYS = 3
_FULL = 13  # games that make a day a full one, so that days of different seasons compare
_LOOKED_BACK = timedelta(days=9)
_HISTORY = "the history went through validator, loader and features without HTTP"
_PARTS = {
    "states and rows": ("read", "compute", "merge"),
    "windows": ("windows",),
    "snapshot": ("snapshot",),
    "leak proof": ("leak_proof",),
}  # of the features room
_TARGETS = {"all services": "5 s", "states and rows": "1 s"}
_GROWTH = {"all services": "1.3 times", "states and rows": "1.3 times", "leak proof": "1.3 times"}
_LEFT = timedelta(days=3)  # of the season, so that games are still to come


def run(folder: Path, home: Path, levels: Sequence[int]) -> Iterator[Figure]:
    """Live three full days after each number of seasons and yield seconds by room and their growth."""
    every = seasons(folder)
    history = History(home, every, lambda season: live_days(season.games_a_day())[0])
    with ExitStack() as held:
        pasts = [Past(count, every[:count], history.after(count), home, held) for count in levels]
        finished_run = [[past.live(number) for past in pasts] for number in range(_DAYS)]
    result = dict(zip(levels, zip(*finished_run, strict=True), strict=True))
    medians = {count: _medians(days) for count, days in result.items()}
    for count, days in result.items():
        yield from _figures(count, medians[count], days, every[:count])
    yield from _growth(medians)


class Past:
    """A scratch copy of a home with some seasons behind it, and the last season's days to live in it."""

    def __init__(self, count: int, behind: Sequence[Season], kept: Path, home: Path, held: ExitStack) -> None:
        season = behind[-1]
        self._days = live_days(season.games_a_day())
        season.render(self._days[0] - _LOOKED_BACK, self._days[-1] + _LEFT)
        self._home = home / f"scratch-{count}"
        shutil.rmtree(self._home, ignore_errors=True)
        shutil.copytree(kept, self._home)
        held.callback(shutil.rmtree, self._home)
        self._url = held.enter_context(season.standin())

    def live(self, number: int) -> Told:
        """Live one of the days, counted from 0, in a new process."""
        day = self._days[number]
        return live(self._home, self._url, [Tick(f"daily-{day}", tick_time(day).isoformat())])


def live_days(games_a_day: Mapping[date, int]) -> list[date]:
    """Return the last three days in a row that are full and not the season's last."""
    end = max(games_a_day) - _LEFT
    full = {day for day, games in games_a_day.items() if games >= _FULL and day <= end}
    rows = ([day - n * DAY for n in reversed(range(_DAYS))] for day in sorted(full, reverse=True))
    return next(row for row in rows if full.issuperset(row))


def _medians(result: Sequence[Told]) -> dict[str, float]:
    service_names = {service: median(day.without_proof(service) for day in result) for service in ROOMS}
    every = median(sum(day.without_proof(service) for service in ROOMS) for day in result)
    parts = {
        name: median(sum(day.features.get(part, 0.0) for part in parts) for day in result)
        for name, parts in _PARTS.items()
    }
    return {"all services": every, **service_names, **parts}


def _figures(
    count: int, medians: Mapping[str, float], result: Sequence[Told], past: Sequence[Season]
) -> Iterator[Figure]:
    games = "/".join(str(day.games) for day in result)
    how = f"daily tick over HTTP after {past[0].label}…{past[-1].year}; median of {len(result)} days ({games} games); {_HISTORY}"
    behind = f"after {count} season{'s' if count > 1 else ''}"
    for name, seconds in medians.items():
        yield Figure("one_more_day", f"{name} {behind}", seconds, "s", how, _TARGETS.get(name, ""))


def _growth(medians: Mapping[int, Mapping[str, float]]) -> Iterator[Figure]:
    first, last = min(medians), max(medians)
    for name, seconds in medians[last].items():
        what = f"{name}, {last} seasons : {first}"
        how = "of the medians; features without leak proof; the days were lived in turns"
        yield Figure(
            "one_more_day", what, seconds / medians[first][name], "times", how, _GROWTH.get(name, "")
        )
