"""Generates the data dictionary from `shared/sports/mlb/tables`: a page and a text for language models.

A column's description, unit and pitfall are in its table's JSON.
"""

from collections.abc import Iterator
from pathlib import Path

from shared.storage.tables import LINEAGE, STAMPS, Field, Table, get_table, list_tables

DOCS = Path(__file__).parents[3] / "docs"
PAGE, TEXT = "data-dictionary.md", "data-dictionary.txt"
MAKE = "make dictionary"
_TOTALS_SUFFIXES = (
    "_states",
    "_lines",
)  # tables of running totals: the text only lists their columns


def render_files() -> dict[str, str]:
    """Return the content of each file of the dictionary, by its name in docs."""
    all_tables = [get_table(name) for name in list_tables()]
    return {PAGE: "\n".join(_page_lines(all_tables)) + "\n", TEXT: "\n".join(_text_lines(all_tables)) + "\n"}


def _page_lines(all_tables: list[Table]) -> Iterator[str]:
    yield "# Data dictionary\n"
    yield f"Made from `shared/sports/mlb/tables` by `{MAKE}`: change a definition there, not here."
    yield "On the console: `hankstank tables`, and `hankstank tables TABLE`.\n"
    yield "| table | rows | key | day |\n|---|---|---|---|"
    for one in all_tables:
        key = ", ".join(f"`{name}`" for name in one.key)
        day = _format_code(one.partition or "")
        yield f"| [{one.name}](#{one.name}) | {one.description} | {key} | {day} |"
    for one in all_tables:
        yield from _table_section(one)
    yield "\n## Columns of every table\n\nWhere a row was read, and when it came and changed.\n"
    yield from _column_table((*LINEAGE, *STAMPS))


def _table_section(described: Table) -> Iterator[str]:
    yield f"\n## {described.name}\n\n`{described.full_name}`. {described.description}"
    yield f"Made by: {described.source}.\n" if described.source else ""
    yield from (f"- {pitfall}" for pitfall in described.pitfalls)
    yield ""
    yield from _column_table(described.fields)


def _column_table(fields: tuple[Field, ...]) -> Iterator[str]:
    yield "| column | type | unit | meaning | made from | mind |\n|---|---|---|---|---|---|"
    for field in fields:
        kind = f"{field.type}{' required' if field.required else ''}"
        cells = (
            _format_code(field.name),
            kind,
            field.unit,
            _describe_field(field),
            _field_source(field),
            field.pitfall,
        )
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _describe_field(field: Field) -> str:
    bounds = (
        f" ({_format_number(field.min)} to {_format_number(field.max)})"
        if None not in (field.min, field.max)
        else ""
    )
    values = (
        f" ({', '.join(field.values)})" if field.values and field.values[0] not in field.description else ""
    )
    return f"{field.description}{bounds}{values}"


def _field_source(field: Field) -> str:
    return "; ".join(part for part in (field.inputs, field.window) if part)


def _format_number(value: float | None) -> str:
    return f"{value:g}"


def _format_code(name: str) -> str:
    return f"`{name}`" if name else ""


def _text_lines(all_tables: list[Table]) -> Iterator[str]:
    yield "# Hank's Tank: the tables of its warehouse, for language models."
    yield "# One line a column: name TYPE unit: meaning ! pitfall. In full: data-dictionary.md"
    yield "# Query them with `hankstank query` (DuckDB), or on BigQuery with the dataset before each name."
    everywhere = ", ".join(f"{field.name} {field.type}" for field in (*LINEAGE, *STAMPS))
    yield f"# Every table also has: {everywhere}"
    for one in all_tables:
        yield f"\n{one.full_name}: {one.description} Key: {', '.join(one.key)}."
        yield from (f"! {pitfall}" for pitfall in one.pitfalls)
        if one.name.endswith(_TOTALS_SUFFIXES):
            yield f"  {', '.join(field.name for field in one.fields)}"
        else:
            yield from _column_lines(one.fields)


def _column_lines(fields: tuple[Field, ...]) -> Iterator[str]:
    """Yield one line for all columns with the same meaning, as over windows of 7, 14 and 30 days."""
    names_by_meaning: dict[str, list[str]] = {}
    for field in fields:
        mind = f" ! {field.pitfall}" if field.pitfall else ""
        kind = " ".join(filter(None, (field.type, field.unit)))
        names_by_meaning.setdefault(f"{kind}: {field.description}{mind}", []).append(field.name)
    yield from (f"  {', '.join(named)} {meaning}" for meaning, named in names_by_meaning.items())


def main(docs: Path = DOCS) -> None:
    """Regenerate the dictionary."""
    for name, content in render_files().items():
        (docs / name).write_text(content)


if __name__ == "__main__":
    main()
