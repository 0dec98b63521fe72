"""Worker processes that execute runs; each holds the baseline and the simulated sources."""

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
from hankstank.local.subprocesses import environment
from shared.worker_pool import worker_pool

_ONE_THREAD = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}  # more are slower for such small runs
_harnesses: list[FaultHarness] = []  # one in each worker, created at its start


@contextmanager
def open_worker_pool(
    count: int, folder: Path, week: ScenarioWeek, plan: FaultPlan
) -> Iterator[ProcessPoolExecutor]:
    """Yield a pool of workers on a baseline's folder."""
    with (
        environment(_ONE_THREAD),  # the workers' libraries read it when they load
        worker_pool(count, _init_worker, folder, week.seed, week.days, plan) as executor,
    ):
        yield executor


def build_baseline(code: str) -> None:
    """Build the baseline, unless the same code built it before."""
    _harnesses[0].baseline.ensure_built(code)


def run_in_worker(seed: int) -> JournalEntry:
    """Execute a seed's run; if it fails, find a minimal list of its faults."""
    outcome = _harnesses[0].run_seed(seed)
    return JournalEntry(
        False, outcome, tuple(map(str, _harnesses[0].shrink_faults(seed))) if outcome.wrong else ()
    )


def run_killed_in_worker(seed: int) -> JournalEntry:
    """Execute a seed's run in processes that are ended by SIGKILL."""
    return JournalEntry(True, run_with_kills(seed, _harnesses[0]), ())


def _init_worker(folder: Path, league: int, days: int, plan: FaultPlan) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    atexit.register(os._exit, 0)  # skip interpreter shutdown: DuckDB reports leaks beside a live thread
    logging.disable(logging.CRITICAL)  # errors here are injected
    baseline = Baseline(folder, ScenarioWeek(league, days))
    _harnesses.append(FaultHarness(baseline, SimulatedSources(baseline.week, baseline.rendered_folder), plan))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
