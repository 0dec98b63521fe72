"""Many runs, two at a time: each from its own seed, and what they add up to."""

import logging
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import msgspec

from hankstank.chaos.baseline import Baseline
from hankstank.chaos.kill import killed
from hankstank.chaos.trial import Outcome, Plan, Stage
from hankstank.chaos.week import Outside, Week

WEEK = 7  # days
REPORT = "report.json"
_ONE_THREAD = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS")  # a run is small: threads would only wait

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a user asked `hankstank chaos` for."""

    seed: int
    runs: int
    plan: Plan
    league: int
    kills: int
    workers: int
    out: Path


class Failure(msgspec.Struct, frozen=True):
    """A run that went wrong, and as few of its faults as still make it go wrong."""

    outcome: Outcome
    shrunk: tuple[str, ...]


class Stroke(msgspec.Struct, frozen=True):
    """How often a kind of fault struck, in how many runs, and how many of those went wrong."""

    kind: str
    strokes: int
    runs: int
    wrong: int


class Summary(msgspec.Struct, frozen=True):
    """What a session came to."""

    first_seed: int
    runs: int
    days: int
    strokes: int
    deaths: int
    letters: int
    deliveries: int
    undisturbed: int
    most_of_allowed: float  # the largest share of the deliveries that a run's faults excuse
    memory_mb: tuple[float, float]  # of a worker after its first runs, and after its last
    seconds: float
    kinds: tuple[Stroke, ...]
    failures: tuple[Failure, ...]


def session(choice: Choice, progress: Progress) -> Summary:
    """Live the week undisturbed unless that was done, then the runs; write `report.json`."""
    started = time.perf_counter()
    baseline = Baseline(choice.out / f"week-{choice.league}", Week(choice.league, WEEK))
    outcomes: list[Outcome] = []
    with _one_thread_each(), _workers(choice, baseline) as pool:
        progress("the week undisturbed", 0, choice.runs)
        pool.submit(_live_undisturbed).result()
        played = pool.map(_play, range(choice.seed, choice.seed + choice.runs))
        ended = pool.map(_kill, range(choice.seed, choice.seed + choice.kills))
        failures = []
        for outcome, fewest in chain(played, ended):
            outcomes.append(outcome)
            progress("disturbed", len(outcomes), choice.runs + choice.kills)
            if outcome.wrong:
                failures.append(Failure(outcome, fewest))
    summary = summed(choice, outcomes, failures, time.perf_counter() - started)
    (choice.out / REPORT).write_bytes(msgspec.json.format(msgspec.json.encode(summary), indent=2))
    return summary


def summed(choice: Choice, outcomes: list[Outcome], failures: list[Failure], seconds: float) -> Summary:
    """Return what the outcomes, in the order of their runs, add up to."""
    memory = [one.memory_mb for one in outcomes]
    tenth = max(1, len(memory) // 10)
    return Summary(
        first_seed=choice.seed,
        runs=len(outcomes),
        days=choice.plan.days,
        strokes=sum(len(one.kinds) for one in outcomes),
        deaths=sum(one.deaths for one in outcomes),
        letters=sum(one.letters for one in outcomes),
        deliveries=sum(one.deliveries for one in outcomes),
        undisturbed=sum(one.undisturbed for one in outcomes),
        most_of_allowed=max((one.deliveries / one.allowed for one in outcomes if one.allowed), default=0.0),
        memory_mb=(max(memory[:tenth], default=0.0), max(memory[-tenth:], default=0.0)),
        seconds=round(seconds, 1),
        kinds=_by_kind(outcomes),
        failures=tuple(failures),
    )


def _by_kind(outcomes: list[Outcome]) -> tuple[Stroke, ...]:
    strokes = Counter(kind for one in outcomes for kind in one.kinds)
    runs = Counter(kind for one in outcomes for kind in set(one.kinds))
    wrong = Counter(kind for one in outcomes if one.wrong for kind in set(one.kinds))
    return tuple(Stroke(kind, strokes[kind], runs[kind], wrong[kind]) for kind in sorted(strokes))


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let the workers' libraries, which read this when they are loaded, use one thread."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _workers(choice: Choice, baseline: Baseline) -> ProcessPoolExecutor:
    choice.out.mkdir(parents=True, exist_ok=True)
    baseline.folder.mkdir(exist_ok=True)
    spawn = multiprocessing.get_context("spawn")  # a fork would hold the locks of threads that it has not
    return ProcessPoolExecutor(choice.workers, spawn, _begin, (baseline.folder, choice.league, choice.plan))


_stages: list[Stage] = []  # one in each worker, made when it begins


def _begin(folder: Path, league: int, plan: Plan) -> None:
    logging.disable(logging.CRITICAL)  # what goes wrong here was planted
    baseline = Baseline(folder, Week(league, WEEK))
    _stages.append(Stage(baseline, Outside(baseline.week, baseline.bodies), plan))


def _live_undisturbed() -> None:
    _stages[0].baseline.live()


def _play(seed: int) -> tuple[Outcome, tuple[str, ...]]:
    outcome = _stages[0].played(seed)
    return outcome, tuple(map(str, _stages[0].shrunk(seed))) if outcome.wrong else ()


def _kill(seed: int) -> tuple[Outcome, tuple[str, ...]]:
    return killed(seed, _stages[0]), ()
