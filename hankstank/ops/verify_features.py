"""Whether every feature that a model may read has values on every day that has rows."""

from collections.abc import Collection, Iterator
from pathlib import Path

from services.features.feature_groups import expected_columns
from shared.adapters.local import duckdb_reader
from shared.storage import tables
from shared.storage.tables import Field, Table


def find_null_columns(warehouse: Path, filled: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield each feature column that is null in every row of some days although its inputs have rows.

    Of a table with variants of line-ups, the posted ones count.

    Args:
        warehouse: the DuckDB file.
        filled: the names of all tables that have rows.

    Yields the table's full name and a sentence; raises StoreUnavailable.
    """
    expected: dict[str, list[Field]] = {}
    for name, one in expected_columns():
        if name in filled and set(one.input_tables) <= set(filled):
            expected.setdefault(name, []).append(one)
    for name, columns in expected.items():
        yield from _null_days(tables.get_table(name), columns, warehouse)


def _null_days(table: Table, columns: list[Field], warehouse: Path) -> Iterator[tuple[str, str]]:
    counts = ", ".join(_count_expression(one) for one in columns)
    day = table.partition
    posted = "where variant = 'confirmed'" if "variant" in table.key else ""
    sql = f"select {day} as day, {counts} from {table.name} {posted} group by all order by day"  # noqa: S608
    daily = duckdb_reader.select_rows(warehouse, sql)
    for one in columns:
        null = daily.filter(daily[one.name] == 0)["day"].to_list()
        if null:
            days = f"{len(null)} of {daily.height} days, {min(null)} to {max(null)}"
            what = f"null in every row of {days}, although its inputs have rows"
            yield table.full_name, f"{one.name}: {what}: `hankstank rebuild` computes it again"


def _count_expression(column: Field) -> str:
    """Return SQL that is 0 where the rows that should have the column exist and none has it, else above 0."""
    among = f"role = '{column.role}'" if column.role else "true"
    counted = f"count(*) filter ({among} and {column.name} is not null)"
    return f"case when count_if({among}) = 0 then 1 else {counted} end as {column.name}"
