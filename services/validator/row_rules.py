"""Rules for single rows, read from the table's definition, as Polars expressions.

A rule yields violations; a row with any violation is quarantined. An unknown pitch type is only a warning
(`rules.pitch_types`): new codes appear without notice and do no harm.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from shared.storage.tables import Field, Table

OPEN_ENUMERATIONS = {("statcast_pitches", "pitch_type")}


@dataclass(frozen=True, slots=True)
class RowViolation:
    """One way a row can be bad: `is_violated` is true for such rows, `reason` has the value found."""

    rule: str
    is_violated: pl.Expr
    reason: pl.Expr


RowRule = Callable[[Table, Field, tuple[date, ...]], Iterator[RowViolation]]


def check_required(_table: Table, field: Field, _dates: tuple[date, ...]) -> Iterator[RowViolation]:
    """A required value is present."""
    if field.required:
        yield RowViolation(
            "required", pl.col(field.name).is_null(), pl.lit(f"{field.name}: required, is missing")
        )


def check_ranges(_table: Table, field: Field, _dates: tuple[date, ...]) -> Iterator[RowViolation]:
    """A number is within the field's bounds; NaN and infinity are within none."""
    value = pl.col(field.name)
    if field.min is not None and field.max is not None:
        low, high = pl.lit(field.min, dtype=field.dtype), pl.lit(field.max, dtype=field.dtype)
        yield RowViolation(
            "range", ~value.is_between(low, high), _violation_text(field, f"{field.min:g} to {field.max:g}")
        )
    elif field.min is not None:
        yield RowViolation("range", ~(value >= field.min), _violation_text(field, f"at least {field.min:g}"))
    elif field.max is not None:
        yield RowViolation("range", ~(value <= field.max), _violation_text(field, f"at most {field.max:g}"))
    elif field.type == "FLOAT":
        yield RowViolation("range", ~value.is_finite(), _violation_text(field, "a finite number"))


def check_enumerations(table: Table, field: Field, _dates: tuple[date, ...]) -> Iterator[RowViolation]:
    """A code is one of the field's values."""
    if field.values and (table.name, field.name) not in OPEN_ENUMERATIONS:
        bad = ~pl.col(field.name).is_in(list(field.values))
        yield RowViolation("enumeration", bad, _violation_text(field, f"one of {' '.join(field.values)}"))


def check_transaction_dates(table: Table, field: Field, dates: tuple[date, ...]) -> Iterator[RowViolation]:
    """A transaction is of a day that was collected."""
    if (table.name, field.name) == ("transactions_historical", "transaction_date") and dates:
        bad = ~pl.col(field.name).is_between(min(dates), max(dates))
        yield RowViolation("collected_date", bad, _violation_text(field, f"{min(dates)} to {max(dates)}"))


ROW_RULES: tuple[RowRule, ...] = (check_required, check_ranges, check_enumerations, check_transaction_dates)


def row_violations(table: Table, columns: list[str], dates: tuple[date, ...]) -> list[RowViolation]:
    """Return every violation that a row of `table` with these columns can have."""
    fields = [field for field in table.staged_fields if field.name in columns]
    return [violation for field in fields for rule in ROW_RULES for violation in rule(table, field, dates)]


def schema_violations(table: Table, frame: pl.DataFrame) -> list[str]:
    """Return what is wrong with a staged frame's columns: a required one missing, or of another type.

    Unknown columns are allowed: the loader stores them in `extra`. A column of nulls alone fits any type.
    """
    return [
        violation for field in table.staged_fields if (violation := _column_violation(field, frame.schema))
    ]


def _column_violation(field: Field, schema: pl.Schema) -> str:
    found = schema.get(field.name)
    if found is None:
        return f"{field.name}: required column is missing" if field.required else ""
    fits = found == field.dtype or (found == pl.Null and not field.required)
    return "" if fits else f"{field.name}: expected {field.dtype}, got {found}"


def _violation_text(field: Field, expected: str) -> pl.Expr:
    return pl.format(f"{field.name}: expected {expected}, got {{}}", pl.col(field.name))
