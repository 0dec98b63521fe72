"""`hankstank live`: the schedules, the jobs and the API of one home in one process, for a whole season."""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from hankstank.live.api_process import ApiProcess
from hankstank.live.clocks import LiveClock, RealClock, SimulatedTime
from hankstank.live.jobs import LiveJobs
from hankstank.live.ledger import JobRun, Ledger
from hankstank.live.scheduler import Scheduler, StopRequested
from hankstank.live.schedules import Schedule, load_schedules
from hankstank.local import simulator_process
from hankstank.local.game_source import GameSource, open_source, with_source
from hankstank.local.machine import LocalPipeline, SimulatedClock
from hankstank.local.pipeline_run import DayRunner, Progress, played_until
from hankstank.local.run_plan import DAY, RunPlan, tick_time
from hankstank.local.runs import RunOptions, prepare_run
from shared.adapters.local.durable_queue import DeliveryResult
from shared.adapters.local.run_lock import run_lock
from shared.errors import UserError
from shared.runtime.data_world import is_world_known, read_world
from shared.runtime.ports_factory import create_notifier, create_object_store, utc_now
from shared.runtime.settings import Settings
from shared.sports.mlb.ballpark_time import BALLPARK_TIME

LOCK_FOLDER = "live"  # in the home: its run lock is held for the service's whole life
_FIRST_LIVE_DAY = timedelta(days=60)  # of a new simulated season: enough games to train on
_ENDS_AT = time(9)  # in New York, on the morning after the last day: its collection and grading are over

Report = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """Options of `hankstank live`: a source, its days, and how many of its seconds pass in one.

    `speed` None is full speed: the clock jumps from one job to the next. `port` None runs no API.
    """

    run: RunOptions
    speed: float | None = 1.0
    until: date | None = None
    host: str = "127.0.0.1"
    port: int | None = 8080
    workers: int = 1

    @property
    def home(self) -> Path:
        """Return the folder of the stores."""
        return self.run.home


@dataclass
class StopSignal:
    """A request to stop, by SIGTERM or Ctrl-C; a second Ctrl-C interrupts at once."""

    _event: threading.Event = field(default_factory=threading.Event)

    def is_set(self) -> bool:
        """Return whether a stop is requested."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise StopRequested if a stop is requested."""
        if self.is_set():
            raise StopRequested

    def wait(self, seconds: float) -> None:
        """Wait, but no longer than until a stop is requested."""
        self._event.wait(seconds)

    @contextmanager
    def handled(self) -> Iterator["StopSignal"]:
        """Handle the process's signals while the block runs."""
        known = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
        for number in known:
            signal.signal(number, self._request)
        try:
            yield self
        finally:
            for number, handler in known.items():
                signal.signal(number, handler)

    def _request(self, number: int, _frame: object) -> None:
        if self._event.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        self._event.set()


def run_live(options: LiveOptions, progress: Progress, report: Report) -> dict[str, Any]:
    """Run the service until it is stopped or its last day is over; return how its schedules ended.

    Raises UserError for options that do not fit the stores, FolderInUse where another one runs.
    """
    _check_options(options)
    run, known = prepare_run(options.run)
    with StopSignal().handled() as stop, run_lock(run.home / LOCK_FOLDER), ExitStack() as resources:
        games = GameSource(run.source, run.seed, run.seasons)
        url = resources.enter_context(open_source(games, run.home, run.data))
        settings = with_source(known, url)
        try:
            start = _prepare_stores(run, settings, url, progress, stop)
        except StopRequested:
            return {"now": utc_now(), "schedules": {}, "pending": []}
        clock = _open_clock(options, start, url, stop)
        jobs = LiveJobs(settings, clock, run.label, url, stop.is_set)
        api = (
            None
            if options.port is None
            else ApiProcess(run.home, options.host, options.port, options.workers)
        )
        if api:
            resources.callback(api.stop)
        service = LiveService(jobs, load_schedules(), clock, api, report, stop.is_set)
        return service.run(_end_of(options, run, url))


def _check_options(options: LiveOptions) -> None:
    """Raise UserError for options that the live data sources do not have."""
    if options.run.source != "mlb":
        return
    if options.speed != 1.0:
        raise UserError("--speed is for simulated sources: the live data sources run at the real time")
    if options.run.first:
        raise UserError("--from is for simulated sources: `hankstank backfill` collects days of the past")


class LiveService:
    """The scheduler of one home with its jobs and, beside them, its API."""

    def __init__(
        self,
        jobs: LiveJobs,
        schedules: Mapping[str, Schedule],
        clock: LiveClock,
        api: ApiProcess | None = None,
        report: Report = lambda _line: None,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._jobs, self._api, self._report = jobs, api, report
        notifier = create_notifier(jobs.settings)
        self._scheduler = Scheduler(
            jobs.settings.home,
            schedules,
            _SupervisingClock(clock, self._ensure_api),
            self._run_job,
            notifier.send_alert,
            is_stopping,
        )

    @property
    def ledger(self) -> Ledger:
        """Return the ledger."""
        return self._scheduler.ledger

    def run(self, until: datetime | None = None) -> dict[str, Any]:
        """Run the schedules until a stop is requested or `until` has passed; return the ledger's summary."""
        self._ensure_api()
        self._scheduler.run(until)
        states = self.ledger.schedules.items()
        return {
            "now": self._jobs.clock(),
            "schedules": {name: state.last for name, state in states},
            "pending": [state.pending.run_id for _, state in states if state.pending],
        }

    def _run_job(self, schedule: Schedule, run: JobRun) -> None:
        missed = f", for {run.occurrences.count} occurrences" if run.occurrences.count > 1 else ""
        self._report(f"{run.due.astimezone(schedule.zone):%Y-%m-%d %H:%M} {schedule.name}{missed}")
        self._jobs.run(schedule, run)
        self._ensure_api()

    def _ensure_api(self) -> None:
        if self._api is None:
            return
        before = self._api.url
        self._api.ensure_running()
        if self._api.url and self._api.url != before:
            self._report(f"pages and API on {self._api.url}")


class _SupervisingClock:
    """A clock that calls back before each wait."""

    def __init__(self, clock: LiveClock, before_wait: Callable[[], object]) -> None:
        self._clock, self._before_wait = clock, before_wait

    def __call__(self) -> datetime:
        return self._clock()

    def wait_until(self, moment: datetime) -> None:
        self._before_wait()
        self._clock.wait_until(moment)


def _prepare_stores(
    run: RunOptions, settings: Settings, url: str | None, progress: Progress, stop: StopSignal
) -> datetime | None:
    """Fill the stores of a new simulated season up to its first live day; return the time of the stores."""
    objects = create_object_store(settings)
    if url is None:
        if not is_world_known(objects):
            raise UserError(
                f"{run.home}: no stores here: `hankstank backfill --season YYYY` fills them first"
            )
        return None
    if played_until(objects) is None:
        plan = _first_days(run, url)
        clock = SimulatedClock(tick_time(plan.forecast_day - DAY))
        with LocalPipeline(settings, clock) as machine:
            runner = DayRunner(machine, plan, clock, url)
            machine.on_step = partial(_check_between, stop, machine.on_step)
            runner.run_backfill(progress)
    start = read_world(objects).now
    if start is None:
        raise UserError(f"{run.home}: the stores do not say their time: choose another folder with --home")
    simulator_process.set_simulator_clock(url, start)
    return start


def _check_between(
    stop: StopSignal, check: Callable[[DeliveryResult], object], delivered: DeliveryResult
) -> None:
    stop.check()
    check(delivered)


def _first_days(run: RunOptions, url: str) -> RunPlan:
    """Return the plan that backfills all days before the first live one."""
    begin = simulator_process.list_game_days(url, run.seasons[0])[0]
    opening = simulator_process.list_game_days(url, run.seasons[-1])[0]
    first = run.first or opening + _FIRST_LIVE_DAY
    if first <= begin:
        raise UserError(f"expected --from after the first game on {begin}, got {first}")
    chunk_days = 15 if run.source == "league" else 31
    return RunPlan(run.source, run.label, (begin, first - DAY), (), chunk_days)


def _open_clock(options: LiveOptions, start: datetime | None, url: str | None, stop: StopSignal) -> LiveClock:
    if start is None or url is None:
        return RealClock(utc_now, stop.wait)
    return SimulatedTime(
        start, options.speed, stop.wait, lambda now: simulator_process.set_simulator_clock(url, now)
    )


def _end_of(options: LiveOptions, run: RunOptions, url: str | None) -> datetime | None:
    """Return when the service ends by itself: on the morning after its last day; None for never."""
    last = options.until
    if last is None and url is not None:
        last = simulator_process.list_game_days(url, run.seasons[-1])[-1]
    return None if last is None else end_of_day(last)


def end_of_day(day: date) -> datetime:
    """Return when everything that follows a day's games has been due."""
    return datetime.combine(day + DAY, _ENDS_AT, BALLPARK_TIME).astimezone(UTC)
