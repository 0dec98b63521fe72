"""Pitches through the validator, against a pydantic model of the same table asked row by row."""

from collections.abc import Iterator
from typing import Any, Literal, Optional

import polars as pl
from pydantic import BaseModel, ValidationError, create_model
from pydantic import Field as Bounds

from services.validator.quarantine import validate_rows
from services.validator.row_rules import OPEN_ENUMERATIONS
from services.validator.validate import validate_batch
from shared.storage.staging import Manifest
from shared.storage.tables import Field, Table, get_table
from tests.bench.figures import Figure, compared, side_by_side
from tests.bench.samples import feeds, pitches

_TYPES = {field_type: dtype.to_python() for field_type, dtype in {
    "INTEGER": pl.Int64(), "FLOAT": pl.Float64(), "STRING": pl.String(), "BOOLEAN": pl.Boolean(),
    "DATE": pl.Date(), "TIMESTAMP": pl.Datetime(),
}.items()}  # fmt: skip
_SPOILED = 10


def run(count: int = 45_000, repetitions: int = 5) -> Iterator[Figure]:
    """Yield milliseconds for `count` pitches and ratios; both must find the same bad rows."""
    definition, rows = get_table("statcast_pitches"), corrupt(pitches(count))
    model, dicts = model_of(definition), rows.to_dicts()
    batch, history = manifest(rows), pl.DataFrame()
    if refused(model, dicts) != validate_rows(definition, rows, ()).quarantined.height != _SPOILED:
        raise AssertionError("expected the validator and pydantic to refuse the same rows")
    candidates = {
        "row rules": lambda: validate_rows(definition, rows, ()),
        "whole verdict": lambda: validate_batch(batch, {definition.name: rows}, history),
        "pydantic row by row": lambda: refused(model, dicts),
    }
    how = f"{count:,} pitches of {feeds()[0]}, {_SPOILED} of them bad, median of {repetitions} interleaved; dicts made beforehand"
    yield from compared("validation", side_by_side(candidates, repetitions), how)


def corrupt(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows, a few of them with an impossible count of balls."""
    bad = pl.int_range(pl.len()) % (rows.height // _SPOILED) == 0
    return rows.with_columns(balls=pl.when(bad).then(9).otherwise("balls"))


def manifest(rows: pl.DataFrame) -> Manifest:
    """Return the manifest of a batch that holds these rows."""
    days, games = rows["game_date"].unique().sort().to_list(), rows["game_pk"].unique().sort().to_list()
    return Manifest("bench", 1, tuple(days), "regular", tuple(games), ())


def model_of(definition: Table) -> type[BaseModel]:
    """Return a pydantic model with the types, bounds and codes of a table's staged rows."""
    fields: dict[str, Any] = {field.name: _field(definition, field) for field in definition.staged_fields}
    return create_model(definition.name, **fields)


def _field(definition: Table, field: Field) -> tuple[Any, Any]:
    closed = field.values and (definition.name, field.name) not in OPEN_ENUMERATIONS
    kind: Any = Literal[field.values] if closed else _TYPES[field.type]
    bounds = {"ge": field.min, "le": field.max, "default": ... if field.required else None}
    return (kind if field.required else Optional[kind]), Bounds(**bounds)  # noqa: UP045 - built at run time


def refused(model: type[BaseModel], rows: list[dict[str, Any]]) -> int:
    """Return how many rows the model refuses."""
    return sum(not _fits(model, row) for row in rows)


def _fits(model: type[BaseModel], row: dict[str, Any]) -> bool:
    try:
        model.model_validate(row)
    except ValidationError:
        return False
    return True
