"""What a deployment uses on a day in season: measured in the stores a run left, or as recorded from one."""

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

from hankstank.dev.cost.warehouse_bytes import Rows
from hankstank.local.machine import OneMachine
from shared.adapters.local.durable_queue import LocalBus
from shared.adapters.local.queue_records import Announced
from shared.errors import CannotDo
from shared.ports import Warehouse
from shared.runtime.settings import Settings
from shared.storage import tables
from shared.storage.tables import Field, Table

_ROOM_OF = {
    "data.collected": "collector",
    "data.validated": "validator",
    "data.loaded": "loader",
    "features.created": "features",
    "model.deployed": "trainer",
}
_WIDTH = 8  # bytes of a number, a date or an instant
_WIDTHS = {"BOOLEAN": 1}


class Objects(msgspec.Struct, frozen=True):
    """Objects of one first folder that a day writes: how many, and their bytes."""

    count: float
    bytes: float


class Usage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an average live day used; `seconds` are those of each room's work on the machine named."""

    about: str
    machine: str
    days: int
    games_a_day: float
    seconds: dict[str, float]
    events_a_day: float
    objects: dict[str, Objects]
    tables: dict[str, Rows]


def recorded() -> Usage:
    """Return the usage that was recorded from a real season."""
    return msgspec.json.decode(Path(__file__).with_name("usage.json").read_bytes(), type=Usage)


def measured(home: Path) -> Usage:
    """Measure the live days of the run whose stores are in `home`; it must not be running."""
    summary = home / "summary.json"
    if not summary.is_file():
        raise CannotDo(f"{home}: expected the stores of a finished run: `hankstank run` makes them")
    told = msgspec.json.decode(summary.read_bytes(), type=dict[str, Any])
    with OneMachine(Settings(home=home)) as machine:
        queue = LocalBus(home / "queue.sqlite")
        runs = [queue.history(run) for run in told["events"] if run.startswith("daily-")]
        return _usage(told, runs, home, machine.ports.warehouse)


def _usage(told: dict[str, Any], runs: Sequence[list[Announced]], home: Path, warehouse: Warehouse) -> Usage:
    if not runs:
        raise CannotDo(f"{home}: expected a run with live days: `hankstank run` lives some")
    first = min(one.published_at for run in runs for one in run)
    rows = {name: _rows(warehouse, tables.table(name)) for name in tables.names()}
    return Usage(
        about=f"{told['world']}, live days {told['live_days'][0]} to {told['live_days'][-1]}",
        machine=f"{cpu_count()} cores, {platform.system()}, Python {platform.python_version()}",
        days=len(runs),
        games_a_day=rows["games_historical"].a_day,
        seconds=_seconds(runs),
        events_a_day=sum(map(len, runs)) / len(runs),
        objects=_objects(home / "objects", first, len(runs)),
        tables=rows,
    )


def _seconds(runs: Iterable[Sequence[Announced]]) -> dict[str, float]:
    """Return each room's mean seconds: from the event it heard to the event it announced."""
    spent: defaultdict[str, list[float]] = defaultdict(list)
    for run in runs:
        for heard, said in pairwise(run):
            if room := _ROOM_OF.get(said.topic):
                spent[room].append((said.published_at - heard.published_at).total_seconds())
    return {room: round(fsum(each) / len(each), 3) for room, each in spent.items()}


def _objects(folder: Path, since: datetime, days: int) -> dict[str, Objects]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for path in folder.rglob("*"):
        told = path.stat()
        if path.is_file() and told.st_mtime >= since.timestamp():
            found[path.relative_to(folder).parts[0]].append(told.st_size)
    return {
        name: Objects(round(len(sizes) / days, 2), round(sum(sizes) / days))
        for name, sizes in sorted(found.items())
    }


def _rows(warehouse: Warehouse, table: Table) -> Rows:
    """Return a table's rows a day and what BigQuery would say its average row takes, column by column."""
    days = f"count(distinct {table.partition})" if table.partition else "1"
    sizes = ", ".join(f"sum({_size(field)}) as {field.name}" for field in table.all_fields)
    asked = f"select count(*) as all_rows, {days} as all_days, {sizes} from {table.full_name}"  # noqa: S608
    (found,) = warehouse.query(asked).to_dicts()
    rows, days_found = found.pop("all_rows"), found.pop("all_days")
    if not rows:
        return Rows(0, {})
    mean = {name: round(float(size) / rows, 2) for name, size in found.items()}
    return Rows(round(rows / days_found, 1), mean)


def _size(field: Field) -> str:
    """Return a value's bytes as SQL; an absent number counts like any other, for sources that know it."""
    if field.type == "STRING":
        return f"if({field.name} is null, 0, 2 + length({field.name}))"
    return str(_WIDTHS.get(field.type, _WIDTH))
