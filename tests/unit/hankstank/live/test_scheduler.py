"""Each occurrence of a schedule is done once, whatever happens to the process, its machine and its clock."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hankstank.live import scheduler as schedulers
from hankstank.live.ledger import LEDGER_FILE, JobRun, Ledger, load_ledger
from hankstank.live.scheduler import Scheduler, StopRequested
from hankstank.live.schedules import Schedule

START = datetime(2026, 3, 6, 12, tzinfo=UTC)  # two days before clocks go forward
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def schedule(name: str, cron: str, covers: tuple[str, ...] = ()) -> Schedule:
    return Schedule(name, cron, "America/New_York", "data-collection-trigger", {}, covers)


APART = [
    schedule("nightly", "0 2 * * *"),
    schedule("hourly", "30 11-22 * * *"),
    schedule("often", "*/40 */4 * * *"),
]
COVERING = [
    schedule("nightly", "0 2 * * *", ("hourly",)),
    schedule("weekly", "0 3 * * 0", ("nightly", "hourly")),
    schedule("hourly", "0 11-22 * * *"),
]


@pytest.fixture(scope="module", autouse=True)
def _plain_files() -> Iterator[None]:
    """The ledger is written thousands of times here, and nobody is killed while it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hankstank.live.ledger.write_atomically", lambda path, data: path.write_bytes(data))
        yield


class Killed(BaseException):
    """The process is gone."""


class Clock:
    """A clock that a test moves; waiting moves it, up to `end`, where the process is killed."""

    def __init__(self, now: datetime) -> None:
        self.now = self.end = self.latest = now

    def __call__(self) -> datetime:
        return self.now

    def wait_until(self, moment: datetime) -> None:
        if self.now >= self.end:
            raise Killed
        self.advance(max(moment, self.now))

    def advance(self, moment: datetime) -> None:
        self.now = min(moment, self.end)
        self.latest = max(self.latest, self.now)

    def set_back(self, by: timedelta) -> None:
        """Set the clock back, by less than a day in all."""
        self.now = self.end = max(self.now - by, self.latest - 23 * HOUR)


class Home:
    """A home whose scheduler runs, fails, sleeps and dies as a test says."""

    def __init__(self, folder: Path, schedules: list[Schedule]) -> None:
        self.folder, self.schedules = folder, {one.name: one for one in schedules}
        self.clock = Clock(START)
        self.done: dict[str, JobRun] = {}
        self.tries: list[str] = []
        self.alerts: list[tuple[str, str]] = []
        self.job: Callable[[JobRun], object] = lambda _run: None
        self.live(timedelta(0))

    def open(self) -> Scheduler:
        def run_job(_schedule: Schedule, run: JobRun) -> None:
            self.tries.append(run.run_id)
            if run.run_id in self.done:  # as a real job: work that is found done cannot fail again
                return
            self.job(run)
            self.complete(run)

        return Scheduler(
            self.folder,
            self.schedules,
            self.clock,
            run_job,
            lambda severity, title, _details: self.alerts.append((severity, title)),
        )

    def complete(self, run: JobRun) -> None:
        """Do a run's work once; the same id always stands for the same occurrences."""
        known = self.done.setdefault(run.run_id, run)
        assert (known.occurrences, known.covers) == (run.occurrences, run.covers)

    def live(self, period: timedelta) -> None:
        """Run a process for some time."""
        self.clock.end = self.clock.now + period
        with suppress(Killed):
            self.open().run()

    def ledger(self) -> Ledger:
        found = load_ledger(self.folder)
        assert found is not None
        return found

    def expected(self, name: str) -> list[datetime]:
        """Return every occurrence of a schedule so far."""
        return list(
            takewhile(
                lambda moment: moment <= self.clock.latest, self.schedules[name].occurrences_after(START)
            )
        )

    def stood_for(self, name: str) -> int:
        """Return how many occurrences of a schedule the runs that were done stand for."""
        own = sum(run.occurrences.count for run in self.done.values() if run.schedule == name)
        return own + sum(run.covers[name].count for run in self.done.values() if name in run.covers)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, APART)


MINUTES = st.integers(1, 2 * 24 * 60)
HAPPENINGS = st.lists(
    st.one_of(
        st.tuples(st.just("runs"), MINUTES),
        st.tuples(st.just("sleeps"), MINUTES),
        st.tuples(st.just("sleeps"), st.integers(20 * 24 * 60, 70 * 24 * 60)),
        st.tuples(st.just("set back"), st.integers(1, 23 * 60)),
        st.tuples(st.just("killed before its work"), st.integers(0, 5)),
        st.tuples(st.just("killed after its work"), st.integers(0, 5)),
        st.tuples(st.just("fails"), st.integers(1, 8)),
        st.tuples(st.just("takes"), st.integers(1, 300)),
    ),
    max_size=8,
)


def happen(home: Home, what: str, number: int) -> None:
    """Let something happen to a home; a process that runs afterwards runs a day."""
    left = number

    def dies(run: JobRun, *, after: bool) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            if after:
                home.complete(run)
            raise Killed

    def fails(_run: JobRun) -> None:
        nonlocal left
        left -= 1
        if left >= 0:
            raise OSError("no network")

    if what == "sleeps":
        home.clock.end = home.clock.now + number * timedelta(minutes=1)
        home.clock.advance(home.clock.end)
        return
    if what == "set back":
        home.clock.set_back(number * timedelta(minutes=1))
        return
    jobs: dict[str, Callable[[JobRun], object]] = {
        "killed before its work": lambda run: dies(run, after=False),
        "killed after its work": lambda run: dies(run, after=True),
        "fails": fails,
        "takes": lambda _run: home.clock.advance(home.clock.now + number * timedelta(minutes=1)),
    }
    home.job = jobs.get(what, lambda _run: None)
    home.live(number * timedelta(minutes=1) if what == "runs" else DAY)
    home.job = lambda _run: None


@settings(max_examples=40, deadline=None)
@given(HAPPENINGS, st.sampled_from([APART, COVERING]))
def test_each_occurrence_is_done_once(happenings: list[tuple[str, int]], schedules: list[Schedule]):
    with TemporaryDirectory() as folder:
        home = Home(Path(folder), schedules)
        for what, number in happenings:
            happen(home, what, number)
        home.live(3 * DAY)  # in peace: what waited is done
        for name in home.schedules:
            assert home.stood_for(name) == len(home.expected(name)), name
            assert home.ledger().schedules[name].pending is None


@settings(max_examples=40, deadline=None)
@given(HAPPENINGS)
def test_no_occurrence_belongs_to_two_runs(happenings: list[tuple[str, int]]):
    with TemporaryDirectory() as folder:
        home = Home(Path(folder), APART)
        for what, number in happenings:
            happen(home, what, number)
        home.live(3 * DAY)
        for name in home.schedules:
            spans = sorted(
                (run.occurrences.first, run.occurrences.last)
                for run in home.done.values()
                if run.schedule == name
            )
            holding = [
                sum(first <= moment <= last for first, last in spans) for moment in home.expected(name)
            ]
            assert holding == [1] * len(holding)


def test_first_start_runs_nothing_of_the_past(home: Home):
    home.live(timedelta(minutes=1))
    assert home.tries == []
    assert set(home.ledger().schedules) == {one.name for one in APART}


def test_month_off_is_one_run_of_each_schedule(home: Home):
    home.live(DAY)
    home.tries.clear()
    home.clock.end = home.clock.now + 30 * DAY
    home.clock.advance(home.clock.end)
    home.live(timedelta(minutes=1))
    assert sorted(name.split("-")[0] for name in home.tries) == ["hourly", "nightly", "often"]
    assert home.ledger().schedules["nightly"].last.outcome == "done"  # type: ignore[union-attr]
    assert home.done[home.tries[0]].occurrences.count > 1


def test_weekly_run_covers_what_was_missed_with_it(tmp_path: Path):
    home = Home(tmp_path, COVERING)
    home.clock.end = START + 8 * DAY
    home.clock.advance(home.clock.end)
    home.live(timedelta(minutes=1))
    assert [name.split("-")[0] for name in home.tries] == ["weekly"]
    (run,) = home.done.values()
    assert run.covers["nightly"].count == 8
    last = home.ledger().schedules["nightly"].last
    assert last is not None
    assert (last.outcome, last.run_id) == ("covered", run.run_id)


def test_runs_follow_one_another_in_the_order_in_which_they_are_due(tmp_path: Path):
    home = Home(tmp_path, COVERING)
    home.live(3 * DAY)
    moments = [run.due for run in home.done.values()]
    assert moments == sorted(moments)
    assert len(moments) == sum(len(home.expected(name)) for name in home.schedules) - 1  # night of no 02:00


def test_failed_job_is_tried_again_with_longer_and_longer_waits(home: Home):
    failed_at: list[datetime] = []

    def fail(run: JobRun) -> None:
        if run.schedule == "nightly":
            failed_at.append(home.clock())
            raise OSError("no network")

    home.job = fail
    home.live(DAY)
    waits = [int((b - a) / timedelta(minutes=1)) for a, b in pairwise(failed_at)]
    assert waits[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    others = [run for run in home.done.values() if run.schedule != "nightly"]
    assert len(others) == len(home.expected("hourly")) + len(home.expected("often"))


BEGINS = ("warning", "a scheduled job failed")
LASTS = ("critical", "a scheduled job keeps failing")
ENDS = ("warning", "scheduled jobs succeed again")


def no_network(_run: JobRun) -> None:
    raise OSError("no network")


def test_job_that_fails_for_weeks_is_one_run_in_the_end(home: Home):
    def fail(run: JobRun) -> None:
        if run.schedule == "nightly":
            no_network(run)

    home.job = fail
    home.live(21 * DAY)
    assert home.alerts == [BEGINS, LASTS]
    last = home.ledger().schedules["nightly"].last
    assert last is not None
    assert (last.outcome, last.reason) == ("failed", "OSError: no network")
    home.job = lambda _run: None
    home.live(DAY)
    assert home.alerts == [BEGINS, LASTS, ENDS]
    (first, *_) = [run for run in home.done.values() if run.schedule == "nightly"]
    assert first.occurrences.count == 21


@pytest.mark.parametrize("days", [2, 21])
def test_outage_of_any_length_that_fails_every_job_is_one_cause(home: Home, days: int):
    home.live(DAY)
    home.job = no_network
    home.live(days * DAY)
    home.job = lambda _run: None
    home.live(DAY)
    assert home.alerts == [BEGINS, LASTS, ENDS]


def test_short_outages_are_a_cause_each(home: Home):
    for _ in range(3):
        home.live(DAY + HOUR / 2)
        home.job = no_network
        before = len(home.tries)
        while len(home.tries) == before:
            home.live(HOUR / 6)
        home.job = lambda _run: None
    home.live(DAY)
    assert home.alerts == [BEGINS, ENDS] * 3


@pytest.mark.parametrize("seed", range(5))
def test_kills_within_an_outage_add_no_cause(home: Home, seed: int):
    dice = Random(seed)
    home.live(DAY)
    home.job = no_network
    for _ in range(10):
        home.live(dice.random() * DAY)
    home.job = lambda _run: None
    home.live(DAY)
    assert home.alerts == [BEGINS, LASTS, ENDS]


def test_stop_leaves_the_job_to_the_next_start(home: Home):
    def stop(_run: JobRun) -> None:
        raise StopRequested

    home.job = stop
    home.live(DAY)
    (stopped,) = home.tries
    home.job = lambda _run: None
    home.live(timedelta(minutes=1))
    assert home.tries[1] == stopped
    assert stopped in home.done


def test_alert_that_cannot_be_sent_stops_nothing(home: Home, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(home, "alerts", type("Full", (), {"append": refuse})())
    home.job = lambda run: refuse() if run.schedule == "nightly" else None
    home.live(DAY)
    assert any(name.startswith("hourly") for name in home.done)


def test_clock_that_was_far_ahead_does_not_hold_everything_up(home: Home):
    home.live(DAY)
    home.clock.end = home.clock.now + 900 * DAY
    home.clock.advance(home.clock.end)
    home.live(HOUR)
    home.clock.now = START + 2 * DAY
    home.tries.clear()
    home.live(DAY)
    assert any(name.startswith("nightly") for name in home.tries)
    assert ("warning", "the clock was set back by more than a day") in home.alerts


def test_damaged_ledger_begins_again(home: Home):
    home.live(DAY)
    (home.folder / LEDGER_FILE).write_text("{")
    home.tries.clear()
    home.live(DAY)
    assert home.tries


def test_schedule_that_is_new_begins_now_and_one_that_is_gone_is_forgotten(home: Home):
    home.live(DAY)
    home.schedules = {"other": schedule("other", "0 5 * * *")}
    home.live(timedelta(minutes=1))
    assert list(home.ledger().schedules) == ["other"]


def test_back_off_is_bounded():
    assert schedulers.FIRST_BACKOFF < schedulers.LONGEST_BACKOFF <= HOUR
