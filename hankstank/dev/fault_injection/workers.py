"""The processes that live the runs: each holds the undisturbed week and the outside world of all of them."""

import atexit
import logging
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import parent_process
from pathlib import Path
from threading import Thread

from hankstank.dev.fault_injection.baseline import Baseline
from hankstank.dev.fault_injection.journal import JournalEntry
from hankstank.dev.fault_injection.run import FaultHarness, FaultPlan
from hankstank.dev.fault_injection.scenario import ScenarioWeek, SimulatedSources
from hankstank.dev.fault_injection.sigkill import run_with_kills
from shared.worker_pool import worker_pool

_ONE_THREAD = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS")  # a run is small: threads would only wait
_harnesses: list[FaultHarness] = []  # one in each worker, made when it begins


@contextmanager
def open_worker_pool(
    count: int, folder: Path, week: ScenarioWeek, plan: FaultPlan
) -> Iterator[ProcessPoolExecutor]:
    """Lend some workers on a week's folder."""
    with _one_thread_each(), worker_pool(count, _init_worker, folder, week.seed, week.days, plan) as executor:
        yield executor


def build_baseline(code: str) -> None:
    """Live the week, unless it was lived by the same code before."""
    _harnesses[0].baseline.ensure_built(code)


def run_in_worker(seed: int) -> JournalEntry:
    """Play a seed's run; where it goes wrong, look for as few of its faults as suffice."""
    outcome = _harnesses[0].run_seed(seed)
    return JournalEntry(
        False, outcome, tuple(map(str, _harnesses[0].shrink_faults(seed))) if outcome.wrong else ()
    )


def run_killed_in_worker(seed: int) -> JournalEntry:
    """Play a seed's run in processes that are really killed."""
    return JournalEntry(True, run_with_kills(seed, _harnesses[0]), ())


def _init_worker(folder: Path, league: int, days: int, plan: FaultPlan) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    atexit.register(os._exit, 0)  # put away beside a living thread, DuckDB's binding tells of leaks
    logging.disable(logging.CRITICAL)  # what goes wrong here was planted
    baseline = Baseline(folder, ScenarioWeek(league, days))
    _harnesses.append(FaultHarness(baseline, SimulatedSources(baseline.week, baseline.rendered_folder), plan))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


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
