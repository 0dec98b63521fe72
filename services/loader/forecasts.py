"""Loads stored forecasts from objects into the warehouse, scores them, and writes the results of the days."""

import hashlib
import logging
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from services.loader.mlb.outcomes import outcomes_query
from services.loader.results import write_day_results
from services.loader.scoring import score_rows
from shared.errors import ObjectCorrupted
from shared.ports import ObjectStore, Ports, Warehouse
from shared.storage.forecast_objects import PREFIX, StoredForecast, parse_forecast_rows
from shared.storage.tables import get_table

log = logging.getLogger(__name__)

_SQL = Path(__file__).parent / "sql"
_LOADED = (_SQL / "loaded_forecasts.sql").read_text()
_LOOK_BACK = 7  # days: forecasts may be stored after their day, from the release of the day before


class ForecastLoadReport(msgspec.Struct, frozen=True):
    """How many forecasts of some days were loaded, unreadable and scored."""

    loaded: int
    bad_lines: int
    scored: int = msgspec.field(name="graded")  # the field's stored name


def load_and_score(ports: Ports, dates: Sequence[date], changed: Iterable[date] = ()) -> ForecastLoadReport:
    """Merge stored forecasts of the days that are not loaded yet, and score those of finished games.

    Forecasts of the week before the days that were stored late are loaded and scored too. Then the results of
    the days, of the days of every game that was scored, and of `changed` days are written. Idempotent.
    """
    earlier = {min(dates) - timedelta(days=n) for n in range(1, _LOOK_BACK + 1)} if dates else set()
    days = sorted({*dates, *earlier})
    loaded = set(ports.warehouse.query_rows(_LOADED, dates=days)["raw_object"])
    rows, bad_lines = read_forecasts(ports.objects, days, loaded)
    merged_rows = ports.warehouse.merge_rows(get_table("forecasts"), rows).stored
    scored, played = _score_finished_games(ports.warehouse, sorted({*dates, *rows["game_date"]}))
    write_day_results(ports, {*dates, *played, *changed})
    return ForecastLoadReport(merged_rows, bad_lines, scored)


def read_forecasts(
    objects: ObjectStore, dates: Iterable[date], without: Container[str] = ()
) -> tuple[pl.DataFrame, int]:
    """Return the forecasts stored for the days as staged rows, and how many could not be read.

    Objects named in `without` are left out.
    """
    rows: list[dict[str, Any]] = []
    lines = 0
    for name in _object_names(objects, dates):
        if name in without:
            continue
        digest, raw_lines = _read_object(objects, name)
        lines += len(raw_lines)
        for number, line in enumerate(raw_lines, start=1):
            rows.extend(
                _staged_row(forecast, name, digest) for forecast in _parse_line(line, f"{name}:{number}")
            )
    return pl.DataFrame(rows, schema=get_table("forecasts").schema), lines - len(rows)


def _read_object(objects: ObjectStore, name: str) -> tuple[str, list[bytes]]:
    """Return an object's SHA-256 and rows; a corrupted one counts as one bad row."""
    try:
        data = objects.read_bytes(name)
        return hashlib.sha256(data).hexdigest(), parse_forecast_rows(name, data)
    except ObjectCorrupted as error:
        log.warning("skipped: %s", error)
        return "", [b"corrupted"]


def _parse_line(line: bytes, where: str) -> list[StoredForecast]:
    try:
        return [msgspec.json.decode(line, type=StoredForecast)]
    except msgspec.MsgspecError as error:
        log.warning("%s: skipped: %s", where, error)
        return []


def _object_names(objects: ObjectStore, dates: Iterable[date]) -> Iterator[str]:
    for day in dates:
        yield from objects.list_names(f"{PREFIX}{day}/")


def _staged_row(forecast: StoredForecast, name: str, digest: str) -> dict[str, Any]:
    lineage = {
        "source": "predict_api",
        "run_id": forecast.release_id,
        "raw_object": name,
        "raw_sha256": digest,
        "collected_at": forecast.made_at,
    }
    return {**msgspec.structs.asdict(forecast), **lineage}


def _score_finished_games(warehouse: Warehouse, dates: Sequence[date]) -> tuple[int, set[date]]:
    """Score the forecasts of finished games; the score of one that a correction made void is deleted.

    Returns how many scores were stored, and the days of the games whose forecasts were looked at.
    """
    scores = get_table("grades")
    outcomes = warehouse.query_rows(outcomes_query(), dates=list(dates)).with_columns(source=pl.lit("loader"))
    played = set(outcomes["played_date"])
    rows = outcomes.drop("played_date")
    scopes = rows.select("forecast_id", "collected_at")
    return warehouse.merge_rows(scores, score_rows(rows), scopes).stored, played
