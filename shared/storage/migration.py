"""How a standing table comes to fit its definition: columns added, renamed, widened or relaxed; else refused.

A column is renamed by naming what it was called in its `alias`, and widened by giving it a type that can
hold every value of the old one. A column that is defined no more stays, with nothing written to it.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from shared.errors import TableMismatch
from shared.storage.tables import Field, Table

WIDER = {"INTEGER": "FLOAT"}  # the type on the right holds what stands in the one on the left
_ADVICE = "give the changed column a new name, or rebuild the warehouse from the archive"


@dataclass(frozen=True, slots=True)
class Added:
    """A column lacks and is made, null in every row that stands."""

    field: Field


@dataclass(frozen=True, slots=True)
class Renamed:
    """A column stands under a name that it had before."""

    field: Field
    was: str


@dataclass(frozen=True, slots=True)
class Widened:
    """A column stands with a narrower type."""

    field: Field


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A column that stands as required may lack from now on."""

    name: str


Change = Added | Renamed | Widened | Relaxed


def changes(table: Table, standing: Mapping[str, str], required: Collection[str] = ()) -> list[Change]:
    """Return what makes a standing table fit its definition, in the order in which to do it.

    `standing` has the standing columns' types in the definition's words, `required` the names of those
    that refuse null. Raises TableMismatch for a change that would lose or invent values.
    """
    needed = [change for field in table.all_fields for change in _changes(table, field, standing)]
    return [*needed, *_relaxed(table, needed, required)]


def standing_name(field: Field, standing: Collection[str]) -> str | None:
    """Return the name under which a column stands: its own, else one that it had before, else None."""
    return next((name for name in (field.name, *field.alias) if name in standing), None)


def _changes(table: Table, field: Field, standing: Mapping[str, str]) -> Iterator[Change]:
    where = f"{table.full_name}.{field.name}"
    name = standing_name(field, standing)
    if name is None:
        if field.required:
            message = "expected a nullable column, a required one is new: make it nullable"
            raise TableMismatch(f"{where}: {message}")
        yield Added(field)
        return
    if name != field.name:
        yield Renamed(field, name)
    if standing[name] != field.type:
        if WIDER.get(standing[name]) != field.type:
            message = f"expected {field.type}, the table has {standing[name]}"
            raise TableMismatch(f"{where}: {message}: {_ADVICE}")
        yield Widened(field)


def _relaxed(table: Table, needed: list[Change], required: Collection[str]) -> Iterator[Relaxed]:
    renamed = {change.was: change.field.name for change in needed if isinstance(change, Renamed)}
    kept = {field.name for field in table.all_fields if field.required}
    yield from (Relaxed(name) for name in sorted({renamed.get(one, one) for one in required} - kept))
