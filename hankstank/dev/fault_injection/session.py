"""A session of many runs, each from its own seed, recorded in a journal and summarised in a report."""

import hashlib
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import msgspec

from hankstank.dev.fault_injection.journal import JournalEntry, JournalHeader, RunJournal
from hankstank.dev.fault_injection.run import FaultPlan
from hankstank.dev.fault_injection.scenario import ScenarioWeek
from hankstank.dev.fault_injection.store_copies import remove_stale_copies
from hankstank.dev.fault_injection.summary import Summary, build_summary, render_page
from hankstank.dev.fault_injection.workers import (
    build_baseline,
    open_worker_pool,
    run_in_worker,
    run_killed_in_worker,
)
from hankstank.local.subprocesses import ROOT
from shared.adapters.local.output_files import make_output_folder
from shared.storage.files import write_atomically

WEEK_DAYS = 7  # days
REPORT, PAGE = "report.json", "report.md"
_HASHED_FOLDERS = ("hankstank", "services", "shared", "simulator")
_HASHED_SUFFIXES = {".py", ".sql", ".json"}
_HASHED_PACKAGES = ("duckdb", "polars")  # their versions change the hashes of tables

Progress = Callable[[str, int, int], None]
Notify = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """Options of `hankstank fault-injection`."""

    seed: int
    runs: int
    plan: FaultPlan
    league: int
    kills: int
    workers: int
    out: Path

    def journal_header(self, code: str) -> JournalHeader:
        """Return the header of these runs' journal."""
        plan = self.plan
        return JournalHeader(
            code, self.league, self.seed, self.runs, self.kills, plan.days, plan.kinds, plan.train_models
        )

    @property
    def journal_path(self) -> Path:
        """Return the path of the journal: different options have different journals."""
        encoded = msgspec.json.encode(self.journal_header(""))
        return self.out / f"journal-{self.seed}-{hashlib.sha256(encoded).hexdigest()[:8]}.jsonl"


def run_session(options: SessionOptions, progress: Progress, notify: Notify) -> Summary:
    """Build the baseline if needed, then execute the runs that are not in the journal.

    The report covers the runs so far, also after an interrupt.
    """
    started = time.perf_counter()
    remove_stale_copies()
    folder = options.out / f"week-{options.league}"
    make_output_folder(folder)
    header = options.journal_header(code := code_hash())
    journal = RunJournal(options.journal_path, header)
    notify(journal.resume_message)
    try:
        with open_worker_pool(
            options.workers, folder, ScenarioWeek(options.league, WEEK_DAYS), options.plan
        ) as pool:
            progress("baseline", 0, options.runs)
            pool.submit(build_baseline, code).result()
            _run_pending(options, journal, pool, progress)
    finally:
        summary = build_summary(header, journal.entries, time.perf_counter() - started)
        _write_report(summary, options.out)
    return summary


def _write_report(summary: Summary, out: Path) -> None:
    write_atomically(out / REPORT, msgspec.json.format(msgspec.json.encode(summary), indent=2))
    write_atomically(out / PAGE, render_page(summary).encode())


def code_hash() -> str:
    """Return a hash of all code that a run's outcome may depend on."""
    digest = hashlib.sha256(" ".join(map(version, _HASHED_PACKAGES)).encode())
    for folder in _HASHED_FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in _HASHED_SUFFIXES:
                digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def _run_pending(
    options: SessionOptions, journal: RunJournal, pool: ProcessPoolExecutor, progress: Progress
) -> None:
    """Execute the remaining runs; when interrupted, record the active ones too."""
    pending, active = _pending_runs(options, journal), set[Future[JournalEntry]]()
    before, began = len(journal.entries), time.perf_counter()
    total = before + len(pending)
    try:
        while pending or active:
            # No run is queued in the pool: Ctrl-C would wait for it.
            while pending and len(active) < options.workers:
                run, seed = pending.popleft()
                active.add(pool.submit(run, seed))
            ended, active = wait(active, return_when=FIRST_COMPLETED)
            _append_results(journal, ended)
            done = len(journal.entries)
            progress(format_pace(done - before, total - done, time.perf_counter() - began), done, total)
    except KeyboardInterrupt:
        progress("interrupted: finishing the active runs", len(journal.entries), total)
        _append_results(journal, wait(active).done)
        raise


def _pending_runs(
    options: SessionOptions, journal: RunJournal
) -> deque[tuple[Callable[[int], JournalEntry], int]]:
    completed = {(entry.is_killed, entry.outcome.seed) for entry in journal.entries}
    planned = [(run_in_worker, False, n) for n in range(options.runs)]
    planned += [(run_killed_in_worker, True, n) for n in range(options.kills)]
    seeds = [(run, is_killed, options.seed + n) for run, is_killed, n in planned]
    return deque((run, seed) for run, is_killed, seed in seeds if (is_killed, seed) not in completed)


def _append_results(journal: RunJournal, ended: Iterable[Future[JournalEntry]]) -> None:
    for future in ended:
        journal.append_entry(future.result())


def format_pace(completed: int, remaining: int, seconds: float) -> str:
    """Return the pace and the remaining time, for the progress line."""
    runs_per_minute = 60 * completed / max(seconds, 1e-9)
    return f"{runs_per_minute:.1f} runs a minute, {remaining / runs_per_minute:.0f} min left"
