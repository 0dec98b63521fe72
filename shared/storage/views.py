"""View definitions from `views/`: tables that a SELECT computes from others each time they are read."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.storage.tables import Field, parse_field

_FOLDER = Path(__file__).parents[1] / "sports/mlb/views"
_TABLE_NAME = re.compile(r"\b(mlb_\w+)\.(\w+)")


@dataclass(frozen=True, slots=True)
class View:
    """A view's definition: its columns in order, and the SELECT, in BigQuery's dialect, that yields them."""

    name: str
    dataset: str
    description: str
    key: tuple[str, ...]  # the columns that name a row
    fields: tuple[Field, ...]
    sql: str
    pitfalls: tuple[str, ...] = ()  # what readers of all rows often get wrong
    partition: None = None  # as a table has it: a view has no days

    @property
    def full_name(self) -> str:
        """Return dataset.view."""
        return f"{self.dataset}.{self.name}"

    @property
    def all_fields(self) -> tuple[Field, ...]:
        """Return every column: a view has no lineage and no stamps."""
        return self.fields

    @property
    def input_tables(self) -> tuple[str, ...]:
        """Return the full names of the tables that the SELECT reads, sorted."""
        return tuple(sorted({match[0] for match in _TABLE_NAME.finditer(self.sql)}))

    @property
    def source(self) -> str:
        """Return what the rows are computed from, in words."""
        names = (name.rpartition(".")[2] for name in self.input_tables)
        return f"a view, computed from {', '.join(names)} when it is read"

    @property
    def sql_without_datasets(self) -> str:
        """Return the SELECT with bare table names, for a connection that finds tables by them."""
        return _TABLE_NAME.sub(r"\2", self.sql)


@cache
def get_view(name: str) -> View:
    """Return the view's definition; raises KeyError with the known names."""
    path = _FOLDER / f"{name}.json"
    if not path.exists():
        raise KeyError(f"expected a view among {list_views()}, got {name!r}")
    spec = json.loads(path.read_text())
    return View(
        spec["name"],
        spec["dataset"],
        spec["description"],
        key=tuple(spec["key"]),
        fields=tuple(parse_field(row) for row in spec["fields"]),
        sql=path.with_suffix(".sql").read_text(),
        pitfalls=tuple(spec["pitfalls"]),
    )


@cache
def list_views() -> tuple[str, ...]:
    """Return the names of all views."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))
