"""`hankstank live`: the schedules, the jobs and the API of one home in one process, for a whole season."""

import logging
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from hankstank.live import first_start
from hankstank.live.api_process import ApiProcess
from hankstank.live.clocks import LiveClock, RealClock, SimulatedTime
from hankstank.live.first_start import FirstStartRun, Questions
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
from shared.ports import ObjectStore
from shared.runtime.data_world import read_world
from shared.runtime.ports_factory import Clock, create_notifier, create_object_store, utc_now
from shared.runtime.settings import Settings
from shared.sports.mlb.ballpark_time import BALLPARK_TIME
from shared.storage.first_start import FirstStart, load_first_start, remove_first_start, save_first_start

log = logging.getLogger(__name__)

LOCK_FOLDER = "live"  # in the home: its run lock is held for the service's whole life
_FIRST_LIVE_DAY = timedelta(days=60)  # of a new simulated season: enough games to train on
_ENDS_AT = time(9)  # in New York, on the morning after the last day: its collection and grading are over

Report = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """Options of `hankstank live`: a source, its days, and how many of its seconds pass in one.

    `speed` None is full speed: the clock jumps from one job to the next. `backfill_from` is the season or
    the day from which a first start on the live data sources fills the stores. `port` None runs no API.
    """

    run: RunOptions
    speed: float | None = 1.0
    until: date | None = None
    backfill_from: str | None = None
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


def run_live(
    options: LiveOptions,
    progress: Progress,
    report: Report,
    questions: Questions | None = None,
    clock: Clock = utc_now,
) -> dict[str, Any]:
    """Run the service until it is stopped or its last day is over; return how its schedules ended.

    `questions` come before a first start on the live data sources, whose time is `clock`.
    Raises UserError for options that do not fit the stores, FolderInUse where another one runs.
    """
    _check_options(options)
    run, known = prepare_run(options.run)
    stop = StopSignal()
    with run_lock(run.home / LOCK_FOLDER), ExitStack() as resources:
        games = GameSource(run.source, run.seed, run.seasons)
        url = resources.enter_context(open_source(games, run.home, run.data))
        start = _Start(options, run, with_source(known, url), url, report, stop, clock)
        start.check(questions)  # Ctrl-C at a question ends it at once
        resources.enter_context(stop.handled())
        api = start.create_api()
        if api:
            resources.callback(api.stop)
            _ensure_running(api, report)
        begin = start.prepare_stores(progress)
        if stop.is_set():
            return {"now": clock() if begin is None else begin, "schedules": {}, "pending": []}
        live_clock = start.open_clock(begin)
        jobs = LiveJobs(start.settings, live_clock, run.label, url, stop.is_set)
        service = LiveService(jobs, load_schedules(), live_clock, api, report, stop.is_set)
        end = _end_of(options, run, url)
        summary = service.run(end)
        if end is not None and not stop.is_set():
            report(f"the last day is over: the service ends at {end:%Y-%m-%d %H:%M} UTC")
        return summary


def _check_options(options: LiveOptions) -> None:
    """Raise UserError for options that the source does not have."""
    if options.run.source != "mlb":
        if options.backfill_from:
            raise UserError("--backfill-from is for the live data sources: --from names the first live day")
        return
    if options.speed != 1.0:
        raise UserError("--speed is for simulated sources: the live data sources run at the real time")
    if options.run.first:
        raise UserError("--from is for simulated sources: --backfill-from fills stores with days of the past")


@dataclass(frozen=True)
class _Start:
    """The start of the service on one home: what is checked, chosen and filled before the first job."""

    options: LiveOptions
    run: RunOptions
    settings: Settings
    url: str | None
    report: Report
    stop: StopSignal
    clock: Clock

    @property
    def objects(self) -> ObjectStore:
        return create_object_store(self.settings)

    def check(self, questions: Questions | None) -> None:
        """Note what a new store is to be filled with; raises UserError for options that do not fit it."""
        objects, given = self.objects, self.options.backfill_from
        if self.url is not None:
            played = played_until(objects)
            self._check_first_day(played)
            if played is None:
                save_first_start(objects, FirstStart(f"{self.run.seasons[0]}"))
        elif not first_start.needs_first_start(objects):
            if given:
                self.report(f"{self.run.home} holds games: --backfill-from {given} has nothing to do")
        elif load_first_start(objects) is None:
            begin = first_start.choose_begin(
                self.run.home, self.run.data, given, questions, self.report, self.clock
            )
            save_first_start(objects, FirstStart(begin))

    def _check_first_day(self, played: date | None) -> None:
        """Raise UserError for a first live day that filled stores cannot begin with."""
        first = self.run.first
        if first is None or played is None or first == played + DAY:
            return
        if first > played:
            raise UserError(
                f"--from {first}: {self.run.home} holds days through {played} and goes on after them: leave "
                "--from out, or name another folder with --home"
            )
        self.report(f"{self.run.home} holds days through {played}: it goes on there, not on --from {first}")

    def create_api(self) -> ApiProcess | None:
        """Return the API beside the service, unless it runs none."""
        options = self.options
        if options.port is None:
            return None
        return ApiProcess(self.run.home, options.host, options.port, options.workers)

    def prepare_stores(self, progress: Progress) -> datetime | None:
        """Fill new stores; return the time of a simulated source's stores.

        A stop ends it between two steps; what is left is done at the next start.
        """
        try:
            if self.url is not None:
                return self._fill_first_days(self.url, progress)
            self._fill_live_stores()
        except StopRequested:
            log.info("stopped before the first job")
        return None

    def _fill_live_stores(self) -> None:
        known = load_first_start(self.objects)
        if known is None:
            return
        filling = FirstStartRun(
            self.objects,
            self.run.home,
            self.run.data,
            self.report,
            self.clock,
            self.stop.is_set,
            self.stop.wait,
        )
        if not filling.run(known.begin):
            raise StopRequested

    def _fill_first_days(self, url: str, progress: Progress) -> datetime:
        """Fill the stores of a new simulated season up to its first live day; return the stores' time."""
        objects = self.objects
        if played_until(objects) is None:
            plan = _first_days(self.run, url)
            clock = SimulatedClock(tick_time(plan.forecast_day - DAY))
            with LocalPipeline(self.settings, clock) as machine:
                runner = DayRunner(machine, plan, clock, url)
                machine.on_step = partial(_check_between, self.stop, machine.on_step)
                runner.run_backfill(partial(self._show_first_days, progress, f"{plan.forecast_day}"))
        remove_first_start(objects)
        start = read_world(objects).now
        if start is None:
            raise UserError(
                f"{self.run.home}: the stores do not say their time: choose another folder with --home"
            )
        simulator_process.set_simulator_clock(url, start)
        return start

    def _show_first_days(self, progress: Progress, begin: str, what: str, done: int, of: int) -> None:
        days = what.removeprefix("backfill ")
        save_first_start(self.objects, FirstStart(begin, days=days, chunk=done + 1, of_chunks=of))
        progress(what, done, of)

    def open_clock(self, start: datetime | None) -> LiveClock:
        """Return the clock that the schedules follow, from the time of the stores on."""
        url = self.url
        if start is None or url is None:
            return RealClock(self.clock, self.stop.wait)
        return SimulatedTime(
            start,
            self.options.speed,
            self.stop.wait,
            lambda now: simulator_process.set_simulator_clock(url, now),
        )


def _ensure_running(api: ApiProcess, report: Report) -> None:
    """Start the API unless it runs, and report its address."""
    before = api.url
    api.ensure_running()
    if api.url and api.url != before:
        report(f"pages and API on {api.url}")


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
        if self._api is not None:
            _ensure_running(self._api, self._report)


class _SupervisingClock:
    """A clock that calls back before each wait."""

    def __init__(self, clock: LiveClock, before_wait: Callable[[], object]) -> None:
        self._clock, self._before_wait = clock, before_wait

    def __call__(self) -> datetime:
        return self._clock()

    def wait_until(self, moment: datetime) -> None:
        self._before_wait()
        self._clock.wait_until(moment)


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


def _end_of(options: LiveOptions, run: RunOptions, url: str | None) -> datetime | None:
    """Return when the service ends by itself: on the morning after its last day; None for never."""
    last = options.until
    if last is None and url is not None:
        last = simulator_process.list_game_days(url, run.seasons[-1])[-1]
    return None if last is None else end_of_day(last)


def end_of_day(day: date) -> datetime:
    """Return when everything that follows a day's games has been due."""
    return datetime.combine(day + DAY, _ENDS_AT, BALLPARK_TIME).astimezone(UTC)
