"""What several tests of recorded bodies share: reading one, and whether rows fit their table."""

import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from services.collector.rows import rows_to_frame
from shared.storage.tables import get_table
from tests.data import DATA

FOLDER = DATA / "mlb" / "statsapi"


def read(*parts: str) -> bytes:
    return gzip.decompress(FOLDER.joinpath(*parts).read_bytes())


def name(path: Path) -> str:
    return path.name.removesuffix(".json.gz")


def misfits(table_name: str, head: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what does not fit the table: columns, required values, enumerations and ranges."""
    spec = get_table(table_name)
    whole = rows_to_frame(spec, [(head, rows)])
    names = {field.name for field in spec.fields}
    found = [f"columns of {row}" for row in rows if set(row) | set(head) != names]
    for field in spec.fields:
        column = whole[field.name].drop_nulls()
        if field.required and column.len() < whole.height:
            found.append(f"{field.name} is null")
        if field.values and not set(column) <= set(field.values):
            found.append(f"{field.name} is none of its values")
        if field.min is not None and column.len() and not column.is_between(field.min, field.max).all():
            found.append(f"{field.name} is out of range")
    return found
