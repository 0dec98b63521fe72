"""What schedules publish, and what each does on this machine's stores.

A job opens the stores for its own time only, so between two jobs other commands can use them. Each finds the
work that an interrupted one left in the queue, and can be done again.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import cast, get_args

from hankstank.live.ledger import JobRun, load_ledger
from hankstank.live.scheduler import StopRequested
from hankstank.live.schedules import Schedule
from hankstank.local import simulator_process
from hankstank.local.machine import LocalPipeline
from hankstank.local.pipeline_run import record_played
from shared.adapters.local.durable_queue import DeliveryResult
from shared.errors import UserError
from shared.messaging.dead_letters import DeadLetter
from shared.messaging.events import REFRESH_TRIGGERS, REPAIR, DailyTask, Event, Task, Ticked, Trigger
from shared.runtime.data_world import DataWorld, write_world
from shared.runtime.ports_factory import Clock
from shared.runtime.settings import Settings
from shared.sports.mlb.ballpark_time import ballpark_date

log = logging.getLogger(__name__)

DAY = timedelta(days=1)
_CATCH_UP_DAYS = 7  # of one tick: of a longer range the collector fetches the last day's rosters only
_CATCH_UP = "catch-up"  # begins the ids of its runs
_RETRIES = "data.retry"  # one game that stays unavailable does not fail a night


class JobFailed(UserError):
    """A job's delivery was given up; the next try delivers it again."""


@dataclass(frozen=True)
class LiveJobs:
    """The jobs of one home. `simulator_url` is None for the live data sources."""

    settings: Settings
    clock: Clock
    label: str
    simulator_url: str | None = None
    is_stopping: Callable[[], bool] = lambda: False

    def run(self, schedule: Schedule, run: JobRun) -> None:
        """Do the job of a schedule; raises StopRequested between two deliveries, UserError, Unavailable."""
        if schedule.topic not in _JOBS:
            raise UserError(
                f"schedule {schedule.name}: expected a topic among {sorted(_JOBS)}, got {schedule.topic}"
            )
        with self.open_pipeline() as machine:
            machine.is_alerted = partial(self._is_in_outage, run)
            machine.run_until_idle("backfill")
            machine.run_until_idle()
            _JOBS[schedule.topic](self, machine, schedule, run)
            machine.store_missing_forecasts()

    @contextmanager
    def open_pipeline(self) -> Iterator[LocalPipeline]:
        """Open the stores at the present time of their source."""
        with LocalPipeline(self.settings, self.clock) as machine:
            machine.on_step = self._after_delivery
            write_world(machine.ports.objects, self.world())
            yield machine

    def world(self) -> DataWorld:
        """Return the source of the stores, with its time unless that is the real one."""
        return DataWorld(self.label, self.clock() if self.simulator_url else None)

    def _is_in_outage(self, run: JobRun, delivered: DeliveryResult) -> bool:
        """Return whether the scheduler alerts of what gave a delivery up: its run fails, or others do."""
        ledger = load_ledger(self.settings.home)
        pending = [state.pending for state in ledger.schedules.values()] if ledger else []
        return delivered.run_id == run.run_id or any(one and one.failures for one in pending)

    def _after_delivery(self, _delivered: DeliveryResult) -> None:
        """Stop here if that is requested, or if the simulator itself fails: retries would fail too."""
        if self.is_stopping():
            raise StopRequested
        failures = simulator_process.simulator_failures(self.simulator_url) if self.simulator_url else []
        if failures:
            raise JobFailed(failures[0])


def _collect(jobs: LiveJobs, machine: LocalPipeline, schedule: Schedule, run: JobRun) -> None:
    """Collect what the schedule's trigger asks for, and everything that follows up to stored forecasts."""
    trigger = _trigger_of(schedule)
    if trigger not in REFRESH_TRIGGERS:
        _catch_up(jobs, machine)
    _deliver(machine, Ticked(run_id=run.run_id, occurred_at=jobs.clock(), trigger=trigger))
    if trigger not in REFRESH_TRIGGERS:
        _drop_superseded(jobs, machine, Ticked.topic)
        if jobs.simulator_url:
            record_played(machine.ports.objects, ballpark_date(jobs.clock()) - DAY)


def _deliver(machine: LocalPipeline, event: Event) -> None:
    """Publish a run's event and deliver it; raises JobFailed if a delivery is given up."""
    if letters := _publish_or_replay(machine, event, "live"):
        raise JobFailed(f"{letters[0].subscription} failed: {letters[0].reason}")


def _publish_or_replay(machine: LocalPipeline, event: Event, lane: str) -> list[DeadLetter]:
    """Publish a run's event and deliver it, of a run that failed before only what was given up.

    Returns what is given up now.
    """
    if machine.was_published(event.run_id):
        for letter in _given_up(machine, event.run_id):
            machine.replay_dead_letter(int(letter.id))
    else:
        machine.publish(event, lane)
    return _given_up(machine, event.run_id)


def _catch_up(jobs: LiveJobs, machine: LocalPipeline) -> None:
    """Collect days that no nightly run looks back on, after a long absence, in the private lane.

    The coverage of a season makes a nightly run check what it missed; not the season before, and of a long
    gap no more than its own span of days. What is given up is tried again until a night succeeds. A day
    that cannot be collected stops no night: its dead letter stays for a person.
    """
    last = _last_collected_day(jobs.settings)
    yesterday = ballpark_date(jobs.clock()) - DAY
    end = yesterday - jobs.settings.lookback_days * DAY - DAY  # the last day that a nightly run passes over
    while last is not None and last < end:
        first, last = last + DAY, min(last + _CATCH_UP_DAYS * DAY, end)
        begun = f"{_CATCH_UP}-{first}"
        tick = Ticked(run_id=f"{begun}-{last}", occurred_at=jobs.clock(), first=first, last=last)
        if not _publish_or_replay(machine, tick, "backfill"):
            for letter in machine.dead_letters():  # of fewer days, in a night before
                if letter.run_id.startswith(begun):
                    machine.drop_dead_letter(int(letter.id))


def _last_collected_day(settings: Settings) -> date | None:
    """Return the last day that a nightly collection of this home covered; None before the first."""
    ledger = load_ledger(settings.home)
    states = ledger.schedules.items() if ledger else ()
    nights = [state.succeeded for name, state in states if state.succeeded and name in _NIGHTLY]
    return ballpark_date(max(nights)) - DAY if nights else None


def _given_up(machine: LocalPipeline, run_id: str) -> list[DeadLetter]:
    return [one for one in machine.dead_letters() if one.run_id == run_id and one.topic != _RETRIES]


def _drop_superseded(jobs: LiveJobs, machine: LocalPipeline, topic: str) -> None:
    """Delete what earlier runs gave up of a topic: a later run has done their work.

    Those of pending runs stay, for the next try to deliver them again. Repairs do what scheduled runs do.
    """
    ledger = load_ledger(jobs.settings.home)
    states = ledger.schedules if ledger else {}
    pending = {state.pending.run_id for state in states.values() if state.pending}
    for letter in machine.dead_letters():
        is_scheduled = letter.run_id.partition("-")[0] in {*states, REPAIR}
        if letter.topic == topic and is_scheduled and letter.run_id not in pending:
            log.info("%s of %s is dropped: a later run did its work", topic, letter.run_id)
            machine.drop_dead_letter(int(letter.id))


def _close_day(jobs: LiveJobs, machine: LocalPipeline, schedule: Schedule, run: JobRun) -> None:
    """Do a daily task, and everything that follows from what it publishes."""
    machine.store_missing_forecasts()
    _deliver(machine, DailyTask(run_id=run.run_id, occurred_at=jobs.clock(), task=_task_of(schedule)))
    _drop_superseded(jobs, machine, DailyTask.topic)


def _trigger_of(schedule: Schedule) -> Trigger:
    trigger = schedule.body.get("trigger", "")
    if trigger not in get_args(Trigger):
        raise UserError(f"schedule {schedule.name}: expected a trigger in its body, got {schedule.body}")
    return cast("Trigger", trigger)


def _task_of(schedule: Schedule) -> Task:
    task = schedule.body.get("task", "")
    if task not in get_args(Task):
        raise UserError(f"schedule {schedule.name}: expected a task in its body, got {schedule.body}")
    return cast("Task", task)


_NIGHTLY = {"daily", "weekly", "monthly"}
_JOBS: Mapping[str, Callable[[LiveJobs, LocalPipeline, Schedule, JobRun], None]] = {
    Ticked.topic: _collect,
    DailyTask.topic: _close_day,
}
