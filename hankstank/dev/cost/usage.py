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

from hankstank.local.machine import LocalPipeline
from shared.adapters.local.durable_queue import LocalBus
from shared.adapters.local.queue_records import PublishedEvent
from shared.errors import UserError
from shared.messaging.topology import subscribers_of
from shared.ports import Warehouse
from shared.runtime.settings import Settings
from shared.storage import tables
from shared.storage.buckets import bucket_of
from shared.storage.tables import Field, Table

_BYTES_OF_NUMBER = 8  # or of a date or an instant; a boolean takes 1, a string 2 and its length


class TableUsage(msgspec.Struct, frozen=True):
    """Rows on an average day of a table's partition (all rows without one), and an average row's bytes."""

    a_day: float
    row_bytes: float


class Usage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Usage of an average live day; `seconds` is the work of each service on the named machine."""

    about: str
    machine: str
    days: int
    games_a_day: float
    seconds: dict[str, float]
    events_a_day: float
    objects_a_day: float
    kept_bytes_a_day: float
    staged_bytes_a_day: float
    tables: dict[str, TableUsage]


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
        if not runs:
            raise UserError(f"{home}: expected a run with live days: `hankstank run` makes some")
        warehouse = machine.ports.warehouse
        rows = {name: _table_usage(warehouse, tables.get_table(name)) for name in tables.list_tables()}
    sizes = _object_sizes(home / "objects", since=min(one.published_at for run in runs for one in run))
    return Usage(
        about=f"{summary['world']}, live days {summary['live_days'][0]} to {summary['live_days'][-1]}",
        machine=f"{cpu_count()} cores, {platform.system()}, Python {platform.python_version()}",
        days=len(runs),
        games_a_day=rows["games_historical"].a_day,
        seconds=_mean_seconds(runs),
        events_a_day=sum(map(len, runs)) / len(runs),
        objects_a_day=round(len(sizes) / len(runs), 2),
        kept_bytes_a_day=round(sum(size for bucket, size in sizes if bucket != "staging") / len(runs)),
        staged_bytes_a_day=round(sum(size for bucket, size in sizes if bucket == "staging") / len(runs)),
        tables=rows,
    )


def _mean_seconds(runs: Iterable[Sequence[PublishedEvent]]) -> dict[str, float]:
    """Return each service's mean seconds from the event it received to the event it published."""
    spent: defaultdict[str, list[float]] = defaultdict(list)
    for run in runs:
        for received, published in pairwise(run):
            (service, *_) = subscribers_of(received.topic)
            spent[service].append((published.published_at - received.published_at).total_seconds())
    return {name: round(fsum(each) / len(each), 3) for name, each in spent.items()}


def _object_sizes(folder: Path, since: datetime) -> list[tuple[str, int]]:
    """Return the bucket and the bytes of each object written since then."""
    found = ((path, path.stat()) for path in folder.rglob("*") if path.is_file())
    return [
        (bucket_of(path.relative_to(folder).as_posix()), file_stat.st_size)
        for path, file_stat in found
        if file_stat.st_mtime >= since.timestamp()
    ]


def _table_usage(warehouse: Warehouse, table: Table) -> TableUsage:
    days = f"count(distinct {table.partition})" if table.partition else "1"
    size = " + ".join(map(_size_sql, table.all_fields))
    sql = f"select count(*), {days}, sum({size}) from {table.full_name}"  # noqa: S608
    ((rows, days_found, size_in_all),) = warehouse.query_rows(sql).rows()
    if not rows:
        return TableUsage(0, 0)
    return TableUsage(round(rows / days_found, 1), round(float(size_in_all) / rows, 1))


def _size_sql(field: Field) -> str:
    """Return SQL for a value's bytes; a null number counts in full, since other sources may have it."""
    if field.type == "STRING":
        return f"if({field.name} is null, 0, 2 + length({field.name}))"
    return "1" if field.type == "BOOLEAN" else str(_BYTES_OF_NUMBER)
