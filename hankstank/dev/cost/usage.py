"""Usage of a deployment on a day in season: measured in the stores of a run, or recorded."""

import platform
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from math import fsum
from os import cpu_count
from pathlib import Path
from typing import Any

import msgspec

from hankstank.dev.cost.warehouse_bytes import TableRows
from hankstank.local.machine import LocalPipeline
from shared.adapters.local.durable_queue import LocalBus
from shared.adapters.local.queue_records import PublishedEvent
from shared.errors import UserError
from shared.ports import Warehouse
from shared.runtime.settings import Settings
from shared.storage import tables
from shared.storage.tables import Field, Table

_SERVICE_BY_TOPIC = {
    "data.collected": "collector",
    "data.validated": "validator",
    "data.loaded": "loader",
    "features.created": "features",
    "model.deployed": "trainer",
}
_DEFAULT_BYTES = 8  # bytes of a number, a date or an instant
_BYTES_BY_TYPE = {"BOOLEAN": 1}


class ObjectUsage(msgspec.Struct, frozen=True):
    """Objects that a day writes into one top-level folder: their number and bytes."""

    count: float
    bytes: float


class Usage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Usage of an average live day; `seconds` is the work of each service on the named machine."""

    about: str
    machine: str
    days: int
    games_a_day: float
    seconds: dict[str, float]
    events_a_day: float
    objects: dict[str, ObjectUsage]
    tables: dict[str, TableRows]


def load_recorded_usage() -> Usage:
    """Return the usage that was recorded from a real season."""
    return msgspec.json.decode(Path(__file__).with_name("usage.json").read_bytes(), type=Usage)


def measure_usage(home: Path) -> Usage:
    """Measure the live days of the run whose stores are in `home`; it must not be running."""
    summary_path = home / "summary.json"
    if not summary_path.is_file():
        raise UserError(f"{home}: expected the stores of a finished run: `hankstank run` makes them")
    summary = msgspec.json.decode(summary_path.read_bytes(), type=dict[str, Any])
    with LocalPipeline(Settings(home=home)) as machine:
        queue = LocalBus(home / "queue.sqlite")
        runs = [queue.run_history(run) for run in summary["events"] if run.startswith("daily-")]
        return _build_usage(summary, runs, home, machine.ports.warehouse)


def _build_usage(
    summary: dict[str, Any], runs: Sequence[list[PublishedEvent]], home: Path, warehouse: Warehouse
) -> Usage:
    if not runs:
        raise UserError(f"{home}: expected a run with live days: `hankstank run` makes some")
    first = min(one.published_at for run in runs for one in run)
    rows = {name: _table_rows(warehouse, tables.get_table(name)) for name in tables.list_tables()}
    return Usage(
        about=f"{summary['world']}, live days {summary['live_days'][0]} to {summary['live_days'][-1]}",
        machine=f"{cpu_count()} cores, {platform.system()}, Python {platform.python_version()}",
        days=len(runs),
        games_a_day=rows["games_historical"].a_day,
        seconds=_mean_seconds(runs),
        events_a_day=sum(map(len, runs)) / len(runs),
        objects=_object_usage(home / "objects", first, len(runs)),
        tables=rows,
    )


def _mean_seconds(runs: Iterable[Sequence[PublishedEvent]]) -> dict[str, float]:
    """Return each service's mean seconds from the event it received to the event it published."""
    spent: defaultdict[str, list[float]] = defaultdict(list)
    for run in runs:
        for received, published in pairwise(run):
            if service := _SERVICE_BY_TOPIC.get(published.topic):
                spent[service].append((published.published_at - received.published_at).total_seconds())
    return {name: round(fsum(each) / len(each), 3) for name, each in spent.items()}


def _object_usage(folder: Path, since: datetime, days: int) -> dict[str, ObjectUsage]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for path in folder.rglob("*"):
        file_stat = path.stat()
        if path.is_file() and file_stat.st_mtime >= since.timestamp():
            found[path.relative_to(folder).parts[0]].append(file_stat.st_size)
    return {
        name: ObjectUsage(round(len(sizes) / days, 2), round(sum(sizes) / days))
        for name, sizes in sorted(found.items())
    }


def _table_rows(warehouse: Warehouse, table: Table) -> TableRows:
    """Return a table's rows a day and the bytes of its average row in BigQuery, by column."""
    days = f"count(distinct {table.partition})" if table.partition else "1"
    sizes = ", ".join(f"sum({_size_sql(field)}) as {field.name}" for field in table.all_fields)
    sql = f"select count(*) as all_rows, {days} as all_days, {sizes} from {table.full_name}"  # noqa: S608
    (found,) = warehouse.query_rows(sql).to_dicts()
    rows, days_found = found.pop("all_rows"), found.pop("all_days")
    if not rows:
        return TableRows(0, {})
    mean = {name: round(float(size) / rows, 2) for name, size in found.items()}
    return TableRows(round(rows / days_found, 1), mean)


def _size_sql(field: Field) -> str:
    """Return SQL for a value's bytes; a null number counts in full, since other sources may have it."""
    if field.type == "STRING":
        return f"if({field.name} is null, 0, 2 + length({field.name}))"
    return str(_BYTES_BY_TYPE.get(field.type, _DEFAULT_BYTES))
