"""Runs whose process is really killed: a child lives the days, SIGKILL ends it anywhere, another goes on.

python -m hankstank.dev.fault_injection.sigkill HOME BASELINE LEAGUE WEEK FIRST LAST tells each day that is done.
"""

import logging
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from threading import Timer

import msgspec

from hankstank.dev.fault_injection.baseline import Baseline
from hankstank.dev.fault_injection.compare import likeness
from hankstank.dev.fault_injection.forecasts import faults
from hankstank.dev.fault_injection.injector import Fate
from hankstank.dev.fault_injection.machine import Life
from hankstank.dev.fault_injection.run import Outcome, Stage, memory_mb
from hankstank.dev.fault_injection.scenario import Outside, Week
from hankstank.dev.fault_injection.store_copies import copied, left_behind
from hankstank.local.subprocesses import ROOT

KIND = "death.sigkill"
_KILLS, _LONGEST = 3, 4.0  # a run; seconds that a child lives at most before it is killed


def killed(seed: int, stage: Stage) -> Outcome:
    """Live a seed's days in children that are killed, and say what became of them."""
    days, dice = stage.plan.of(seed, stage.baseline), Random(f"kills of {seed}")
    hits, done = [], days[0] - 1
    with copied(stage.baseline.home(done)) as home:
        for _ in range(_KILLS):
            after = dice.uniform(0, _LONGEST)
            done, died = _child(home, stage.baseline, done + 1, days[-1], after)
            if died:
                hits.append(f"{KIND} {after:.2f} s into the child's life, {days[-1] - done} days to go")
        done, _ = _child(home, stage.baseline, done + 1, days[-1], None)
        wrong = [f"day {done + 1} was never done"] if done < days[-1] else _found(home, stage, days)
    kinds = (KIND,) * len(hits)
    return Outcome(seed, days, tuple(hits), kinds, tuple(wrong), len(hits), memory_mb=memory_mb())


def _found(home: Path, stage: Stage, days: Sequence[int]) -> list[str]:
    life = Life(home, stage.outside, Fate(home))
    try:
        before, now = (stage.baseline.days[number] for number in (days[0] - 1, days[-1]))
        differing = likeness(life.ports).differences(now.likeness)
        forecasts = faults(life.ports, (), now.forecast, before.release + 1)
        parked = [f"parked: {letter.reason}" for letter in life.letters()]
        return [f"another {one}" for one in differing] + forecasts + parked + left_behind(home)
    finally:
        life.close()


def _child(
    home: Path, baseline: Baseline, first: int, last: int, kill_after: float | None
) -> tuple[int, bool]:
    """Let a child live the days that are left, for some seconds or to their end.

    Returns the last day done, and whether the child was killed before it had lived them all.
    """
    about = [str(home), str(baseline.folder), str(baseline.week.seed), str(baseline.week.days)]
    words = [sys.executable, "-m", __name__, *about, str(first), str(last)]
    done = first - 1
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None  # noqa: S101 - a pipe was asked for
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
    """Live the days, telling 0 at the beginning and then each day that is done."""
    logging.disable(logging.CRITICAL)
    lived = Baseline(Path(baseline), Week(int(league), int(week)))
    life = Life(Path(home), Outside(lived.week, lived.bodies), Fate(Path(home)))
    _tell(0)
    for number in range(int(first), int(last) + 1):
        life.live(number)
        _tell(number)
    life.close()


def _tell(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
