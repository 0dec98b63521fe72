"""What people see of a session: how often each kind of fault struck and what came of it, and what failed."""

from rich.console import Console
from rich.table import Table

from hankstank.cli.terminal import stdout_console
from hankstank.dev.fault_injection.journal import JournalEntry
from hankstank.dev.fault_injection.summary import Summary

_MAX_SHOWN = 8  # things that are wrong, of one run


def draw_summary(summary: Summary) -> None:
    """Draw a session's table and its failing seeds."""
    console = stdout_console()
    table = Table("Fault", "Strokes", "Runs", "Of them wrong", title="Faults by kind")
    for fault_count in summary.kinds:
        wrong = f"[red]{fault_count.wrong}[/]" if fault_count.wrong else "0"
        table.add_row(fault_count.kind, f"{fault_count.strokes:,}", f"{fault_count.runs:,}", wrong)
    console.print(table)
    began, ended = summary.memory_mb
    console.print(
        f"{summary.runs:,} runs of {summary.days} days, {summary.strokes:,} strokes, "
        f"{summary.deaths:,} deaths, {summary.letters:,} dead letters, {summary.seconds:,.0f} s"
    )
    console.print(
        f"{summary.deliveries:,} deliveries where {summary.undisturbed:,} would have been made undisturbed, "
        f"at most {summary.most_of_allowed:.0%} of what a run's faults excuse; "
        f"memory of a worker {began:.0f} MB in the beginning, {ended:.0f} MB in the end"
    )
    for failure in summary.failures:
        _print_failure(failure, console)
    console.print("[green]Nothing lost, nothing doubled[/]" if not summary.failures else "[red]See above[/]")


def _print_failure(failure: JournalEntry, console: Console) -> None:
    run = failure.outcome
    console.print(f"\n[red]Seed {run.seed}, days {run.days[0]} to {run.days[-1]}[/]")
    for wrong in run.wrong[:_MAX_SHOWN]:
        console.print(f"  {wrong}", markup=False)
    console.print("what struck, in order:")
    for hit in run.hits:
        console.print(f"  {hit}", markup=False)
    if failure.shrunk:
        console.print("and as little of it as still fails:")
        for fault in failure.shrunk:
            console.print(f"  {fault}", markup=False)
    console.print(f"replay it alone: hankstank chaos --seed {run.seed} --runs 1 --days {len(run.days)}")
