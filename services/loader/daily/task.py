"""The tasks that close a day: what a DailyTask does."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from services.loader.daily.check import check_day
from services.loader.daily.quality import watch_quality
from services.loader.daily.report import write_report
from services.loader.forecasts import load_and_score
from shared.messaging.events import DailyTask, Event, Task
from shared.ports import Ports
from shared.sports.mlb.ballpark_time import ballpark_date

_DAY = timedelta(days=1)


def run_daily_task(event: DailyTask, ports: Ports, now: datetime) -> list[Event]:
    """Do a task as of now; return what it publishes."""
    return _TASKS[event.task](ports, ballpark_date(now), now)


def _grade(ports: Ports, today: date, now: datetime) -> list[Event]:
    """Load and score stored forecasts of yesterday and the week before, and see how all of them do."""
    load_and_score(ports, [today - _DAY])
    watch_quality(ports, today - _DAY, now)
    return []


def _report(ports: Ports, today: date, now: datetime) -> list[Event]:
    """Write the morning report and send it."""
    write_report(ports, today, now)
    return []


_TASKS: Mapping[Task, Callable[[Ports, date, datetime], list[Event]]] = {
    "grade": _grade,
    "check": check_day,
    "report": _report,
}
