"""What a day asks of a deployment: measured usage, counted SQL and the assumptions of `quantities.json`."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import takewhile
from math import fsum
from pathlib import Path
from typing import Any

from hankstank.dev.cost import Month
from hankstank.dev.cost.usage import Usage
from hankstank.live.schedules import Schedule, load_schedules
from shared.messaging.events import REFRESH_TRIGGERS
from shared.messaging.topology import list_topics, subscribers_of
from shared.storage import tables
from shared.storage.merge import MergeStatements

ROOT = Path(__file__).parents[3]
GIB = 2**30
MIN_BYTES_BILLED = 10 * 2**20  # minimum for each table that a statement names
QUANTITIES, _QUERIES = "hankstank/dev/cost/quantities.json", "hankstank/dev/cost/queries.json"
_POINTER_POLLS = 2 * 60 * 24  # a day, of the release pointer: every 30 s while there are requests
_DATASETS_OF = {"loader": ("mlb_historical_data", "mlb_predictions"), "features": ("mlb_features",)}
_PIPELINE = ("collector", "validator", "loader", "features")
_EVENTS_A_REFRESH, _PUSHES_A_REFRESH = 5, 6  # from the tick to features.created, which two services get
_ANY_DAY = date(2026, 7, 1)  # schedules are the same every day, but for weekly and monthly collections
_TRAININGS = {"incremental_seconds": 25, "full_seconds": 4, "tuned_seconds": 1}  # a month in season


@dataclass(frozen=True, slots=True)
class DailyLoad:
    """What a day asks; `seconds` are billed, by service, and `job_seconds` are the training of a month."""

    seconds: dict[str, float]
    responses: float
    requests: float  # to the API: those that get the responses, and uptime checks
    events: float
    pushes: float
    objects: float
    gib_billed: float
    job_seconds: float

    @property
    def refreshes(self) -> int:
        """Return how often a day line-ups and weather are fetched again."""
        return refreshes_per_day()

    @property
    def tasks(self) -> int:
        """Return how many tasks close a day."""
        return tasks_per_day()

    @property
    def pointer_polls(self) -> float:
        """Return how often the API looks for a new release."""
        return min(_POINTER_POLLS, self.requests)

    @property
    def log_lines(self) -> float:
        """Return the lines that the services log."""
        return self.pushes * load_assumptions()["log_lines_a_delivery"] + 2 * self.requests


@cache
def read_json(path: str) -> dict[str, Any]:
    """Return a JSON file of the project."""
    content: dict[str, Any] = json.loads((ROOT / path).read_text())
    return content


def load_assumptions() -> dict[str, float]:
    """Return what no run on one machine can measure, by name; the file has the reasons."""
    assumed = read_json(QUANTITIES)["assumed"]
    return {name: each["value"] for name, each in assumed.items()}


def compute_load(usage: Usage, month: Month) -> DailyLoad:
    """Return the load of an average day; off season ticks and tasks find no game, and the API is idle."""
    assumed, in_season = load_assumptions(), month == "in-season"
    responses = assumed["api_requests" if in_season else "off_season_requests"]
    requests = responses + assumed["uptime_checks"]
    seconds = {"predict_api": requests * assumed["api_seconds"]}
    if not in_season:
        return _idle_load(usage, seconds, responses, requests)
    subscribers = sum(len(subscribers_of(topic)) for topic in list_topics()) / len(list_topics())
    refreshes, tasks = refreshes_per_day(), tasks_per_day()
    seconds |= {name: seconds_per_day(usage, name) for name in _PIPELINE}
    seconds["trainer"] = (1 + refreshes) * assumed["start_seconds"] + assumed["pushes_while_working"]
    seconds["predict_api"] += refreshes * assumed["api_seconds_a_release"]
    nightly = usage.events_a_day * subscribers + assumed["pushes_while_working"]
    return DailyLoad(
        seconds,
        responses,
        requests,
        events=usage.events_a_day + refreshes * _EVENTS_A_REFRESH + tasks,
        pushes=nightly + refreshes * _PUSHES_A_REFRESH + tasks,
        objects=usage.objects_a_day + refreshes * assumed["objects_a_refresh"],
        gib_billed=_bytes_billed_per_day(usage, runs_per_day, merges_per_day) / GIB,
        job_seconds=fsum(times * assumed[name] for name, times in _TRAININGS.items()),
    )


def _idle_load(usage: Usage, api: dict[str, float], responses: float, requests: float) -> DailyLoad:
    """Return the load off season: ticks start the collector, tasks the loader, and both find nothing."""
    assumed, refreshes, tasks = load_assumptions(), refreshes_per_day(), tasks_per_day()
    started = {"collector": 1 + refreshes, "loader": tasks}
    seconds = {name: started.get(name, 0) * assumed["start_seconds"] for name in (*_PIPELINE, "trainer")}
    counts = read_json(_QUERIES)["files"]
    statements = fsum(task_runs_per_day(path) * each["statements"] for path, each in counts.items())
    seconds["loader"] += statements * assumed["statement_seconds"]
    events = 1 + refreshes + tasks
    billed = _bytes_billed_per_day(usage, task_runs_per_day, lambda _table: 0) / GIB
    return DailyLoad(seconds | api, responses, requests, events, events, 2 * events, billed, 0)


@cache
def refreshes_per_day() -> int:
    """Return how often a day line-ups or weather are fetched again, by the schedules."""
    return _count_occurrences(lambda body: body.get("trigger") in REFRESH_TRIGGERS)


@cache
def tasks_per_day() -> int:
    """Return how many tasks close a day, by the schedules."""
    return _count_occurrences(lambda body: "task" in body)


def _count_occurrences(is_counted: Callable[[Mapping[str, str]], bool]) -> int:
    counted = (one for one in load_schedules().values() if is_counted(one.body))
    return sum(_occurrences_on(one, _ANY_DAY) for one in counted)


def _occurrences_on(schedule: Schedule, day: date) -> int:
    begin = datetime.combine(day, time(), schedule.zone)
    due = schedule.occurrences_after(begin - timedelta(seconds=1))
    return sum(1 for _ in takewhile(lambda moment: moment < begin + timedelta(days=1), due))


def runs_per_day(path: str) -> float:
    """Return how often a SQL file runs on a day in season: at night, in tasks and in refreshes."""
    counts = read_json(_QUERIES)
    runs: float = counts["files"][path]["runs"] + task_runs_per_day(path)
    return runs + (refreshes_per_day() if path in counts["refresh"]["files"] else 0)


def task_runs_per_day(path: str) -> float:
    """Return how often the tasks that close a day run a SQL file, all year."""
    runs: float = read_json(_QUERIES)["tasks"]["files"].get(path, 0)
    return runs


def merges_per_day(table: str) -> float:
    """Return how often a day in season a table is merged into: each night, and in tasks and refreshes."""
    counts = read_json(_QUERIES)
    again: float = counts["tasks"]["merges"].get(table, 0)
    return 1 + again + (refreshes_per_day() if table in counts["refresh"]["merges"] else 0)


def statements_per_day(service: str) -> float:
    """Return how many statements a service runs on BigQuery on a day in season."""
    files = read_json(_QUERIES)["files"].items()
    queries = fsum(runs_per_day(path) * each["statements"] for path, each in files if f"/{service}/" in path)
    merged = [name for dataset in _DATASETS_OF.get(service, ()) for name in tables.list_tables(dataset)]
    return queries + fsum(map(merges_per_day, merged)) * len(fields(MergeStatements))


def warehouse_seconds_per_day(service: str) -> float:
    """Return the seconds a service waits for BigQuery on a day in season."""
    return statements_per_day(service) * load_assumptions()["statement_seconds"]


def seconds_per_day(usage: Usage, service: str) -> float:
    """Return the billed seconds of a service on a day: startup, work, and waiting for the stores.

    Each delivery finds no instance and starts one: of the night, of each refresh and of each task.
    """
    assumed, is_collector, refreshes = load_assumptions(), service == "collector", refreshes_per_day()
    objects = usage.objects_a_day + refreshes * assumed["objects_a_refresh"] if is_collector else 10
    requests = usage.games_a_day * assumed["requests_a_game"] + refreshes * assumed["requests_a_refresh"]
    tasks = tasks_per_day() if service == "loader" else 0
    nights = 1 + refreshes * assumed["refresh_work"]
    return (
        (1 + refreshes + tasks) * assumed["start_seconds"]
        + usage.seconds.get(service, 0.0) * assumed["slower"] * nights
        + warehouse_seconds_per_day(service)
        + objects * assumed["object_seconds"]
        + (requests * assumed["request_seconds"] if is_collector else 0)
    )


def stored_days() -> float:
    """Return the days in each partitioned table, and of each object that is kept."""
    return load_assumptions()["seasons"] * load_assumptions()["days_a_season"]


def table_bytes(usage: Usage, name: str, days: float | None = None) -> float:
    """Return the bytes of the newest days of a table; all of it without days or without a partition."""
    if (rows := usage.tables.get(name)) is None:
        return 0.0
    read = stored_days() if days is None else min(days, stored_days())
    return rows.a_day * rows.row_bytes * (read if tables.get_table(name).partition else 1)


def _bytes_billed_per_day(
    usage: Usage, runs_of: Callable[[str], float], merges_of: Callable[[str], float]
) -> float:
    """Return the bytes of every query and every merge: whole rows, an upper bound."""
    counts = read_json(_QUERIES)
    relations, merged_days = counts["merge"]["relations"], counts["merge"]["days"]
    reads = [(name, merges_of(name) * relations, merged_days) for name in tables.list_tables()]
    for path, query in counts["files"].items():
        reads += [(name, runs_of(path) * times, days) for name, (times, days) in query["reads"].items()]
    return fsum(times * max(MIN_BYTES_BILLED, table_bytes(usage, name, days)) for name, times, days in reads)
