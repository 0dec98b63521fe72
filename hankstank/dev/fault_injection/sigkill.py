"""Runs whose process is ended by SIGKILL at random times; another process continues from its files.

python -m hankstank.dev.fault_injection.sigkill HOME BASELINE LEAGUE WEEK FIRST LAST prints each finished day.
"""

import logging
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from random import Random
from threading import Timer

import msgspec

from hankstank.dev.fault_injection.baseline import Baseline
from hankstank.dev.fault_injection.injector import FaultInjector
from hankstank.dev.fault_injection.machine import PipelineMachine
from hankstank.dev.fault_injection.run import FaultHarness, FaultRun, RunOutcome, memory_mb
from hankstank.dev.fault_injection.scenario import ScenarioWeek, SimulatedSources
from hankstank.dev.fault_injection.store_copies import temporary_copy
from hankstank.local.subprocesses import ROOT

SIGKILL_FAULT = "death.sigkill"
_KILLS_PER_RUN, _MAX_CHILD_SECONDS = 3, 4.0  # a run; latest kill, in seconds


def run_with_kills(seed: int, harness: FaultHarness) -> RunOutcome:
    """Run a seed's days in child processes that are killed, and return the outcome."""
    days, rng = harness.plan.select_days(seed, harness.baseline), Random(f"kills of {seed}")
    hits, done = [], days[0] - 1
    with temporary_copy(harness.baseline.home_after_day(done)) as home:
        for _ in range(_KILLS_PER_RUN):
            after = rng.uniform(0, _MAX_CHILD_SECONDS)
            done, was_killed = _run_child(home, harness.baseline, done + 1, days[-1], after)
            if was_killed:
                hits.append(f"{SIGKILL_FAULT} after {after:.2f} s, {days[-1] - done} days to go")
        done, _ = _run_child(home, harness.baseline, done + 1, days[-1], None)
        missing = [f"day {done + 1} was not completed"] if done < days[-1] else []
        wrong = missing or _find_problems(home, harness, days)
    return RunOutcome(
        seed, days, tuple(hits), (SIGKILL_FAULT,) * len(hits), tuple(wrong), len(hits), memory_mb=memory_mb()
    )


def _find_problems(home: Path, harness: FaultHarness, days: tuple[int, ...]) -> list[str]:
    injector = FaultInjector(home)
    with closing(PipelineMachine(home, harness.sources, injector)) as machine:
        return FaultRun(harness, days, home, injector, machine).find_problems()


def _run_child(
    home: Path, baseline: Baseline, first: int, last: int, kill_after: float | None
) -> tuple[int, bool]:
    """Let a child process run the remaining days, and kill it after `kill_after` seconds.

    Returns the last completed day, and whether the child was killed before the end.
    """
    inputs = [str(home), str(baseline.folder), str(baseline.week.seed), str(baseline.week.days)]
    command = [sys.executable, "-m", __name__, *inputs, str(first), str(last)]
    done = first - 1
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None  # noqa: S101 - stdout=PIPE
        end = None
        for line in child.stdout:
            number = msgspec.json.decode(line, type=int)
            if number >= first:
                done = number
            elif kill_after is not None:
                end = Timer(kill_after, child.kill)
                end.start()
        if end is not None:
            end.cancel()
    return done, child.returncode == -signal.SIGKILL


def main(home: str, baseline: str, league: str, week: str, first: str, last: str) -> None:
    """Run the days; print 0 at the start and then each completed day."""
    logging.disable(logging.CRITICAL)
    recorded = Baseline(Path(baseline), ScenarioWeek(int(league), int(week)))
    machine = PipelineMachine(
        Path(home), SimulatedSources(recorded.week, recorded.rendered_folder), FaultInjector(Path(home))
    )
    _report_day(0)
    for number in range(int(first), int(last) + 1):
        machine.run_day(number)
        _report_day(number)
    machine.close()


def _report_day(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
