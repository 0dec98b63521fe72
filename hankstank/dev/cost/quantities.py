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
from hankstank.dev.cost.warehouse_bytes import ROOT, Kept
from shared.messaging.topology import subscribers, topics
from shared.storage.buckets import bucket_of

DAYS = 30
HOURS = 730  # of an average month, for what is paid by the hour or second all month long
MILLION, GIB, TIB = 10**6, 2**30, 2**40
_LOOKS = 2 * 60 * 24  # at the release pointer in a day: every 30 s, when somebody asks
IN_PUSHES = ("collector", "validator", "loader", "features")


class Quantity(NamedTuple):
    """How much of what the price list names by `key`, in its unit, and why."""

    key: str
    amount: Decimal
    why: str


def quantities(usage: Usage, month: Month) -> Iterator[Quantity]:
    """Yield a month's quantities in the order of the bill."""
    for part in (_answering, _jobs, _bigquery, _storage, _messages, _watching, _platform, _minimum_instance):
        for key, amount, why in part(usage, month is Month.IN_SEASON):
            yield Quantity(key, Decimal(repr(float(amount))), why)


@cache
def rooms() -> dict[str, dict[str, Any]]:
    """Return the rooms' sizes."""
    told: dict[str, dict[str, Any]] = json.loads((ROOT / "shared/runtime/services.json").read_text())
    return told


@cache
def assumed() -> dict[str, float]:
    """Return what no run on one machine can tell, by name; `assumed.json` gives the reasons."""
    told = json.loads(Path(__file__).with_name("assumed.json").read_text())
    return {name: each["value"] for name, each in told.items()}


def seconds_a_day(usage: Usage, room: str) -> float:
    """Return the seconds that a room is paid for on a day: starting, its work, and waiting for the stores."""
    given = assumed()
    objects = fsum(each.count for each in usage.objects.values()) if room == "collector" else 10
    waits = (
        warehouse_bytes.statements_a_day(room) * given["statement_seconds"]
        + objects * given["object_seconds"]
    )
    if room == "collector":
        waits += usage.games_a_day * given["requests_a_game"] * given["request_seconds"]
    return given["start_seconds"] + usage.seconds.get(room, 0.0) * given["slower"] + waits


Lines = Iterator[tuple[str, float, str]]


def _answering(usage: Usage, in_season: bool) -> Lines:
    given, asked = assumed(), _asked(in_season)
    seconds = {room: seconds_a_day(usage, room) if in_season else 0.0 for room in IN_PUSHES}
    seconds["trainer"] = given["start_seconds"] + given["pushes_while_working"] if in_season else 0.0
    if not in_season:
        seconds["collector"] = given["start_seconds"]
    seconds["predict_api"] = asked * given["api_seconds"]
    told = ", ".join(f"{room} {each:,.0f}" for room, each in seconds.items() if each)
    cpu = sum(each * rooms()[room]["cpu"] for room, each in seconds.items())
    memory = sum(each * rooms()[room]["memory_mib"] / 1024 for room, each in seconds.items())
    yield "run.cpu", cpu * DAYS, f"seconds a day: {told}; sizes of rooms.json"
    yield "run.memory", memory * DAYS, "the same seconds"
    requests = (asked + (_deliveries(usage) if in_season else 1)) * DAYS
    why = f"{asked:,.0f} a day from users and the uptime check, and pushes"
    yield "run.requests", requests / MILLION, why


def _jobs(_usage: Usage, in_season: bool) -> Lines:
    given, job = assumed(), rooms()["trainer"]["job"]
    daily, weekly = (DAYS - 5) * given["incremental_seconds"], 4 * given["full_seconds"]
    seconds = daily + weekly + given["tuned_seconds"] if in_season else 0.0
    why = "training: 25 incremental builds, 4 full, 1 tuned" if in_season else "nothing is trained off season"
    yield "jobs.cpu", seconds * job["cpu"], why
    yield "jobs.memory", seconds * job["memory_mib"] / 1024, "the same seconds"


def _bigquery(usage: Usage, in_season: bool) -> Lines:
    given = assumed()
    kept = Kept(usage.tables, round(given["seasons"] * given["days_a_season"]))
    billed = warehouse_bytes.billed_a_day(kept) if in_season else 0.0
    read = f"estimate: column types × rows of the partitions read, {billed / GIB:.1f} GiB a day"
    why = read if in_season else "the collector asks nothing off season"
    yield "bigquery.read", billed * DAYS / TIB, why
    yield "bigquery.stored", kept.stored / GIB, f"estimate: {given['seasons']:.0f} seasons of all tables"


def _storage(usage: Usage, in_season: bool) -> Lines:
    given = assumed()
    season = given["seasons"] * given["days_a_season"]
    days = {
        name: given["days_staged"] if bucket_of(f"{name}/") == "staging" else season for name in usage.objects
    }
    stored = fsum(each.bytes * days[name] for name, each in usage.objects.items())
    written = fsum(each.count for each in usage.objects.values()) if in_season else 2.0
    looks = min(_LOOKS, _asked(in_season))
    yield (
        "storage.stored",
        stored / GIB,
        "three seasons of raw bodies and the rest, all at the standard price",
    )
    why = f"{written:,.0f} objects a day, and the API's {looks:,.0f} looks at the release pointer"
    yield "storage.class_a", (written + looks) * DAYS / 1000, why
    read = written * given["reads_an_object"] + looks
    yield "storage.class_b", read * DAYS / 1000, "every object read three times, the pointer at every look"


def _messages(usage: Usage, in_season: bool) -> Lines:
    given = assumed()
    events, deliveries = (usage.events_a_day, _deliveries(usage)) if in_season else (1.0, 1.0)
    moved = (events + deliveries) * given["delivery_bytes"] * DAYS
    yield "pubsub.moved", moved / GIB, f"{events:.0f} events a day, {deliveries:.0f} pushes"
    requests = given["api_requests" if in_season else "off_season_requests"]
    yield "network.out", requests * given["api_answer_bytes"] * DAYS / GIB, f"{requests:,.0f} answers a day"


def _watching(usage: Usage, in_season: bool) -> Lines:
    given = assumed()
    deliveries, asked = _deliveries(usage) if in_season else 1.0, _asked(in_season)
    lines = (deliveries * given["log_lines_a_delivery"] + 2 * asked) * DAYS
    yield "logging.written", lines * given["log_line_bytes"] / GIB, f"{lines:,.0f} lines"
    yield "monitoring.metrics", given["metric_mib"], "metrics read from log lines"
    yield "monitoring.uptime", given["uptime_checks"] * DAYS / 1000, "every five minutes from six places"
    conditions = f"{given['alert_conditions']:.0f} conditions; free until September 2027"
    yield "alerting.metrics", given["alert_metric_references"], conditions
    yield "alerting.points", given["alert_points"] / MILLION, "asked every 5 to 60 minutes"


def _platform(_usage: Usage, _in_season: bool) -> Lines:
    given = assumed()
    schedules = json.loads((ROOT / "shared" / "schedules.json").read_text())
    yield "scheduler.jobs", len(schedules), "daily, weekly, monthly"
    yield "secrets.versions", given["secret_versions"], "one active version each"
    yield "secrets.reads", given["secret_reads"] / 10_000, "once an instance"
    yield "registry.stored", given["image_gib"], "three images and three built functions, ten versions each"
    yield "build.minutes", given["build_minutes"], "ten deploys"
    yield "redis.capacity", 0, "the flag is off"


def _minimum_instance(_usage: Usage, _in_season: bool) -> Lines:
    api = rooms()["predict_api"]
    seconds = api["min_instances"] * HOURS * 3600
    size = (
        f"{api['min_instances']} instance of {api['cpu']} CPU and {api['memory_mib'] / 1024:g} GiB, all month"
    )
    yield "run.idle_cpu", seconds * api["cpu"], size
    yield "run.idle_memory", seconds * api["memory_mib"] / 1024, size


def _asked(in_season: bool) -> float:
    """Return the requests to the API in a day, the uptime check's among them."""
    return assumed()["api_requests" if in_season else "off_season_requests"] + assumed()["uptime_checks"]


def _deliveries(usage: Usage) -> float:
    """Return the pushes of a day: every event to its subscribers, and those that find a job running."""
    mean = sum(len(subscribers(topic)) for topic in topics()) / len(topics())
    return usage.events_a_day * mean + assumed()["pushes_while_working"]
