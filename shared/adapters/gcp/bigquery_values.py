"""Converts values for BigQuery: typed query parameters, literals, and results as frames.

Results are read column by column from the pages that BigQuery sends, without an Arrow library.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import polars as pl
from google.cloud import bigquery
from google.cloud.bigquery.query import (
    ArrayQueryParameter,
    ScalarQueryParameter,
    ScalarQueryParameterType,
    StructQueryParameter,
    StructQueryParameterType,
)

Parameter = ScalarQueryParameter | ArrayQueryParameter

_TYPES: dict[type[pl.DataType], str] = {
    pl.Boolean: "BOOL",
    pl.String: "STRING",
    pl.Date: "DATE",
    pl.Null: "INT64",
}


def bind_parameters(sql: str, parameters: Mapping[str, Any]) -> tuple[str, list[Parameter]]:
    """Return the statement and its typed parameters: scalars, lists, or frames for `unnest(@rows) as r`.

    None is a whole number's null. An empty list has no type: it is written out as `[]`, which takes any.
    Raises ValueError for rows without a schema: an empty list has no types to make a frame of.
    """
    typed: list[Parameter] = []
    for name, value in parameters.items():
        if isinstance(value, pl.DataFrame):
            typed.append(_struct_array_parameter(name, value))
        elif not isinstance(value, list | tuple | set | frozenset | pl.Series):
            typed.append(ScalarQueryParameter(name, _bigquery_type(pl.Series([value]).dtype), value))
        elif not len(value):
            sql = re.sub(rf"@{name}\b", "[]", sql)
        else:
            typed.append(_array_parameter(name, list(value)))
    return sql, typed


def inline_parameters(sql: str, values: Mapping[str, Any]) -> str:
    """Return a statement with its parameters written out: dates, lists of dates and instants of our own."""
    return re.sub(r"@(\w+)", lambda found: _sql_literal(values[found[1]]), sql)


def to_frame(rows: "bigquery.table.RowIterator") -> pl.DataFrame:
    """Return an answer with whole numbers as Int64, fractions as Float64 and instants in UTC."""
    columns: list[list[str | None]] = [[] for _ in rows.schema]
    for page in rows.pages:
        cells = [row["f"] for row in page.raw_page.get("rows", ())]
        for place, column in enumerate(columns):
            column.extend(row[place]["v"] for row in cells)
    return pl.DataFrame([_parse_column(*one) for one in zip(rows.schema, columns, strict=True)])


def _array_parameter(name: str, values: list[Any]) -> Parameter:
    if isinstance(values[0], dict):
        return _struct_array_parameter(name, pl.DataFrame(values, infer_schema_length=None))
    return ArrayQueryParameter(name, _bigquery_type(pl.Series(values).dtype), values)


def _struct_array_parameter(name: str, rows: pl.DataFrame) -> ArrayQueryParameter:
    kinds = {column: _bigquery_type(dtype) for column, dtype in rows.schema.items()}
    if rows.is_empty():
        fields = (ScalarQueryParameterType(kind, name=column) for column, kind in kinds.items())  # type: ignore[no-untyped-call]
        return ArrayQueryParameter(name, StructQueryParameterType(*fields), [])  # type: ignore[no-untyped-call]
    structs = (
        StructQueryParameter(None, *(ScalarQueryParameter(key, kinds[key], row[key]) for key in kinds))
        for row in rows.iter_rows(named=True)
    )
    return ArrayQueryParameter(name, "STRUCT", list(structs))


def _bigquery_type(dtype: pl.DataType) -> str:
    if dtype.is_integer():
        return "INT64"
    if dtype.is_numeric():
        return "FLOAT64"
    if isinstance(dtype, pl.Datetime):
        return "TIMESTAMP" if dtype.time_zone else "DATETIME"
    if type(dtype) not in _TYPES:
        raise ValueError(f"expected numbers, strings, booleans, dates or instants, got {dtype}")
    return _TYPES[type(dtype)]


def _sql_literal(value: Any) -> str:
    if isinstance(value, list):
        return f"array<date>[{', '.join(map(_sql_literal, value))}]"
    if isinstance(value, datetime):
        return f"timestamp '{value.isoformat(sep=' ')}'"
    if isinstance(value, date):
        return f"date '{value.isoformat()}'"
    raise TypeError(f"expected a date, dates or an instant, got {value!r}")


def _parse_column(field: bigquery.SchemaField, cells: list[str | None]) -> pl.Series:
    text = pl.Series(field.name, cells, dtype=pl.String)
    match field.field_type:
        case "INTEGER" | "INT64":
            return text.cast(pl.Int64)
        case "FLOAT" | "FLOAT64" | "NUMERIC" | "BIGNUMERIC":
            return text.cast(pl.Float64)
        case "BOOLEAN" | "BOOL":
            return text == "true"
        case "DATE":
            return text.str.to_date("%Y-%m-%d")
        case "TIMESTAMP":
            return text.cast(pl.Int64).cast(pl.Datetime("us", "UTC"))
        case "STRING" | "JSON":
            return text
    raise ValueError(f"{field.name}: expected a column of one value a row, got {field.field_type}")
