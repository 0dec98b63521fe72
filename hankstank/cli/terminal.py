"""The terminal: where things are printed, how wide it is, and tables that fit it."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

T = TypeVar("T")
_LONGEST_WORD = 30
_PIPED_WIDTH = 200  # nobody reads a pipe's lines by the width of his window


def stdout_console() -> Console:
    """Return where a command's answer goes; colours only on a terminal, and never against NO_COLOR."""
    has_width = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(highlight=False, emoji=False, width=None if has_width else _PIPED_WIDTH)


def print_error(message: str) -> None:
    """Say on stderr why a command failed."""
    err = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)
    err.print(f"hankstank: {message}", style="red", markup=False)


def print_note(message: str) -> None:
    """Say on stderr how a long command begins."""
    sys.stderr.write(f"hankstank: {message}\n")


def print_line(text: str) -> None:
    """Print a line that programs may read too."""
    sys.stdout.write(text + "\n")


def show_value(value: T, draw: Callable[[T], None], as_json: bool) -> None:
    """Print a value as JSON, or draw it."""
    if as_json:
        print_line(msgspec.json.encode(value, enc_hook=str).decode())
    else:
        draw(value)


def draw_rows(headers: Sequence[str], rows: Sequence[Sequence[str]], title: str | None = None) -> None:
    """Draw rows as a table; where that is too wide even when wrapped at words, each row as lines."""
    paper = stdout_console()
    table = Table(box=None, title=title, title_justify="left", header_style="bold", pad_edge=False)
    for header in headers:
        table.add_column(header)
    for row in rows:
        table.add_row(*map(Text, row))
    if _least_width(headers, rows) <= paper.width:
        paper.print(table)
    else:
        _draw_lines(paper, headers, rows, title)


def _least_width(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Return how wide a table is whose cells are wrapped at words; a longer word may be broken."""
    columns = zip(headers, *rows, strict=True)
    words = [max((len(word) for cell in column for word in cell.split()), default=0) for column in columns]
    return sum(min(longest, _LONGEST_WORD) for longest in words) + 2 * (len(words) - 1)


def _draw_lines(
    paper: Console, headers: Sequence[str], rows: Sequence[Sequence[str]], title: str | None
) -> None:
    if title:
        paper.print(title, style="italic", markup=False)
    for number, row in enumerate(rows):
        if number:
            paper.print()
        for header, cell in zip(headers, row, strict=True):
            if cell:
                paper.print(Text.assemble((header, "bold"), " " if header else "", cell))


@contextmanager
def show_progress(shown: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Yield a function (what, done, of) that shows progress on stderr.

    On a terminal a bar moves; elsewhere each new thing done is a line, so that a log shows what goes on.
    """
    if shown and not sys.stderr.isatty():
        yield _progress_lines()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not shown) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda what, done, of: bar.update(task, description=what, completed=done, total=of)


def _progress_lines() -> Callable[[str, int, int], None]:
    last = ""

    def show_line(what: str, done: int, of: int) -> None:
        nonlocal last
        if what != last:
            print_note(f"{what} ({done} of {of})")
            last = what

    return show_line
