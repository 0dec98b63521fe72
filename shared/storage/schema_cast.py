"""Rows as a table takes them: its columns in order, its types, and what it does not know set aside."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import polars as pl
from polars import selectors as cs

from shared.errors import TableMismatch
from shared.storage.tables import STAMPS, Field, Table

log = logging.getLogger(__name__)

_STAMPS = {field.name for field in STAMPS}


def fit_rows(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with exactly the table's columns and lineage, in order.

    Columns the table does not know go into `extra` as JSON and are logged; nullable columns that lack are
    null; NaN is null. Numbers and times change their type where nothing is lost. Stamps are dropped: the
    warehouse sets them. Raises TableMismatch for a required column that lacks or has nulls, and for a
    type that does not fit.
    """
    if rows.is_empty():
        return pl.DataFrame(schema=table.schema)
    aside = _with_unknown_aside(table, rows)
    return _fit_columns(table, table.staged_fields, aside)


def with_current_names(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with every column of an earlier name under its current one.

    A column that the rows have under both names stays as it is: the current name has its values.
    """
    stored = {*rows.columns}
    renamed = {was: name for was, name in table.current_names.items() if was in stored and name not in stored}
    return rows.rename(renamed) if renamed else rows


def fit_scopes(table: Table, scopes: pl.DataFrame) -> pl.DataFrame:
    """Return the table's scope columns and `collected_at` of `scopes`; raises TableMismatch."""
    scope_columns = (*table.scope, "collected_at")
    fields = {field.name: field for field in table.staged_fields}
    if scopes.is_empty():
        return pl.DataFrame(schema={name: fields[name].dtype for name in scope_columns})
    return _fit_columns(table, [fields[name] for name in scope_columns], scopes)


def _fit_columns(table: Table, fields: Sequence[Field], rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with exactly these columns: whole frames at a time, a table has a hundred of them."""
    known = rows.with_columns(cs.float().fill_nan(None)).get_columns()
    columns = {column.name: column for column in known}
    fit = pl.DataFrame([_fit_column(table, field, columns, rows.height) for field in fields])
    for field, nulls in zip(fields, fit.null_count().row(0), strict=True):
        if field.required and nulls:
            raise _mismatch_error(table, field, f"null in {nulls} of {rows.height} rows")
    return fit


def _fit_column(table: Table, field: Field, columns: Mapping[str, pl.Series], height: int) -> pl.Series:
    column = columns.get(field.name)
    if column is not None:
        return _cast_column(table, field, column)
    if field.required:
        raise _mismatch_error(table, field, "no such column")
    return pl.Series(field.name, [None], dtype=field.dtype).new_from_index(0, height)


def _cast_column(table: Table, field: Field, column: pl.Series) -> pl.Series:
    if column.dtype == field.dtype:
        return column
    if not _may_cast(column.dtype, field.dtype):
        raise _mismatch_error(table, field, f"{column.dtype}")
    cast = column.cast(field.dtype, strict=False)
    lost = column.filter(cast.cast(column.dtype, strict=False).ne_missing(column))
    if lost.len():
        raise _mismatch_error(table, field, f"{column.dtype} with {lost[0]!r}, which would change")
    return cast


def _may_cast(given: pl.DataType, target: pl.DataType) -> bool:
    return (
        given == pl.Null
        or (given.is_numeric() and target.is_numeric())
        or (given == pl.Datetime and target == pl.Datetime)
        or (given in {pl.Categorical, pl.Enum} and target == pl.String)
    )


def _with_unknown_aside(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    known = {field.name for field in table.staged_fields}
    unknown = [name for name in rows.columns if name not in known | _STAMPS]
    if not unknown:
        return rows
    log.warning("%s: unknown columns %s kept in extra", table.full_name, unknown)
    extra = rows["extra"] if "extra" in rows.columns else pl.Series([None] * rows.height, dtype=pl.String)
    kept = map(_merge_extra, extra, rows.select(unknown).iter_rows(named=True))
    return rows.with_columns(pl.Series("extra", _to_list(kept), dtype=pl.String))


def _to_list(values: Iterable[str | None]) -> list[str | None]:
    return list(values)


def _merge_extra(stored: str | None, unknown: dict[str, Any]) -> str | None:
    """Add the unknown values to a row's `extra`; what was there already stays."""
    known: dict[str, Any] = msgspec.json.decode(stored, type=dict) if stored else {}
    values = {name: value for name, value in unknown.items() if value is not None} | known
    return msgspec.json.encode(values, order="sorted").decode() if values else None


def _mismatch_error(table: Table, field: Field, got: str) -> TableMismatch:
    expected = f"{'' if field.required else 'nullable '}{field.type}"
    return TableMismatch(f"{table.full_name}.{field.name}: expected {expected}, got {got}")
