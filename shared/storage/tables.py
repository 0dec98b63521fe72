"""Table definitions from the JSON files in `tables/`: key, scope, partition and columns."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

_FOLDER = Path(__file__).parents[1] / "sports/mlb/tables"
_POLARS: dict[str, pl.DataType] = {
    "INTEGER": pl.Int64(),
    "FLOAT": pl.Float64(),
    "STRING": pl.String(),
    "BOOLEAN": pl.Boolean(),
    "DATE": pl.Date(),
    "TIMESTAMP": pl.Datetime("us", "UTC"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One column: BigQuery type, whether it is required, and its plausible values."""

    name: str
    type: str
    description: str
    required: bool = False
    min: float | None = None
    max: float | None = None
    values: tuple[str, ...] = ()
    unit: str = ""
    window: str = ""  # this and the next three only where a model may read the column
    inputs: str = ""
    role: str = ""  # batter or starter where only rows of that role have it
    family: str = ""  # the kind of knowledge, such as batting form or rest and travel
    targets: tuple[str, ...] = ()  # targets whose models read it, beside those whose record names it
    earlier_value: str = ""  # of rows stored before the column was: a new required column needs one
    formerly: tuple[str, ...] = ()  # earlier names: stored columns, frames and models have them
    pitfall: str = ""  # what readers often get wrong

    @property
    def is_feature(self) -> bool:
        """Return whether a model may read this column: it was known before the first pitch."""
        return bool(self.window)

    @property
    def refuses_null(self) -> bool:
        """Return whether the stored column refuses null; one added to a table with rows cannot."""
        return self.required and not self.earlier_value

    @property
    def input_tables(self) -> tuple[str, ...]:
        """Return the tables that a feature is computed from; line-ups have none of their own."""
        return tuple(name for name in self.inputs.split(", ") if (_FOLDER / f"{name}.json").exists())

    @property
    def dtype(self) -> pl.DataType:
        """Return the Polars type."""
        return _POLARS[self.type]


def parse_field(row: dict[str, Any]) -> Field:
    """Return a column from the JSON of its definition."""
    lists = {name: tuple(row.get(name, ())) for name in ("values", "formerly", "targets")}
    return Field(**{**row, **lists})


_EVERYWHERE = json.loads(Path(__file__).with_name("lineage.json").read_text())
LINEAGE = tuple(parse_field(row) for row in _EVERYWHERE["lineage"])  # where a staged row was read
STAMPS = tuple(parse_field(row) for row in _EVERYWHERE["stamps"])  # when a stored row was made and changed


@dataclass(frozen=True, slots=True)
class Table:
    """A table's definition. `scope` names the columns within which a newer batch replaces all rows."""

    name: str
    dataset: str
    description: str
    key: tuple[str, ...]
    scope: tuple[str, ...]
    partition: str | None
    cluster: tuple[str, ...]
    fields: tuple[Field, ...]  # without lineage and stamps
    require_partition_filter: bool = False  # BigQuery refuses a question that could read the whole table
    snapshot_name: str = ""  # what a snapshot calls its rows of this table, where it has another name there
    source: str = ""  # which service makes its rows, and from what
    pitfalls: tuple[str, ...] = ()  # what a reader of the whole table would get wrong

    @property
    def full_name(self) -> str:
        """Return dataset.table."""
        return f"{self.dataset}.{self.name}"

    @property
    def staged_fields(self) -> tuple[Field, ...]:
        """Return what a staged row has: the table's own columns and lineage."""
        return self.fields + LINEAGE

    @property
    def all_fields(self) -> tuple[Field, ...]:
        """Return every column of the stored table."""
        return self.fields + LINEAGE + STAMPS

    @property
    def current_names(self) -> dict[str, str]:
        """Return what every column with an earlier name is called now, by that name."""
        return {earlier: field.name for field in self.all_fields for earlier in field.formerly}

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Return the Polars schema of a staged row."""
        return {field.name: field.dtype for field in self.staged_fields}

    @property
    def by_game(self) -> bool:
        """Return whether rows are replaced game by game."""
        return self.scope == ("game_pk",)


@cache
def get_table(name: str) -> Table:
    """Return the table's definition; raises KeyError with the known names."""
    path = _FOLDER / f"{name}.json"
    if not path.exists():
        raise KeyError(f"expected a table among {list_tables()}, got {name!r}")
    return parse_table(json.loads(path.read_text()))


@cache
def list_tables(dataset: str | None = None) -> tuple[str, ...]:
    """Return the names of all tables, or of one dataset's."""
    found = sorted(path.stem for path in _FOLDER.glob("*.json"))
    return tuple(name for name in found if dataset in (None, get_table(name).dataset))


@cache
def current_feature_names() -> dict[str, str]:
    """Return what every feature with an earlier name is called now, by that name, over all tables.

    A model's manifest and its trees name features without their table.
    """
    every = (get_table(name) for name in list_tables())
    with_features = (table for table in every if any(field.is_feature for field in table.fields))
    return {earlier: name for table in with_features for earlier, name in table.current_names.items()}


def parse_table(spec: dict[str, Any]) -> Table:
    """Return a table from the JSON of its definition."""
    fields = tuple(parse_field(row) for row in spec["fields"])
    lists = {name: tuple(spec[name]) for name in ("key", "scope", "cluster")}
    return Table(
        spec["name"],
        spec["dataset"],
        spec["description"],
        partition=spec["partition"],
        require_partition_filter=spec.get("require_partition_filter", False),
        snapshot_name=spec.get("snapshot_name", ""),
        source=spec.get("source", ""),
        pitfalls=tuple(spec.get("pitfalls", ())),
        fields=fields,
        **lists,
    )
