"""Generates the data dictionary from `shared/sports/mlb/tables` and `views`: a page and a text for models.

A column's description, unit and pitfall are in the JSON of its table or view, the layout is in the templates
beside this module. The text is for language models.
"""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.storage.tables import LINEAGE, STAMPS, Field, get_table, list_tables
from shared.storage.views import get_view, list_views

DOCS = Path(__file__).parents[3] / "docs"
PAGE, TEXT = "data-dictionary.md", "data-dictionary.txt"


def render_files() -> dict[str, str]:
    """Return the content of each file of the dictionary, by its name in docs."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - Markdown and plain text, of our own tables
        keep_trailing_newline=True,
    )
    templates.filters |= {"cell": _escape_cell, "meaning": _describe_field, "by_meaning": _group_by_meaning}
    described = [*map(get_table, list_tables()), *map(get_view, list_views())]
    values = {"tables": described, "views": list_views(), "everywhere": (*LINEAGE, *STAMPS)}
    return {name: templates.get_template(f"{name}.j2").render(values) for name in (PAGE, TEXT)}


def _escape_cell(text: str) -> str:
    return text.replace("|", "&#124;")


def _describe_field(field: Field) -> str:
    is_bounded = field.min is not None and field.max is not None
    bounds = f" ({field.min:g} to {field.max:g})" if is_bounded else ""
    is_listed = field.values and field.values[0] not in field.description
    values = f" ({', '.join(field.values)})" if is_listed else ""
    earlier = ", ".join(f"`{name}`" for name in field.formerly)
    return f"{field.description}{bounds}{values}{f'; formerly {earlier}' if earlier else ''}"


def _group_by_meaning(fields: tuple[Field, ...]) -> list[tuple[str, list[str]]]:
    """Return the columns of each meaning: one line for windows of 7, 14 and 30 days."""
    names: dict[str, list[str]] = {}
    for field in fields:
        mind = f" ! {field.pitfall}" if field.pitfall else ""
        kind = " ".join(filter(None, (field.type, field.unit)))
        names.setdefault(f"{kind}: {field.description}{mind}", []).append(field.name)
    return list(names.items())


def main(docs: Path = DOCS) -> None:
    """Regenerate the dictionary."""
    for name, content in render_files().items():
        (docs / name).write_text(content)


if __name__ == "__main__":
    main()
