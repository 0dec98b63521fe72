"""The data dictionary, made from `shared/sports/mlb/tables`: a page for people, a text for models.

Nothing in it is written by hand: a column's description, unit and pitfall stand in its table's JSON.
"""

from collections.abc import Iterator
from pathlib import Path

from shared.storage.tables import LINEAGE, STAMPS, Field, Table, names, table

DOCS = Path(__file__).parents[3] / "docs"
PAGE, TEXT = "data-dictionary.md", "data-dictionary.txt"
MAKE = "make dictionary"
_SUMS = ("_states", "_lines")  # tables of sums for the next day's build: the text only names their columns


def written() -> dict[str, str]:
    """Return what each file of the dictionary holds, by its name in docs."""
    known = [table(name) for name in names()]
    return {PAGE: "\n".join(_page(known)) + "\n", TEXT: "\n".join(_text(known)) + "\n"}


def stale(docs: Path = DOCS) -> list[str]:
    """Return the names of the files that are not as they would be made now."""
    files = {name: docs / name for name in written()}
    return [
        name
        for name, told in written().items()
        if not files[name].exists() or files[name].read_text() != told
    ]


def _page(known: list[Table]) -> Iterator[str]:
    yield "# Data dictionary\n"
    yield f"Made from `shared/sports/mlb/tables` by `{MAKE}`: change a definition there, not here."
    yield "On the console: `hankstank tables`, and `hankstank tables TABLE`.\n"
    yield "| table | rows | key | day |\n|---|---|---|---|"
    for one in known:
        key = ", ".join(f"`{name}`" for name in one.key)
        yield f"| [{one.name}](#{one.name}) | {one.description} | {key} | {_code(one.partition or '')} |"
    for one in known:
        yield from _chapter(one)
    yield "\n## Columns of every table\n\nWhere a row was read, and when it came and changed.\n"
    yield from _columns((*LINEAGE, *STAMPS))


def _chapter(one: Table) -> Iterator[str]:
    yield f"\n## {one.name}\n\n`{one.full_name}`. {one.description}"
    yield f"Made by: {one.source}.\n" if one.source else ""
    yield from (f"- {pitfall}" for pitfall in one.pitfalls)
    yield ""
    yield from _columns(one.fields)


def _columns(fields: tuple[Field, ...]) -> Iterator[str]:
    yield "| column | type | unit | meaning | made from | mind |\n|---|---|---|---|---|---|"
    for field in fields:
        kind = f"{field.type}{' required' if field.required else ''}"
        cells = (_code(field.name), kind, field.unit, _meaning(field), _source(field), field.pitfall)
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _meaning(field: Field) -> str:
    bounds = f" ({_number(field.min)} to {_number(field.max)})" if None not in (field.min, field.max) else ""
    values = (
        f" ({', '.join(field.values)})" if field.values and field.values[0] not in field.description else ""
    )
    return f"{field.description}{bounds}{values}"


def _source(field: Field) -> str:
    return "; ".join(part for part in (field.inputs, field.window) if part)


def _number(value: float | None) -> str:
    return f"{value:g}"


def _code(name: str) -> str:
    return f"`{name}`" if name else ""


def _text(known: list[Table]) -> Iterator[str]:
    yield "# Hank's Tank: the tables of its warehouse, for language models."
    yield "# One line a column: name TYPE unit: meaning ! pitfall. In full: data-dictionary.md"
    yield "# Asked by `hankstank query` (DuckDB), or on BigQuery with the dataset before each name."
    everywhere = ", ".join(f"{field.name} {field.type}" for field in (*LINEAGE, *STAMPS))
    yield f"# Every table also has: {everywhere}"
    for one in known:
        yield f"\n{one.full_name}: {one.description} Key: {', '.join(one.key)}."
        yield from (f"! {pitfall}" for pitfall in one.pitfalls)
        if one.name.endswith(_SUMS):
            yield f"  {', '.join(field.name for field in one.fields)}"
        else:
            yield from _lines(one.fields)


def _lines(fields: tuple[Field, ...]) -> Iterator[str]:
    """Yield a line for all columns that mean the same, as over windows of 7, 14 and 30 days."""
    alike: dict[str, list[str]] = {}
    for field in fields:
        mind = f" ! {field.pitfall}" if field.pitfall else ""
        kind = " ".join(filter(None, (field.type, field.unit)))
        alike.setdefault(f"{kind}: {field.description}{mind}", []).append(field.name)
    yield from (f"  {', '.join(named)} {told}" for told, named in alike.items())


def main(docs: Path = DOCS) -> None:
    """Make the dictionary anew."""
    for name, told in written().items():
        (docs / name).write_text(told)


if __name__ == "__main__":
    main()
