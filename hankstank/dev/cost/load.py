"""What a day asks of a deployment: measured usage, counted SQL and the assumptions of `quantities.json`."""

import json
from dataclasses import dataclass, fields
from functools import cache
from math import fsum
from pathlib import Path
from typing import Any

from hankstank.dev.cost import Month
from hankstank.dev.cost.usage import Usage
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
    """Return the load of an average day; off season one tick finds no game, and the API is idle."""
    assumed, in_season = load_assumptions(), month == "in-season"
    responses = assumed["api_requests" if in_season else "off_season_requests"]
    requests = responses + assumed["uptime_checks"]
    seconds = {"predict_api": requests * assumed["api_seconds"]}
    if not in_season:
        idle = dict.fromkeys((*_PIPELINE, "trainer"), 0.0) | {"collector": assumed["start_seconds"]}
        return DailyLoad(idle | seconds, responses, requests, 1, 1, 2, 0, 0)
    subscribers = sum(len(subscribers_of(topic)) for topic in list_topics()) / len(list_topics())
    seconds |= {name: seconds_per_day(usage, name) for name in _PIPELINE}
    seconds["trainer"] = assumed["start_seconds"] + assumed["pushes_while_working"]
    return DailyLoad(
        seconds,
        responses,
        requests,
        events=usage.events_a_day,
        pushes=usage.events_a_day * subscribers + assumed["pushes_while_working"],
        objects=usage.objects_a_day,
        gib_billed=_bytes_billed_per_day(usage) / GIB,
        job_seconds=fsum(times * assumed[name] for name, times in _TRAININGS.items()),
    )


def statements_per_day(service: str) -> float:
    """Return how many statements a service runs on BigQuery on a day in season."""
    files = read_json(_QUERIES)["files"].items()
    queries = fsum(each["runs"] * each["statements"] for path, each in files if f"/{service}/" in path)
    merged = [name for dataset in _DATASETS_OF.get(service, ()) for name in tables.list_tables(dataset)]
    return queries + len(merged) * len(fields(MergeStatements))


def warehouse_seconds_per_day(service: str) -> float:
    """Return the seconds a service waits for BigQuery on a day in season."""
    return statements_per_day(service) * load_assumptions()["statement_seconds"]


def seconds_per_day(usage: Usage, service: str) -> float:
    """Return the billed seconds of a service on a day: startup, work, and waiting for the stores."""
    assumed, is_collector = load_assumptions(), service == "collector"
    objects = usage.objects_a_day if is_collector else 10
    requests = usage.games_a_day * assumed["requests_a_game"] if is_collector else 0
    return (
        assumed["start_seconds"]
        + usage.seconds.get(service, 0.0) * assumed["slower"]
        + warehouse_seconds_per_day(service)
        + objects * assumed["object_seconds"]
        + requests * assumed["request_seconds"]
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


def _bytes_billed_per_day(usage: Usage) -> float:
    """Return the bytes of every query and of a merge into each table: whole rows, an upper bound."""
    counts = read_json(_QUERIES)
    relations, merged_days = counts["merge"]["relations"], counts["merge"]["days"]
    reads = [(name, relations, merged_days) for name in tables.list_tables()]
    for query in counts["files"].values():
        reads += [(name, query["runs"] * times, days) for name, (times, days) in query["reads"].items()]
    return fsum(times * max(MIN_BYTES_BILLED, table_bytes(usage, name, days)) for name, times, days in reads)
