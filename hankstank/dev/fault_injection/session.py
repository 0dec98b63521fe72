"""Many runs, two at a time: each from its own seed, kept in a journal, and summed up in a report."""

import hashlib
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import msgspec

from hankstank.dev.fault_injection.journal import Entry, Heading, Journal
from hankstank.dev.fault_injection.run import Plan
from hankstank.dev.fault_injection.scenario import Week
from hankstank.dev.fault_injection.store_copies import sweep
from hankstank.dev.fault_injection.summary import Summary, page, summed
from hankstank.dev.fault_injection.workers import kill, live_undisturbed, play, workers
from hankstank.local.subprocesses import ROOT
from shared.adapters.local.output_files import make_output_folder
from shared.storage.files import write_whole

WEEK = 7  # days
REPORT, PAGE = "report.json", "report.md"
_SOURCES = ("hankstank", "services", "shared", "simulator")
_READ = {".py", ".sql", ".json"}
_HASHES_WITH = ("duckdb", "polars")  # hashes of tables are those of their files

Progress = Callable[[str, int, int], None]
Tell = Callable[[str], None]


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

    def heading(self, code: str) -> Heading:
        """Return what the journal of these runs begins with."""
        plan = self.plan
        return Heading(
            code, self.league, self.seed, self.runs, self.kills, plan.days, plan.kinds, plan.learns
        )

    @property
    def journal(self) -> Path:
        """Return the path of these runs' journal: others have their own, so that a replay ends none."""
        asked = msgspec.json.encode(self.heading(""))
        return self.out / f"journal-{self.seed}-{hashlib.sha256(asked).hexdigest()[:8]}.jsonl"


def session(choice: Choice, progress: Progress, tell: Tell) -> Summary:
    """Live the week undisturbed unless that was done, then the runs not in the journal.

    However it ends, the report tells of the runs lived so far.
    """
    started = time.perf_counter()
    sweep()
    folder = choice.out / f"week-{choice.league}"
    make_output_folder(folder)
    heading = choice.heading(code := code_hash())
    journal = Journal(choice.journal, heading)
    tell(journal.story)
    try:
        with workers(choice.workers, folder, Week(choice.league, WEEK), choice.plan) as pool:
            progress("the week undisturbed", 0, choice.runs)
            pool.submit(live_undisturbed, code).result()
            _live(choice, journal, pool, progress)
    finally:
        summary = summed(heading, journal.entries, time.perf_counter() - started)
        _report(summary, choice.out)
    return summary


def _report(summary: Summary, out: Path) -> None:
    write_whole(out / REPORT, msgspec.json.format(msgspec.json.encode(summary), indent=2))
    write_whole(out / PAGE, page(summary).encode())


def code_hash() -> str:
    """Return a hash of every source that a run's outcome may depend on."""
    digest = hashlib.sha256(" ".join(map(version, _HASHES_WITH)).encode())
    for folder in _SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in _READ:
                digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def _live(choice: Choice, journal: Journal, pool: ProcessPoolExecutor, progress: Progress) -> None:
    """Live the runs that are left; when interrupted, those at hand are written down too."""
    left, flying = _left(choice, journal), set[Future[Entry]]()
    before, began = len(journal.entries), time.perf_counter()
    of = before + len(left)
    try:
        while left or flying:
            while left and len(flying) < choice.workers:  # none waits in the pool: Ctrl-C would wait for it
                run, seed = left.popleft()
                flying.add(pool.submit(run, seed))
            ended, flying = wait(flying, return_when=FIRST_COMPLETED)
            _write_down(journal, ended)
            done = len(journal.entries)
            progress(pace(done - before, of - done, time.perf_counter() - began), done, of)
    except KeyboardInterrupt:
        progress("interrupted: ends the runs at hand", len(journal.entries), of)
        _write_down(journal, wait(flying).done)
        raise


def _left(choice: Choice, journal: Journal) -> deque[tuple[Callable[[int], Entry], int]]:
    lived = {(entry.is_killed, entry.outcome.seed) for entry in journal.entries}
    played = [(play, choice.seed + n) for n in range(choice.runs) if (False, choice.seed + n) not in lived]
    killed = [(kill, choice.seed + n) for n in range(choice.kills) if (True, choice.seed + n) not in lived]
    return deque([*played, *killed])


def _write_down(journal: Journal, ended: Iterable[Future[Entry]]) -> None:
    for future in ended:
        journal.add(future.result())


def pace(lived: int, left: int, seconds: float) -> str:
    """Return how fast it goes, and how long it will take, in words."""
    a_minute = 60 * lived / max(seconds, 1e-9)
    return f"disturbed: {a_minute:.1f} runs a minute, {left / a_minute:.0f} min left"
