"""When schedules are due: in their time zone, each time once, on both days when clocks change."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hankstank.live.schedules import Schedule, load_schedules
from shared.errors import UserError

NEW_YORK = ZoneInfo("America/New_York")
FORWARD = {2026: date(2026, 3, 8), 2027: date(2027, 3, 14)}
BACK = {2026: date(2026, 11, 1), 2027: date(2027, 11, 7)}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def schedule(cron: str) -> Schedule:
    return Schedule("x", cron, "America/New_York", "data-collection-trigger", {})


def due_on(cron: str, day: date) -> list[str]:
    """Return the times of a New York day at which an expression is due, with their offsets from UTC."""
    begins = datetime(day.year, day.month, day.day, tzinfo=NEW_YORK)
    ends = (begins + DAY).astimezone(UTC)
    found = takewhile(
        lambda moment: moment < ends,
        schedule(cron).occurrences_after(begins.astimezone(UTC) - timedelta(seconds=1)),
    )
    return [f"{moment.astimezone(NEW_YORK):%H:%M%z}" for moment in found]


@pytest.mark.parametrize("year", [2026, 2027])
def test_time_that_does_not_exist_is_due_once_after_the_missing_hour(year: int):
    assert due_on("0 2 * * *", FORWARD[year]) == ["03:00-0400"]
    assert due_on("30 2 * * *", FORWARD[year]) == ["03:00-0400"]
    assert due_on("0 3 * * *", FORWARD[year]) == ["03:00-0400"]
    assert due_on("0 1-3 * * *", FORWARD[year]) == ["01:00-0500", "03:00-0400"]


@pytest.mark.parametrize("year", [2026, 2027])
def test_repeated_time_is_due_the_first_time_only(year: int):
    assert due_on("30 1 * * *", BACK[year]) == ["01:30-0400"]
    assert due_on("0 2 * * *", BACK[year]) == ["02:00-0500"]
    assert due_on("0 0-2 * * *", BACK[year]) == ["00:00-0400", "01:00-0400", "02:00-0500"]


@pytest.mark.parametrize("year", [2026, 2027])
def test_restart_within_the_repeated_hour_does_not_repeat_it(year: int):
    again = datetime(year, 11, BACK[year].day, 1, 15, fold=1, tzinfo=NEW_YORK)
    later = schedule("30 1 * * *").next_after(again).astimezone(NEW_YORK)
    assert later == datetime(year, 11, BACK[year].day + 1, 1, 30, tzinfo=NEW_YORK)


@pytest.mark.parametrize("name", load_schedules())
@pytest.mark.parametrize("year", [2026, 2027])
def test_schedules_are_due_as_often_on_days_when_clocks_change(name: str, year: int):
    one = load_schedules()[name]
    if one.cron.endswith("* * *"):  # daily: the others are not due on every day
        usual = due_on(one.cron, date(year, 6, 10))
        for day in (FORWARD[year], BACK[year]):
            assert len(due_on(one.cron, day)) == len(usual)


def test_nightly_collection_is_due_at_two_in_new_york():
    daily = load_schedules()["daily"]
    assert due_on(daily.cron, date(2026, 7, 1)) == ["02:00-0400"]
    assert due_on(daily.cron, date(2026, 12, 1)) == ["02:00-0500"]
    assert load_schedules()["weekly"].next_after(datetime(2026, 7, 1, tzinfo=UTC)).weekday() == 6


MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
CRONS = st.sampled_from(
    ["0 2 * * *", "30 1 * * *", "0 0-3 * * *", "0 11-22 * * *", "*/20 * * * *", "15 1 1 * *"]
)


@given(CRONS, MOMENTS, st.integers(1, 40))
def test_occurrences_are_in_order_whatever_moment_they_are_listed_from(
    cron: str, after: datetime, count: int
):
    found = list(islice(schedule(cron).occurrences_after(after), count))
    assert found == sorted(set(found))
    assert found[0] > after


@given(CRONS, MOMENTS, st.timedeltas(timedelta(0), 3 * DAY))
def test_occurrences_do_not_depend_on_when_the_process_started(cron: str, start: datetime, later: timedelta):
    every = list(takewhile(lambda moment: moment <= start + 6 * DAY, schedule(cron).occurrences_after(start)))
    rest = list(
        takewhile(lambda moment: moment <= start + 6 * DAY, schedule(cron).occurrences_after(start + later))
    )
    assert rest == [moment for moment in every if moment > start + later]


def test_expression_that_cron_does_not_know_is_refused():
    with pytest.raises(UserError, match="schedule x: expected a cron expression, got '61"):
        schedule("61 * * * *")


def test_unknown_name_among_covered_schedules_is_refused(tmp_path):
    path = tmp_path / "schedules.json"
    path.write_text(
        '{"a": {"cron": "0 2 * * *", "time_zone": "UTC", "topic": "t", "body": {}, "covers": ["b"]}}'
    )
    with pytest.raises(UserError, match=r"expected names of schedules in `covers`, got \['b'\]"):
        load_schedules(path)
