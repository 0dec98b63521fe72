"""Stored forecasts, loaded from objects, and graded once their games are over."""

import hashlib
import logging
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from services.loader.scoring import graded
from shared.errors import ObjectCorrupted
from shared.ports import ObjectStore, Ports, Warehouse
from shared.storage.forecast_objects import PREFIX, StoredForecast, rows_in
from shared.storage.tables import table

log = logging.getLogger(__name__)

_SQL = Path(__file__).parent / "sql"
_OUTCOMES = (_SQL / "outcomes.sql").read_text()
_LOADED = (_SQL / "loaded_forecasts.sql").read_text()
_LOOK_BACK = 7  # days: forecasts of a day that is known may be stored late, from the release of its eve


class Told(msgspec.Struct, frozen=True):
    """What became of the forecasts of some days."""

    loaded: int
    bad_lines: int
    graded: int


def load_and_grade(ports: Ports, dates: Sequence[date]) -> Told:
    """Merge what was stored for the days and is not loaded yet, and grade what is settled.

    Late forecasts of the week before the days are loaded and graded too. Safe to do again.
    """
    earlier = {min(dates) - timedelta(days=n) for n in range(1, _LOOK_BACK + 1)} if dates else set()
    days = sorted({*dates, *earlier})
    loaded = set(ports.warehouse.query(_LOADED, dates=days)["raw_object"])
    rows, bad_lines = read(ports.objects, days, loaded)
    standing = ports.warehouse.merge(table("forecasts"), rows).standing
    touched = sorted({*dates, *rows["game_date"]})
    return Told(standing, bad_lines, _grade(ports.warehouse, touched))


def read(
    objects: ObjectStore, dates: Iterable[date], without: Container[str] = ()
) -> tuple[pl.DataFrame, int]:
    """Return the forecasts stored for the days as staged rows, and how many could not be read.

    Objects named in `without` are left out.
    """
    rows: list[dict[str, Any]] = []
    lines = 0
    for name in _names(objects, dates):
        if name in without:
            continue
        digest, told = _told(objects, name)
        lines += len(told)
        for number, line in enumerate(told, start=1):
            rows.extend(_staged(forecast, name, digest) for forecast in _parsed(line, f"{name}:{number}"))
    return pl.DataFrame(rows, schema=table("forecasts").schema), lines - len(rows)


def _told(objects: ObjectStore, name: str) -> tuple[str, list[bytes]]:
    """Return an object's SHA-256 and rows; a corrupted one counts as one bad row, and the day goes on."""
    try:
        data = objects.get(name)
        return hashlib.sha256(data).hexdigest(), rows_in(name, data)
    except ObjectCorrupted as error:
        log.warning("passed over: %s", error)
        return "", [b"corrupted"]


def _parsed(line: bytes, where: str) -> list[StoredForecast]:
    try:
        return [msgspec.json.decode(line, type=StoredForecast)]
    except msgspec.MsgspecError as error:
        log.warning("%s: passed over: %s", where, error)
        return []


def _names(objects: ObjectStore, dates: Iterable[date]) -> Iterator[str]:
    for day in dates:
        yield from objects.names(f"{PREFIX}{day}/")


def _staged(forecast: StoredForecast, name: str, digest: str) -> dict[str, Any]:
    lineage = {
        "source": "predict_api",
        "run_id": forecast.release_id,
        "raw_object": name,
        "raw_sha256": digest,
        "collected_at": forecast.made_at,
    }
    return {**msgspec.structs.asdict(forecast), **lineage}


def _grade(warehouse: Warehouse, dates: Sequence[date]) -> int:
    """Grade what is settled; a grade whose forecast is void now, after a correction, goes."""
    grades = table("grades")
    outcomes = warehouse.query(_OUTCOMES, dates=list(dates)).with_columns(source=pl.lit("loader"))
    every_forecast = outcomes.select("forecast_id", "collected_at")
    return warehouse.merge(grades, graded(outcomes), every_forecast).standing
