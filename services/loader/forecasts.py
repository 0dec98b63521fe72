"""Forecasts that were answered, loaded from objects, and graded once their games are over."""

import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import polars as pl

from services.loader.grading import graded
from shared.errors import ObjectCorrupted
from shared.ports import ObjectStore, Ports, Warehouse
from shared.tables import table

log = logging.getLogger(__name__)

_OUTCOMES = (Path(__file__).parent / "sql" / "outcomes.sql").read_text()
_ROUNDING = 0.01  # how far the probabilities of a distribution may be from adding up to 1


class StoredForecast(msgspec.Struct, frozen=True):
    """One line of a forecasts object: a row of `tables/forecasts.json`."""

    forecast_id: str
    game_date: date
    game_pk: int
    target: str
    model_version: str
    release_id: str
    as_of: date
    made_at: Annotated[datetime, msgspec.Meta(tz=True)]
    is_challenger: bool
    mean: float
    distribution: str
    game_number: int | None = None
    home_team_id: int | None = None
    away_team_id: int | None = None
    player_id: int | None = None
    features_sha256: str | None = None
    variant: Literal["confirmed", "projected", "unknown"] | None = None
    flags: str | None = None

    def __post_init__(self) -> None:
        """Refuse a distribution that is none, as msgspec refuses a wrong type."""
        chances = msgspec.json.decode(
            self.distribution, type=list[Annotated[float, msgspec.Meta(ge=0, le=1)]]
        )
        if abs(sum(chances) - 1) > _ROUNDING:
            raise ValueError(f"expected probabilities that add up to 1, got {self.distribution[:60]}")


class Told(msgspec.Struct, frozen=True):
    """What became of the forecasts of some days."""

    loaded: int
    bad_lines: int
    graded: int


def load_and_grade(ports: Ports, dates: Sequence[date]) -> Told:
    """Merge the forecasts stored for the days and grade those whose games are over; safe to do again."""
    rows, bad_lines = read(ports.objects, dates)
    loaded = ports.warehouse.merge(table("forecasts"), rows).standing
    return Told(loaded, bad_lines, _grade(ports.warehouse, dates))


def read(objects: ObjectStore, dates: Iterable[date]) -> tuple[pl.DataFrame, int]:
    """Return the forecasts stored for the days as staged rows, and how many lines could not be read."""
    rows: list[dict[str, Any]] = []
    lines = 0
    for name in _names(objects, dates):
        data = _bytes(objects, name)
        digest = hashlib.sha256(data).hexdigest()
        for number, line in enumerate(data.splitlines(), start=1):
            lines += 1
            rows.extend(_staged(forecast, name, digest) for forecast in _parsed(line, f"{name}:{number}"))
    return pl.DataFrame(rows, schema=table("forecasts").schema), lines - len(rows)


def _bytes(objects: ObjectStore, name: str) -> bytes:
    """Return a forecasts object; a corrupted one counts as one bad line, and the day goes on without it."""
    try:
        return objects.get(name)
    except ObjectCorrupted as error:
        log.warning("passed over: %s", error)
        return b"corrupted"


def _parsed(line: bytes, where: str) -> list[StoredForecast]:
    try:
        return [msgspec.json.decode(line, type=StoredForecast)]
    except msgspec.MsgspecError as error:
        log.warning("%s: passed over: %s", where, error)
        return []


def _names(objects: ObjectStore, dates: Iterable[date]) -> Iterator[str]:
    for day in dates:
        yield from (name for name in objects.names(f"forecasts/{day}/") if name.endswith(".jsonl"))


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
