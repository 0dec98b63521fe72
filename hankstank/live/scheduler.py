"""Runs what the schedules say, one job at a time, and keeps the ledger.

Each occurrence is done once. It is entered in the ledger, as part of a pending run, before its job starts,
and the run is removed when the job succeeds. After a process died in between, the next one does the run again
under the same id, before anything else of its schedule. Occurrences that pass while nothing runs become one
run.

An outage lasts while a pending run has failures. It is one cause: it sends an alert when it begins, a
critical one when a run keeps failing, and one when no pending run has failures any more.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from msgspec.structs import replace

from hankstank.live import ledger as ledgers
from hankstank.live.clocks import LiveClock
from hankstank.live.ledger import FinishedRun, JobRun, Ledger, Occurrences, ScheduleState
from hankstank.live.schedules import Schedule

log = logging.getLogger(__name__)

FIRST_BACKOFF, LONGEST_BACKOFF = timedelta(minutes=1), timedelta(hours=1)
CLOCK_SET_BACK = timedelta(days=1)  # by more than this, the clock had been wrong before
CRITICAL_AT = 6  # failures of one run: after half an hour of tries
Severity = Literal["warning", "critical"]

Alert = Callable[[Severity, str, Mapping[str, Any]], object]


class StopRequested(Exception):
    """The process is to end; the job was left between two steps and goes on at the next start."""


class Scheduler:
    """The schedules of one home. `run_job` does a run's work, and raises for one that is to be done again."""

    def __init__(
        self,
        home: Path,
        schedules: Mapping[str, Schedule],
        clock: LiveClock,
        run_job: Callable[[Schedule, JobRun], object],
        alert: Alert = lambda *_: None,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._home, self._schedules, self._clock = home, schedules, clock
        self._run_job, self._alert, self._is_stopping = run_job, alert, is_stopping
        # Stored at once: what becomes due while the machine is off counts from the first start on.
        self._save(_with_schedules(ledgers.load_ledger(home), schedules, clock()))

    @property
    def ledger(self) -> Ledger:
        """Return the ledger as it is stored."""
        return self._ledger

    def run(self, until: datetime | None = None) -> None:
        """Run what is due and wait for the next, until a stop is requested or `until` has passed."""
        while not self._is_stopping():
            if (run := self.take_due()) is not None:
                try:
                    self._attempt(run)
                except StopRequested:
                    return
                continue
            wake = self.next_moment()
            if until is not None and wake > until:
                return
            self._clock.wait_until(wake)

    def take_due(self) -> JobRun | None:
        """Enter everything that is due in the ledger; return the run to do now, None if there is none."""
        now = self._clock()
        self._notice_clock_set_back(now)
        fresh = {name: found for name in self._schedules if (found := self._due_occurrences(name, now))}
        if fresh:
            self._enter_runs(fresh, now)
        ready = [
            state.pending
            for name in self._schedules
            if (state := self._ledger.schedules[name]).pending and _is_ready(state.pending, now)
        ]
        return min(ready, key=lambda run: run.due, default=None)

    def next_moment(self) -> datetime:
        """Return when something is due next: an occurrence or another try."""
        now = self._clock()
        moments = []
        for name, schedule in self._schedules.items():
            state = self._ledger.schedules[name]
            moments.append(schedule.next_after(max(state.through, now)))
            if state.pending:
                moments.append(max(state.pending.retry_at or now, now))
        return min(moments)

    def _due_occurrences(self, name: str, now: datetime) -> Occurrences | None:
        """Return what is due of a schedule; None while an interrupted run of it has to be done first."""
        found: list[datetime] = []
        state = self._ledger.schedules[name]
        if state.pending and state.pending.is_interrupted:
            return None
        for moment in self._schedules[name].occurrences_after(state.through):
            if moment > now:
                break
            found.append(moment)
        return Occurrences(found[0], found[-1], len(found)) if found else None

    def _enter_runs(self, fresh: Mapping[str, Occurrences], now: datetime) -> None:
        """Make one pending run of each schedule's occurrences, or let another's run cover them."""
        states = dict(self._ledger.schedules)
        for name, found in fresh.items():
            states[name] = replace(states[name], through=found.last)
        left = dict(fresh)
        while left:
            name = self._next_uncovered(left)
            run = self._new_run(name, left.pop(name), states[name].pending)
            states[name] = replace(states[name], pending=run)
            self._cover_others(name, run, left, states, now)
        self._save(replace(self._ledger, seen=now, schedules=states))

    def _next_uncovered(self, left: Mapping[str, Occurrences]) -> str:
        """Return the first schedule that no other one of `left` covers."""
        covered = {other for name in left for other in self._schedules[name].covers}
        return next((name for name in left if name not in covered), next(iter(left)))

    def _new_run(self, name: str, found: Occurrences, before: JobRun | None) -> JobRun:
        """Return the run of some occurrences, which takes over those of a run that did not succeed before."""
        resets = f"-{self._ledger.resets}" if self._ledger.resets else ""
        run_id = f"{name}-{found.last:%Y%m%dT%H%MZ}{resets}"
        if before is None:
            return JobRun(name, run_id, found)
        return JobRun(name, run_id, found.joined(before.occurrences), before.covers, failures=before.failures)

    def _cover_others(
        self,
        name: str,
        run: JobRun,
        left: dict[str, Occurrences],
        states: dict[str, ScheduleState],
        now: datetime,
    ) -> None:
        """Move what is due or pending of the schedules that a run covers into the run."""
        covers, failures = dict(run.covers), run.failures
        for other in self._schedules[name].covers:
            pending = states[other].pending
            if pending and pending.is_interrupted:
                continue
            failures = max(failures, pending.failures if pending else 0)
            parts = _taken_from(other, pending, left.pop(other, None))
            for who, part in parts:
                covers[who] = part.joined(covers.get(who))
            if parts:
                ended = FinishedRun(run.run_id, states[other].through, None, now, "covered")
                states[other] = replace(states[other], pending=None, last=ended)
        states[name] = replace(states[name], pending=replace(run, covers=covers, failures=failures))

    def _attempt(self, run: JobRun) -> None:
        """Do a run's work; a failure is entered, with the time of the next try."""
        started = replace(run, started_at=self._clock(), retry_at=None)
        self._set_state(run.schedule, pending=started)
        try:
            self._run_job(self._schedules[run.schedule], started)
        except StopRequested:
            raise
        except Exception as error:  # one job's failure must not stop the others
            log.warning("%s failed", run.run_id, exc_info=True)
            self._enter_failure(started, f"{type(error).__name__}: {error}")
        else:
            ended = FinishedRun(run.run_id, run.due, started.started_at, self._clock(), "done")
            self._set_state(run.schedule, pending=None, last=ended, succeeded=run.due)
            if run.failures and not self._most_failures():
                details = {"run_id": run.run_id, "failures": run.failures}
                self._send_alert("warning", "scheduled jobs succeed again", details)

    def _enter_failure(self, run: JobRun, reason: str) -> None:
        now, failures = self._clock(), run.failures + 1
        others = self._most_failures(apart_from=run.schedule)
        backoff = min(FIRST_BACKOFF * 2 ** min(failures - 1, 10), LONGEST_BACKOFF)
        retry_at = now + backoff
        pending = replace(run, started_at=None, failures=failures, retry_at=retry_at)
        ended = FinishedRun(run.run_id, run.due, run.started_at, now, "failed", reason)
        self._set_state(run.schedule, pending=pending, last=ended)
        details = {"run_id": run.run_id, "reason": reason, "failures": failures, "next_try": retry_at}
        if failures == 1 and not others:
            self._send_alert("warning", "a scheduled job failed", details)
        elif failures == CRITICAL_AT > others:
            self._send_alert("critical", "a scheduled job keeps failing", details)

    def _most_failures(self, apart_from: str = "") -> int:
        """Return how often the pending run that fails most has failed; 0 without an outage."""
        states = self._ledger.schedules.items()
        runs = [state.pending for name, state in states if state.pending and name != apart_from]
        return max((run.failures for run in runs), default=0)

    def _notice_clock_set_back(self, now: datetime) -> None:
        """Begin again at the present time where the clock had been far ahead: else nothing ran until then."""
        if self._ledger.seen - now <= CLOCK_SET_BACK:
            return
        details = {"seen_before": self._ledger.seen, "now": now}
        states = {
            name: replace(state, through=min(state.through, now))
            for name, state in self._ledger.schedules.items()
        }
        self._save(Ledger(now, states, self._ledger.resets + 1))
        self._send_alert("warning", "the clock was set back by more than a day", details)

    def _send_alert(self, severity: Severity, title: str, details: Mapping[str, Any]) -> None:
        try:
            self._alert(severity, title, details)
        except Exception:  # what cannot be announced is in the ledger all the same
            log.warning("%s: the alert could not be sent", title, exc_info=True)

    def _set_state(self, name: str, **changes: Any) -> None:
        state = replace(self._ledger.schedules[name], **changes)
        self._save(replace(self._ledger, schedules={**self._ledger.schedules, name: state}))

    def _save(self, ledger: Ledger) -> None:
        ledgers.save_ledger(self._home, ledger)
        self._ledger: Ledger = ledger


def _with_schedules(known: Ledger | None, schedules: Mapping[str, Schedule], now: datetime) -> Ledger:
    """Return the ledger with exactly these schedules; one that is new begins at the present time."""
    known = known or Ledger(now)
    states = {name: known.schedules.get(name) or ScheduleState(now) for name in schedules}
    return replace(known, schedules=states)


def _taken_from(
    name: str, pending: JobRun | None, fresh: Occurrences | None
) -> list[tuple[str, Occurrences]]:
    """Return the occurrences of a covered schedule, and those that its pending run covers, by schedule."""
    own = fresh.joined(pending.occurrences if pending else None) if fresh else None
    if own is None and pending:
        own = pending.occurrences
    return [*([(name, own)] if own else []), *(pending.covers.items() if pending else ())]


def _is_ready(run: JobRun, now: datetime) -> bool:
    """Return whether a run may be tried; a try far ahead means that the clock was set back."""
    return run.retry_at is None or not now < run.retry_at <= now + LONGEST_BACKOFF
