"""Draws the summary of a session: injected faults by type, and failed runs."""

from rich.console import Console
from rich.table import Table

from hankstank.cli.terminal import stdout_console
from hankstank.dev.fault_injection.journal import JournalEntry
from hankstank.dev.fault_injection.summary import Summary

_MAX_SHOWN = 8  # things that are wrong, of one run


def draw_summary(summary: Summary) -> None:
    """Draw a session's table and its failed seeds."""
    console = stdout_console()
    table = Table("Fault", "Injected", "Runs", "Failed runs", title="Faults by type")
    for fault_count in summary.kinds:
        wrong = f"[red]{fault_count.wrong}[/]" if fault_count.wrong else "0"
        table.add_row(fault_count.kind, f"{fault_count.faults:,}", f"{fault_count.runs:,}", wrong)
    console.print(table)
    began, ended = summary.memory_mb
    console.print(
        f"{summary.runs:,} runs of {summary.days} days, {summary.faults:,} injected faults, "
        f"{summary.deaths:,} crashes, {summary.letters:,} dead letters, {summary.seconds:,.0f} s"
    )
    console.print(
        f"{summary.deliveries:,} deliveries, {summary.undisturbed:,} in the baseline, "
        f"at most {summary.most_of_allowed:.0%} of what a run's faults allow; "
        f"memory of a worker {began:.0f} MB at the start, {ended:.0f} MB at the end"
    )
    for failure in summary.failures:
        _print_failure(failure, console)
    console.print(
        "[green]OK: nothing lost, nothing duplicated[/]" if not summary.failures else "[red]Failed[/]"
    )


def _print_failure(failure: JournalEntry, console: Console) -> None:
    run = failure.outcome
    console.print(f"\n[red]Seed {run.seed}, days {run.days[0]} to {run.days[-1]}[/]")
    for wrong in run.wrong[:_MAX_SHOWN]:
        console.print(f"  {wrong}", markup=False)
    console.print("injected, in order:")
    for hit in run.hits:
        console.print(f"  {hit}", markup=False)
    if failure.shrunk:
        console.print("the fewest faults that still fail:")
        for fault in failure.shrunk:
            console.print(f"  {fault}", markup=False)
    console.print(
        f"run it alone: hankstank fault-injection --seed {run.seed} --runs 1 --days {len(run.days)}"
    )
