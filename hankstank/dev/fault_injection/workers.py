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
from hankstank.dev.fault_injection.journal import Entry
from hankstank.dev.fault_injection.run import Plan, Stage
from hankstank.dev.fault_injection.scenario import Outside, Week
from hankstank.dev.fault_injection.sigkill import killed
from shared.worker_pool import pool

_ONE_THREAD = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS")  # a run is small: threads would only wait
_stages: list[Stage] = []  # one in each worker, made when it begins


@contextmanager
def workers(many: int, folder: Path, week: Week, plan: Plan) -> Iterator[ProcessPoolExecutor]:
    """Lend some workers on a week's folder."""
    with _one_thread_each(), pool(many, _begin, folder, week.seed, week.days, plan) as lent:
        yield lent


def live_undisturbed(code: str) -> None:
    """Live the week, unless it was lived by the same code before."""
    _stages[0].baseline.live(code)


def play(seed: int) -> Entry:
    """Play a seed's run; where it goes wrong, look for as few of its faults as suffice."""
    outcome = _stages[0].played(seed)
    return Entry(False, outcome, tuple(map(str, _stages[0].shrunk(seed))) if outcome.wrong else ())


def kill(seed: int) -> Entry:
    """Play a seed's run in processes that are really killed."""
    return Entry(True, killed(seed, _stages[0]), ())


def _begin(folder: Path, league: int, days: int, plan: Plan) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    atexit.register(os._exit, 0)  # put away beside a living thread, DuckDB's binding tells of leaks
    logging.disable(logging.CRITICAL)  # what goes wrong here was planted
    baseline = Baseline(folder, Week(league, days))
    _stages.append(Stage(baseline, Outside(baseline.week, baseline.bodies), plan))


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
