"""Figures for people: a table on the screen, or in Markdown."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.bench.figures import Figure

_HEADINGS = ("benchmark", "what", "measured", "target")


def show(figures: Sequence[Figure], machine: dict[str, Any], console: Console) -> None:
    """Print a table with a section a benchmark, how each was measured, and the machine."""
    table = Table(*_HEADINGS[:2], "measured", "target", title=_machine(machine), title_justify="left")
    for _, own in groupby(figures, key=lambda figure: figure.bench):
        for figure in own:
            table.add_row(figure.bench, escape(figure.what), _value(figure), figure.target)
        table.add_section()
    console.print(table)
    for bench, how in _hows(figures):
        console.print(f"{bench}: {escape(how)}", style="dim", highlight=False)


def markdown(figures: Sequence[Figure], machine: dict[str, Any]) -> str:
    """Return the same as Markdown."""
    lines = [f"| {' | '.join(_HEADINGS)} |", "|---|---|---:|---|"]
    rows = ((one.bench, one.what, _value(one), one.target) for one in figures)
    lines += [f"| {' | '.join(row)} |" for row in rows]
    notes = [f"- {bench}: {how}" for bench, how in _hows(figures)]
    return "\n".join([*lines, "", _machine(machine), "", *notes])


def _value(figure: Figure) -> str:
    digits = 0 if abs(figure.value) >= 100 else 1 if abs(figure.value) >= 10 else 2
    return f"{figure.value:,.{digits}f} {figure.unit}"


def _hows(figures: Iterable[Figure]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((figure.bench, figure.how) for figure in figures))


def _machine(machine: dict[str, Any]) -> str:
    load = ", ".join(f"{one:.1f}" for one in machine["load_average"])
    result = f"{machine['date'][:10]}: {machine['cores']} cores ({machine['processor']}), {machine['system']}"
    return f"{result}, Python {machine['python']}, load average {load}"
