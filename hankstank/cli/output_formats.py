"""Prints query results part by part: as a table, CSV or JSON."""

import sys
from collections.abc import Iterator
from typing import Any

import msgspec
import polars as pl

from hankstank.terminal import draw_rows, print_text


def write_result(parts: Iterator[pl.DataFrame], form: str | None, most: int) -> None:
    """Print a result; without `form` as a table on a terminal and as CSV elsewhere."""
    form = form or ("table" if sys.stdout.isatty() else "csv")
    if form == "table":
        _write_table(parts, most)
    else:
        {"csv": _write_csv, "json": _write_json}[form](parts)


def _write_table(parts: Iterator[pl.DataFrame], most: int) -> None:
    """Draw the first `most` rows and count the rest."""
    shown = next(parts)
    rows = shown.height
    for part in parts:
        rows += part.height
        if shown.height < most:
            shown = pl.concat([shown, part]).head(most)
    draw_rows(shown.columns, [[_cell_text(value) for value in row] for row in shown.rows()])
    left = f", of which {shown.height} are shown: --rows shows more, --format csv all"
    print_text(f"{rows:,} row{'' if rows == 1 else 's'}{left if rows > shown.height else ''}", style="dim")


def _write_csv(parts: Iterator[pl.DataFrame]) -> None:
    for number, part in enumerate(parts):
        nested = [name for name, kind in part.schema.items() if kind.is_nested()]
        flat = part.with_columns(pl.Series(name, map(_nested_json, part[name]), pl.String) for name in nested)
        sys.stdout.write(flat.write_csv(include_header=number == 0))


def _write_json(parts: Iterator[pl.DataFrame]) -> None:
    """Write one array with an object for each row."""
    divider = "["
    for part in parts:
        for row in part.iter_rows(named=True):
            sys.stdout.write(f"{divider}{msgspec.json.encode(row, enc_hook=str).decode()}")
            divider = ",\n"
    sys.stdout.write("[]\n" if divider == "[" else "]\n")


def _cell_text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | dict):
        return _nested_json(value) or ""
    return "" if value is None else str(value)


def _nested_json(value: Any) -> str | None:
    """Return a list or structure as JSON."""
    plain = value.to_list() if isinstance(value, pl.Series) else value
    return None if plain is None else msgspec.json.encode(plain, enc_hook=str).decode()
