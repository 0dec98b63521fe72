"""Change a stored table to fit its definition: add, rename, widen or relax columns, or refuse.

A column is renamed by naming what it was called in its `formerly`, and widened by giving it a type that can
hold every value of the old one. A column that is defined no more stays, with nothing written to it.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from shared.errors import TableMismatch
from shared.storage.tables import Field, Table

WIDER = {"INTEGER": "FLOAT"}  # the type on the right holds every value of the one on the left
_ADVICE = "give the changed column a new name, or rebuild the warehouse from the archive"


@dataclass(frozen=True, slots=True)
class AddedColumn:
    """A column is missing and is added; stored rows have its `earlier_value`, null where it has none."""

    field: Field


@dataclass(frozen=True, slots=True)
class RenamedColumn:
    """A column is stored under an earlier name."""

    field: Field
    was: str


@dataclass(frozen=True, slots=True)
class WidenedColumn:
    """A column is stored with a narrower type."""

    field: Field


@dataclass(frozen=True, slots=True)
class RelaxedColumn:
    """A column is stored as required and may be null from now on."""

    name: str


ColumnChange = AddedColumn | RenamedColumn | WidenedColumn | RelaxedColumn


def plan_changes(
    table: Table, stored: Mapping[str, str], required: Collection[str] = ()
) -> list[ColumnChange]:
    """Return the changes that make a stored table fit its definition, in order.

    `stored` has the types of the stored columns, named as definitions name them; `required` has the names
    of those that refuse null. Raises TableMismatch for a change that would lose or invent values.
    """
    needed = [change for field in table.all_fields for change in _column_changes(table, field, stored)]
    return [*needed, *_relaxed_columns(table, needed, required)]


def stored_name(field: Field, stored: Collection[str]) -> str | None:
    """Return the name under which a column is stored: its own, else an earlier one, else None."""
    return next((name for name in (field.name, *field.formerly) if name in stored), None)


def _column_changes(table: Table, field: Field, stored: Mapping[str, str]) -> Iterator[ColumnChange]:
    where = f"{table.full_name}.{field.name}"
    name = stored_name(field, stored)
    if name is None:
        if field.required and not field.earlier_value:
            message = "expected a nullable column, a required one is new: make it nullable, or give it an "
            message += "earlier_value"
            raise TableMismatch(f"{where}: {message}")
        yield AddedColumn(field)
        return
    if name != field.name:
        yield RenamedColumn(field, name)
    if stored[name] != field.type:
        if WIDER.get(stored[name]) != field.type:
            message = f"expected {field.type}, the table has {stored[name]}"
            raise TableMismatch(f"{where}: {message}: {_ADVICE}")
        yield WidenedColumn(field)


def _relaxed_columns(
    table: Table, needed: list[ColumnChange], required: Collection[str]
) -> Iterator[RelaxedColumn]:
    renamed = {change.was: change.field.name for change in needed if isinstance(change, RenamedColumn)}
    kept = {field.name for field in table.all_fields if field.required}
    yield from (RelaxedColumn(name) for name in sorted({renamed.get(one, one) for one in required} - kept))
