"""Jobs of the live service: long absences, sources that fail, deliveries that were given up."""

import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from hankstank.live import jobs
from hankstank.live.clocks import SimulatedTime
from hankstank.live.jobs import LiveJobs
from hankstank.live.ledger import load_ledger
from hankstank.live.schedules import Schedule, load_schedules
from hankstank.live.service import LiveService
from hankstank.live.status import read_live_status
from hankstank.local.run_plan import tick_time
from shared.adapters.local.notifier import LocalNotifier
from shared.adapters.local.run_lock import run_lock
from shared.errors import UserError
from shared.runtime.ports_factory import utc_now
from tests.pipeline.live_process import LABEL, backfilled, schedules, settings_of
from tests.pipeline.machine import Machine, Outside, assert_equal_tables, machine, outside
from tests.pipeline.worlds import day, small_world

LAST = 11
HOUR = timedelta(hours=1)
COUNTED = ("games_historical", "plate_appearances", "player_stats_historical", "team_stats_historical")


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Iterator[Outside]:
    with outside(tmp_path_factory.mktemp("outside"), small_world(LAST)) as around:
        yield around


@pytest.fixture(scope="module")
def two_days(world: Outside, tmp_path_factory) -> Path:
    """A home that holds two days."""
    home = tmp_path_factory.mktemp("home") / "home"
    backfilled(settings_of(str(home), world.url), world.url)
    return home


@pytest.fixture
def home(two_days: Path, tmp_path: Path) -> Path:
    return shutil.copytree(two_days, tmp_path / "home")


def lives(
    home: Path, world: Outside, until: datetime, start: datetime | None = None, lookback_days: int = 7
) -> LiveService:
    """Let a home live by its nightly schedules, from `start` or where it was left."""
    settings = settings_of(str(home), world.url).model_copy(update={"lookback_days": lookback_days})
    begins = start or backfilled(settings, world.url)

    def move(now: datetime) -> None:
        world.bodies.now = now

    move(begins)
    clock = SimulatedTime(begins, None, lambda _seconds: None, move)
    service = LiveService(LiveJobs(settings, clock, LABEL, world.url), schedules("nightly"), clock)
    service.run(until)
    return service


def run_ids(held: Machine) -> list[str]:
    """Return the runs that were published, without the first backfill."""
    ticks = held.rooms._buses["live"].published_on("data-collection-trigger")
    return [tick.run_id for tick in ticks if not tick.run_id.startswith("backfill")]


def test_long_absence_is_one_catch_up_and_one_night(home: Path, world: Outside):
    lives(home, world, tick_time(day(3)) + HOUR, lookback_days=1)
    back = tick_time(day(LAST - 1)) + 5 * HOUR
    lives(home, world, back + HOUR, start=back, lookback_days=1)
    with machine(home, world) as held:
        assert run_ids(held) == [
            f"daily-{day(4):%Y%m%d}T0600Z",
            f"catch-up-{day(4)}-{day(LAST - 3)}",
            f"daily-{day(LAST):%Y%m%d}T0600Z",
        ]
        finished = held.rows("games_historical").filter(status="Final")
        assert finished.height == 3 * (LAST - 1)


def test_days_of_an_absence_equal_those_that_were_collected_each_night(
    home: Path, world: Outside, tmp_path: Path
):
    other = shutil.copytree(home, tmp_path / "each-night")
    until = tick_time(day(LAST - 1)) + 6 * HOUR
    lives(other, world, until)
    lives(home, world, tick_time(day(3)) + HOUR, lookback_days=1)
    lives(home, world, until, start=until - HOUR, lookback_days=1)
    with machine(home, world) as one, machine(other, world) as every:
        for name in COUNTED:
            pair = [held.rows(name).drop("collected_at", "raw_object", "raw_sha256") for held in (one, every)]
            assert pair[0].equals(pair[1]), name
        assert_equal_tables(
            one.rooms.ports.warehouse,
            every.rooms.ports.warehouse,
            "mlb_features",
            apart_from=("collected_at", "inputs_sha256"),
            without=("player_availability", "game_features_daily", "player_features_daily"),
        )


def test_night_that_is_done_on_the_next_evening_leaves_no_day_without_rosters(home: Path, world: Outside):
    evening = tick_time(day(3)) + 21 * HOUR  # the games of the fourth day are over
    lives(home, world, evening + HOUR, start=evening)
    lives(home, world, tick_time(day(6)) + HOUR)
    assert_daily_datasets(home, world, range(1, 7))


def assert_daily_datasets(home: Path, world: Outside, numbers: Iterable[int]) -> None:
    """Check of which days there are rosters and standings."""
    with machine(home, world) as held:
        for table, of_day in (
            ("rosters_historical", "roster_date"),
            ("standings_historical", "standings_date"),
        ):
            days = held.rows(table)[of_day].unique().sort().to_list()
            assert days == [day(number) for number in numbers], table


def test_rosters_of_more_days_than_a_run_fetches_come_with_the_next_night(
    home: Path, world: Outside, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("services.collector.mlb.daily_rows.DAILY_RANGE_LIMIT", 2)
    night = tick_time(day(6))
    lives(home, world, night + HOUR, start=night - HOUR)
    assert_daily_datasets(home, world, [1, 2, 6])
    lives(home, world, tick_time(day(7)) + HOUR)
    assert_daily_datasets(home, world, range(1, 8))


@pytest.mark.usefixtures("_impatient")
def test_catch_up_that_was_given_up_is_done_with_the_next_night(
    home: Path, world: Outside, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("hankstank.local.machine.MAX_WAIT", 0.01)
    lives(home, world, tick_time(day(3)) + HOUR, lookback_days=1)
    world.goes_wrong("/api/v1/schedule", "server_error", times=10_000)
    for number in (7, 8):
        night = tick_time(day(number))
        lives(home, world, night + 8 * HOUR, start=night, lookback_days=1)
    with machine(home, world) as held:
        assert any(one.run_id.startswith("catch-up") for one in held.rooms.dead_letters())
    world.recovers()
    lives(home, world, tick_time(day(9)) + HOUR, lookback_days=1)
    with machine(home, world) as held:
        assert held.rooms.dead_letters() == []
        assert held.rows("games_historical").filter(status="Final").height == 3 * 9
    assert_daily_datasets(home, world, range(1, 10))


@pytest.mark.usefixtures("_impatient")
def test_job_whose_source_fails_is_done_once_it_recovers(
    home: Path, world: Outside, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("hankstank.local.machine.MAX_WAIT", 0.01)
    world.goes_wrong("/api/v1/schedule", "server_error", times=10_000)
    service = lives(home, world, tick_time(day(3)) + HOUR / 6)
    state = service.ledger.schedules["daily"]
    assert state.last is not None
    assert state.last.outcome == "failed"
    assert titles(home) == ["a scheduled job failed"]
    world.recovers()
    lives(home, world, tick_time(day(3)) + 2 * HOUR, start=tick_time(day(3)) + HOUR)
    assert_done(home, world)


@pytest.mark.usefixtures("_impatient")
def test_delivery_that_was_given_up_is_delivered_again(
    home: Path, world: Outside, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("shared.adapters.local.durable_queue.MAX_ATTEMPTS", 2)
    world.goes_wrong("/api/v1/schedule", "server_error", times=10_000)
    service = lives(home, world, tick_time(day(3)) + HOUR / 6)
    state = service.ledger.schedules["daily"]
    assert state.last is not None
    assert state.last.reason.startswith("JobFailed: data-collection-trigger--collector failed: gave up")
    world.recovers()
    lives(home, world, tick_time(day(3)) + 2 * HOUR, start=tick_time(day(3)) + HOUR)
    assert_done(home, world)


@pytest.mark.usefixtures("_impatient")
def test_outage_of_several_nights_is_one_collection_and_leaves_nothing_behind(
    home: Path, world: Outside, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("shared.adapters.local.durable_queue.MAX_ATTEMPTS", 1)
    monkeypatch.setattr("hankstank.live.scheduler.FIRST_BACKOFF", 6 * HOUR)
    monkeypatch.setattr("hankstank.live.scheduler.LONGEST_BACKOFF", 6 * HOUR)
    world.goes_wrong("/api/v1/schedule", "server_error", times=0)
    lives(home, world, tick_time(day(5)) + HOUR)
    world.recovers()
    service = lives(home, world, tick_time(day(6)) + HOUR, start=tick_time(day(6)) - HOUR)
    assert service.ledger.schedules["daily"].pending is None
    assert titles(home) == [
        "a scheduled job failed",
        "a scheduled job keeps failing",
        "scheduled jobs succeed again",
    ]
    with machine(home, world) as held:
        assert held.rows("games_historical").filter(status="Final").height == 3 * 6
        assert held.reasons() == []


def assert_done(home: Path, world: Outside) -> None:
    """The third day is collected by one run, and nothing is left."""
    with machine(home, world) as held:
        assert run_ids(held) == [f"daily-{day(4):%Y%m%d}T0600Z"]
        assert held.rows("games_historical").filter(status="Final").height == 9
        assert held.reasons() == []
    ledger = load_ledger(home)
    assert ledger is not None
    assert ledger.schedules["daily"].pending is None


def titles(home: Path) -> list[str]:
    """Return the titles of the alerts, without those of models that have few days to train on."""
    every = [one["title"] for one in LocalNotifier(home, utc_now).list_alerts()]
    return [title for title in every if not title.startswith("first model of")]


def test_status_says_what_is_next_and_how_schedules_ended(home: Path, world: Outside):
    lives(home, world, tick_time(day(3)) + HOUR)
    status = read_live_status(home)
    daily = next(one for one in status["schedules"] if one["name"] == "daily")
    assert (status["process"], status["job"], daily["state"]) == (None, None, "waiting")
    assert daily["last"]["outcome"] == "done"
    assert daily["next"] == tick_time(day(4))
    with run_lock(home / "live"):
        assert read_live_status(home)["process"]["pid"] > 0


def test_status_of_a_home_that_never_lived_is_refused(home: Path):
    with pytest.raises(UserError, match="`hankstank live` never ran here"):
        read_live_status(home)


def test_unknown_topic_is_a_failed_job(home: Path, world: Outside):
    unknown = Schedule("props", "0 2 * * *", "America/New_York", "props", {})
    settings = settings_of(str(home), world.url)
    clock = SimulatedTime(backfilled(settings, world.url), None, lambda _seconds: None)
    service = LiveService(LiveJobs(settings, clock, LABEL, world.url), {"props": unknown}, clock)
    service.run(tick_time(day(3)) + HOUR / 6)
    last = service.ledger.schedules["props"].last
    assert last is not None
    assert last.reason.startswith("UserError: schedule props: expected a topic among ['daily-task-trigger'")


def test_every_schedule_names_a_trigger_or_a_task_that_exists():
    for schedule in load_schedules().values():
        if schedule.topic == "data-collection-trigger":
            assert jobs._trigger_of(schedule) == schedule.name
        else:
            assert (schedule.topic, jobs._task_of(schedule)) == ("daily-task-trigger", schedule.name)
