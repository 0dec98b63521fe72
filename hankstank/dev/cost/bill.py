"""Computes a month's bill: quantities times prices, with free tiers and the minimum instance apart."""

from collections.abc import Sequence
from decimal import Decimal
from math import fsum
from typing import Any

import msgspec

from hankstank.dev.cost import Month
from hankstank.dev.cost.load import (
    GIB,
    QUANTITIES,
    DailyLoad,
    compute_load,
    load_assumptions,
    read_json,
    stored_days,
    table_bytes,
)
from hankstank.dev.cost.prices import PriceProvenance, price_list
from hankstank.dev.cost.usage import Usage

DAYS = 30
SECONDS = 730 * 3600  # of an average month, for what is paid by the second all month long


class BillLine(msgspec.Struct, frozen=True):
    """One line: what a quantity costs at list price, what of it is free, and what is paid; USD, exact."""

    key: str
    service: str
    what: str
    seen: PriceProvenance
    quantity: Decimal
    unit: str
    gross: Decimal
    free: Decimal
    net: Decimal
    why: str


class Bill(msgspec.Struct, frozen=True):
    """A month's lines in the order of the price list, their sums in USD, and the usage behind them."""

    month: Month
    prices: dict[str, Any]
    sums: dict[str, Decimal]
    lines: list[BillLine]
    usage: Usage


def compute_bill(usage: Usage, month: Month) -> Bill:
    """Return a month's bill at the prices of the price list's date."""
    load, listed, quantities = compute_load(usage, month), price_list(), read_json(QUANTITIES)
    amounts = _monthly_quantities(usage, load)
    api = read_json("shared/runtime/services.json")["predict_api"]
    numbers = {"load": load, "assumed": load_assumptions(), "api": api}
    lines = []
    for price in listed.prices:
        stated = quantities["monthly"][price.key]
        quantity = Decimal(repr(float(amounts.get(price.key, stated.get("value")))))
        gross, free = price.charge_for(quantity, listed.as_of)
        about = (price.key, price.service, price.what, price.seen, quantity, price.unit)
        lines.append(BillLine(*about, gross, free, gross - free, stated["why"].format(**numbers)))
    announced = {price.key for price in listed.prices if price.charged_from}
    dated = {"as_of": listed.as_of, "region": listed.region}
    return Bill(month, dated, _sum_lines(lines, announced), lines, usage)


def _sum_lines(lines: Sequence[BillLine], announced: set[str]) -> dict[str, Decimal]:
    """Return the sums; "announced" is free now and will be charged later."""
    nothing = Decimal(0)
    idle = sum((line.net for line in lines if line.key.startswith("run.idle")), nothing)
    total = sum((line.net for line in lines), nothing)
    return {
        "without_minimum_instance": total - idle,
        "minimum_instance": idle,
        "total": total,
        "a_day": total / DAYS,
        "announced": sum((line.free for line in lines if line.key in announced), nothing),
        "gross": sum((line.gross for line in lines), nothing),
    }


def minimum_instance_cost(cpu: int, gib: int) -> Decimal:
    """Return what a minimum instance of that size costs in a month, in USD."""
    usd = {price.key: price.usd for price in price_list().prices}
    return SECONDS * (cpu * usd["run.idle_cpu"] + gib * usd["run.idle_memory"])


def _monthly_quantities(usage: Usage, load: DailyLoad) -> dict[str, float]:
    """Return what a month uses of each thing that follows the load, by the price's key, in its unit."""
    assumed, sizes = load_assumptions(), read_json("shared/runtime/services.json")
    api, job = sizes["predict_api"], sizes["trainer"]["job"]
    idle = api["min_instances"] * SECONDS
    cpu = fsum(n * sizes[name]["cpu"] for name, n in load.seconds.items())
    mib = fsum(n * sizes[name]["memory_mib"] for name, n in load.seconds.items())
    kept_a_day = usage.kept_bytes_a_day + load.refreshes * assumed["kept_bytes_a_refresh"]
    kept = kept_a_day * stored_days() + usage.staged_bytes_a_day * assumed["days_staged"]
    reads = load.objects * assumed["reads_an_object"]
    return {
        "run.cpu": cpu * DAYS,
        "run.memory": mib / 1024 * DAYS,
        "run.requests": (load.requests + load.pushes) * DAYS / 1e6,
        "run.idle_cpu": idle * api["cpu"],
        "run.idle_memory": idle * api["memory_mib"] / 1024,
        "jobs.cpu": load.job_seconds * job["cpu"],
        "jobs.memory": load.job_seconds * job["memory_mib"] / 1024,
        "bigquery.read": load.gib_billed * DAYS / 1024,
        "bigquery.stored": fsum(table_bytes(usage, name) for name in usage.tables) / GIB,
        "storage.stored": kept / GIB,
        "storage.class_a": (load.objects + load.pointer_polls) * DAYS / 1000,
        "storage.class_b": (reads + load.pointer_polls) * DAYS / 1000,
        "pubsub.moved": (load.events + load.pushes) * assumed["delivery_bytes"] * DAYS / GIB,
        "network.out": load.responses * assumed["api_answer_bytes"] * DAYS / GIB,
        "logging.written": load.log_lines * assumed["log_line_bytes"] * DAYS / GIB,
        "monitoring.uptime": assumed["uptime_checks"] * DAYS / 1000,
        "scheduler.jobs": sum("topic" in one for one in read_json("shared/schedules.json").values()),
    }
