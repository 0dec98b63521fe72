"""What makes a single row unusable: rules read from the table's definition, as Polars expressions.

A rule gives flaws; a row with any flaw is quarantined. An unknown pitch type is no flaw but a warning
(`rules.pitch_types`): new codes appear without notice and spoil nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from shared.storage.tables import Field, Table

OPEN_ENUMERATIONS = {("statcast_pitches", "pitch_type")}


@dataclass(frozen=True, slots=True)
class Flaw:
    """One way a row can be bad: `bad` is true for such rows, `reason` says it with the value found."""

    rule: str
    bad: pl.Expr
    reason: pl.Expr


RowRule = Callable[[Table, Field, tuple[date, ...]], Iterator[Flaw]]


def required(_table: Table, field: Field, _dates: tuple[date, ...]) -> Iterator[Flaw]:
    """A required value is there."""
    if field.required:
        yield Flaw("required", pl.col(field.name).is_null(), pl.lit(f"{field.name}: required, is missing"))


def ranges(_table: Table, field: Field, _dates: tuple[date, ...]) -> Iterator[Flaw]:
    """A number is within the field's bounds; NaN and infinity are within none."""
    value = pl.col(field.name)
    if field.min is not None and field.max is not None:
        low, high = pl.lit(field.min, dtype=field.dtype), pl.lit(field.max, dtype=field.dtype)
        yield Flaw("range", ~value.is_between(low, high), _found(field, f"{field.min:g} to {field.max:g}"))
    elif field.min is not None:
        yield Flaw("range", ~(value >= field.min), _found(field, f"at least {field.min:g}"))
    elif field.max is not None:
        yield Flaw("range", ~(value <= field.max), _found(field, f"at most {field.max:g}"))
    elif field.type == "FLOAT":
        yield Flaw("range", ~value.is_finite(), _found(field, "a finite number"))


def enumerations(table: Table, field: Field, _dates: tuple[date, ...]) -> Iterator[Flaw]:
    """A code is one of the field's values."""
    if field.values and (table.name, field.name) not in OPEN_ENUMERATIONS:
        bad = ~pl.col(field.name).is_in(list(field.values))
        yield Flaw("enumeration", bad, _found(field, f"one of {' '.join(field.values)}"))


def transaction_dates(table: Table, field: Field, dates: tuple[date, ...]) -> Iterator[Flaw]:
    """A transaction is of a day that was collected."""
    if (table.name, field.name) == ("transactions_historical", "transaction_date") and dates:
        bad = ~pl.col(field.name).is_between(min(dates), max(dates))
        yield Flaw("collected_date", bad, _found(field, f"{min(dates)} to {max(dates)}"))


ROW_RULES: tuple[RowRule, ...] = (required, ranges, enumerations, transaction_dates)


def flaws(table: Table, columns: list[str], dates: tuple[date, ...]) -> list[Flaw]:
    """Return every flaw that a row of `table` with these columns can have."""
    fields = [field for field in table.staged_fields if field.name in columns]
    return [flaw for field in fields for rule in ROW_RULES for flaw in rule(table, field, dates)]


def schema_faults(table: Table, frame: pl.DataFrame) -> list[str]:
    """Return what is wrong with a staged frame's columns: a required one missing, or of another type.

    Unknown columns are none of it: the loader keeps them aside. A column of nulls alone fits any type.
    """
    return [fault for field in table.staged_fields if (fault := _column_fault(field, frame.schema))]


def _column_fault(field: Field, schema: pl.Schema) -> str:
    found = schema.get(field.name)
    if found is None:
        return f"{field.name}: required column is missing" if field.required else ""
    fits = found == field.dtype or (found == pl.Null and not field.required)
    return "" if fits else f"{field.name}: expected {field.dtype}, got {found}"


def _found(field: Field, expected: str) -> pl.Expr:
    return pl.format(f"{field.name}: expected {expected}, got {{}}", pl.col(field.name))
