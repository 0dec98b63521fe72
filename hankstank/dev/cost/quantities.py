"""A month's quantities, price by price: what a day uses, how many days, and the reason in words."""

import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from math import fsum
from pathlib import Path
from typing import Any, NamedTuple

from hankstank.dev.cost import warehouse_bytes
from hankstank.dev.cost.month import Month
from hankstank.dev.cost.usage import Usage
from hankstank.dev.cost.warehouse_bytes import ROOT, StoredTables
from shared.messaging.topology import list_topics, subscribers_of
from shared.storage.buckets import bucket_of

DAYS = 30
HOURS = 730  # of an average month, for what is paid by the hour or second all month long
MILLION, GIB, TIB = 10**6, 2**30, 2**40
_POINTER_POLLS = 2 * 60 * 24  # a day, of the release pointer: every 30 s while there are requests
PUSH_SERVICES = ("collector", "validator", "loader", "features")


class Quantity(NamedTuple):
    """How much of what the price list names by `key`, in its unit, and why."""

    key: str
    amount: Decimal
    why: str


def compute_quantities(usage: Usage, month: Month) -> Iterator[Quantity]:
    """Yield a month's quantities in the order of the bill."""
    for part in (
        _serving_usage,
        _training_usage,
        _bigquery_usage,
        _storage_usage,
        _messaging_usage,
        _monitoring_usage,
        _platform_usage,
        _minimum_instance_usage,
    ):
        for key, amount, why in part(usage, month is Month.IN_SEASON):
            yield Quantity(key, Decimal(repr(float(amount))), why)


@cache
def service_sizes() -> dict[str, dict[str, Any]]:
    """Return the sizes of the services."""
    sizes: dict[str, dict[str, Any]] = json.loads((ROOT / "shared/runtime/services.json").read_text())
    return sizes


@cache
def load_assumptions() -> dict[str, float]:
    """Return assumptions that no run on one machine can measure, by name; reasons are in `assumed.json`."""
    assumptions = json.loads(Path(__file__).with_name("assumed.json").read_text())
    return {name: each["value"] for name, each in assumptions.items()}


def seconds_per_day(usage: Usage, service: str) -> float:
    """Return the billed seconds of a service on a day: startup, work, and waiting for the stores."""
    assumptions = load_assumptions()
    objects = fsum(each.count for each in usage.objects.values()) if service == "collector" else 10
    waits = (
        warehouse_bytes.statements_per_day(service) * assumptions["statement_seconds"]
        + objects * assumptions["object_seconds"]
    )
    if service == "collector":
        waits += usage.games_a_day * assumptions["requests_a_game"] * assumptions["request_seconds"]
    return assumptions["start_seconds"] + usage.seconds.get(service, 0.0) * assumptions["slower"] + waits


QuantityRows = Iterator[tuple[str, float, str]]


def _serving_usage(usage: Usage, in_season: bool) -> QuantityRows:
    assumptions, requests_per_day = load_assumptions(), _requests_per_day(in_season)
    seconds = {name: seconds_per_day(usage, name) if in_season else 0.0 for name in PUSH_SERVICES}
    seconds["trainer"] = (
        assumptions["start_seconds"] + assumptions["pushes_while_working"] if in_season else 0.0
    )
    if not in_season:
        seconds["collector"] = assumptions["start_seconds"]
    seconds["predict_api"] = requests_per_day * assumptions["api_seconds"]
    breakdown = ", ".join(f"{name} {each:,.0f}" for name, each in seconds.items() if each)
    cpu = sum(each * service_sizes()[name]["cpu"] for name, each in seconds.items())
    memory = sum(each * service_sizes()[name]["memory_mib"] / 1024 for name, each in seconds.items())
    yield "run.cpu", cpu * DAYS, f"seconds a day: {breakdown}; sizes of services.json"
    yield "run.memory", memory * DAYS, "the same seconds"
    requests = (requests_per_day + (_deliveries_per_day(usage) if in_season else 1)) * DAYS
    why = f"{requests_per_day:,.0f} a day from users and the uptime check, and pushes"
    yield "run.requests", requests / MILLION, why


def _training_usage(_usage: Usage, in_season: bool) -> QuantityRows:
    assumptions, job = load_assumptions(), service_sizes()["trainer"]["job"]
    daily, weekly = (DAYS - 5) * assumptions["incremental_seconds"], 4 * assumptions["full_seconds"]
    seconds = daily + weekly + assumptions["tuned_seconds"] if in_season else 0.0
    why = "training: 25 incremental builds, 4 full, 1 tuned" if in_season else "nothing is trained off season"
    yield "jobs.cpu", seconds * job["cpu"], why
    yield "jobs.memory", seconds * job["memory_mib"] / 1024, "the same seconds"


def _bigquery_usage(usage: Usage, in_season: bool) -> QuantityRows:
    assumptions = load_assumptions()
    stored_tables = StoredTables(usage.tables, round(assumptions["seasons"] * assumptions["days_a_season"]))
    billed = warehouse_bytes.bytes_billed_per_day(stored_tables) if in_season else 0.0
    read = f"estimate: column types × rows of the partitions read, {billed / GIB:.1f} GiB a day"
    why = read if in_season else "nothing is collected off season"
    yield "bigquery.read", billed * DAYS / TIB, why
    yield (
        "bigquery.stored",
        stored_tables.total_bytes / GIB,
        f"estimate: {assumptions['seasons']:.0f} seasons of all tables",
    )


def _storage_usage(usage: Usage, in_season: bool) -> QuantityRows:
    assumptions = load_assumptions()
    season = assumptions["seasons"] * assumptions["days_a_season"]
    days = {
        name: assumptions["days_staged"] if bucket_of(f"{name}/") == "staging" else season
        for name in usage.objects
    }
    stored = fsum(each.bytes * days[name] for name, each in usage.objects.items())
    written = fsum(each.count for each in usage.objects.values()) if in_season else 2.0
    polls = min(_POINTER_POLLS, _requests_per_day(in_season))
    yield (
        "storage.stored",
        stored / GIB,
        "three seasons of raw responses and the rest, all at the standard price",
    )
    why = f"{written:,.0f} objects a day, and the API's {polls:,.0f} polls of the release pointer"
    yield "storage.class_a", (written + polls) * DAYS / 1000, why
    read = written * assumptions["reads_an_object"] + polls
    yield "storage.class_b", read * DAYS / 1000, "every object read three times, the pointer at every poll"


def _messaging_usage(usage: Usage, in_season: bool) -> QuantityRows:
    assumptions = load_assumptions()
    events, deliveries = (usage.events_a_day, _deliveries_per_day(usage)) if in_season else (1.0, 1.0)
    moved = (events + deliveries) * assumptions["delivery_bytes"] * DAYS
    yield "pubsub.moved", moved / GIB, f"{events:.0f} events a day, {deliveries:.0f} pushes"
    requests = assumptions["api_requests" if in_season else "off_season_requests"]
    yield (
        "network.out",
        requests * assumptions["api_answer_bytes"] * DAYS / GIB,
        f"{requests:,.0f} responses a day",
    )


def _monitoring_usage(usage: Usage, in_season: bool) -> QuantityRows:
    assumptions = load_assumptions()
    deliveries, requests_per_day = (
        _deliveries_per_day(usage) if in_season else 1.0,
        _requests_per_day(in_season),
    )
    lines = (deliveries * assumptions["log_lines_a_delivery"] + 2 * requests_per_day) * DAYS
    yield "logging.written", lines * assumptions["log_line_bytes"] / GIB, f"{lines:,.0f} lines"
    yield "monitoring.metrics", assumptions["metric_mib"], "metrics read from log lines"
    yield (
        "monitoring.uptime",
        assumptions["uptime_checks"] * DAYS / 1000,
        "every five minutes from six places",
    )
    conditions = f"{assumptions['alert_conditions']:.0f} conditions; free until September 2027"
    yield "alerting.metrics", assumptions["alert_metric_references"], conditions
    yield "alerting.points", assumptions["alert_points"] / MILLION, "evaluated every 5 to 60 minutes"


def _platform_usage(_usage: Usage, _in_season: bool) -> QuantityRows:
    assumptions = load_assumptions()
    schedules = json.loads((ROOT / "shared" / "schedules.json").read_text())
    yield "scheduler.jobs", len(schedules), "daily, weekly, monthly"
    yield "secrets.versions", assumptions["secret_versions"], "one active version each"
    yield "secrets.reads", assumptions["secret_reads"] / 10_000, "once an instance"
    yield (
        "registry.stored",
        assumptions["image_gib"],
        "three images and three built functions, ten versions each",
    )
    yield "build.minutes", assumptions["build_minutes"], "ten deploys"
    yield "redis.capacity", 0, "the flag is off"


def _minimum_instance_usage(_usage: Usage, _in_season: bool) -> QuantityRows:
    api = service_sizes()["predict_api"]
    seconds = api["min_instances"] * HOURS * 3600
    size = (
        f"{api['min_instances']} instance of {api['cpu']} CPU and {api['memory_mib'] / 1024:g} GiB, all month"
    )
    yield "run.idle_cpu", seconds * api["cpu"], size
    yield "run.idle_memory", seconds * api["memory_mib"] / 1024, size


def _requests_per_day(in_season: bool) -> float:
    """Return the requests to the API in a day, uptime checks included."""
    return (
        load_assumptions()["api_requests" if in_season else "off_season_requests"]
        + load_assumptions()["uptime_checks"]
    )


def _deliveries_per_day(usage: Usage) -> float:
    """Return the pushes of a day: every event to its subscribers, and retries while a job runs."""
    mean = sum(len(subscribers_of(topic)) for topic in list_topics()) / len(list_topics())
    return usage.events_a_day * mean + load_assumptions()["pushes_while_working"]
