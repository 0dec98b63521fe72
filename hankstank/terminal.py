"""Printing to the terminal: width, colours, tables that fit, progress."""

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
_PIPED_WIDTH = 200  # a pipe has no window that limits its width


def stdout_console() -> Console:
    """Return the console on stdout; coloured only on a terminal and if NO_COLOR is not set."""
    has_width = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(highlight=False, emoji=False, width=None if has_width else _PIPED_WIDTH)


def print_error(message: str) -> None:
    """Print an error on stderr."""
    err = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)
    err.print(f"hankstank: {message}", style="red", markup=False)


def print_note(message: str) -> None:
    """Print a note on stderr."""
    sys.stderr.write(f"hankstank: {message}\n")


def print_text(text: str, style: str | None = None) -> None:
    """Print text on stdout as it is, wrapped to the terminal."""
    stdout_console().print(text, style=style, markup=False)


def print_line(text: str) -> None:
    """Print a plain line on stdout."""
    sys.stdout.write(text + "\n")


def show_value(value: T, draw: Callable[[T], None], as_json: bool) -> None:
    """Print a value as JSON, or draw it."""
    if as_json:
        print_line(msgspec.json.encode(value, enc_hook=str).decode())
    else:
        draw(value)


def draw_rows(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    title: str | None = None,
    empty: str = "",
    right: Sequence[str] = (),
) -> None:
    """Draw rows as a table; if it is too wide even when wrapped at words, one line for each cell.

    Without rows print `empty`, if given. Columns named in `right` are aligned to the right.
    """
    if empty and not rows:
        print_text(empty)
        return
    console = stdout_console()
    table = Table(box=None, title=title, title_justify="left", header_style="bold", pad_edge=False)
    for header in headers:
        table.add_column(header, justify="right" if header in right else "left")
    for row in rows:
        table.add_row(*map(Text, row))
    if _least_width(headers, rows) <= console.width:
        console.print(table)
    else:
        _draw_lines(console, headers, rows, title)


def _least_width(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Return the width of a table wrapped at words; words over `_LONGEST_WORD` may be broken."""
    columns = zip(headers, *rows, strict=True)
    words = [max((len(word) for cell in column for word in cell.split()), default=0) for column in columns]
    return sum(min(longest, _LONGEST_WORD) for longest in words) + 2 * (len(words) - 1)


def _draw_lines(
    console: Console, headers: Sequence[str], rows: Sequence[Sequence[str]], title: str | None
) -> None:
    if title:
        console.print(title, style="italic", markup=False)
    for number, row in enumerate(rows):
        if number:
            console.print()
        for header, cell in zip(headers, row, strict=True):
            if cell:
                console.print(Text.assemble((header, "bold"), " " if header else "", cell))


@contextmanager
def show_progress(shown: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Yield a function (what, done, of) that shows progress on stderr.

    A bar on a terminal; elsewhere a line for each new `what`, so that a log shows the progress.
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
