"""Draws the summary of a session: injected faults by type, and failed runs."""

from hankstank.dev.fault_injection.journal import JournalEntry
from hankstank.dev.fault_injection.summary import Summary
from hankstank.terminal import draw_rows, print_text

_MAX_SHOWN = 8  # things that are wrong, of one run


def draw_summary(summary: Summary) -> None:
    """Draw a session's table and its failed seeds."""
    rows = [(one.kind, f"{one.faults:,}", f"{one.runs:,}", f"{one.wrong:,}") for one in summary.kinds]
    draw_rows(("Fault", "Injected", "Runs", "Failed runs"), rows, title="Faults by type")
    began, ended = summary.memory_mb
    print_text(
        f"{summary.runs:,} runs of {summary.days} days, {summary.faults:,} injected faults, "
        f"{summary.deaths:,} crashes, {summary.letters:,} dead letters, {summary.seconds:,.0f} s"
    )
    print_text(
        f"{summary.deliveries:,} deliveries, {summary.undisturbed:,} in the baseline, "
        f"at most {summary.most_of_allowed:.0%} of what a run's faults allow; "
        f"memory of a worker {began:.0f} MB at the start, {ended:.0f} MB at the end"
    )
    for failure in summary.failures:
        _print_failure(failure)
    if summary.failures:
        print_text("Failed", style="red")
    else:
        print_text("OK: nothing lost, nothing duplicated", style="green")


def _print_failure(failure: JournalEntry) -> None:
    run = failure.outcome
    print_text(f"\nSeed {run.seed}, days {run.days[0]} to {run.days[-1]}", style="red")
    shown = {"injected, in order:": run.hits, "the fewest faults that still fail:": failure.shrunk}
    for title, lines in {"": run.wrong[:_MAX_SHOWN], **shown}.items():
        if lines:
            print_text("\n".join([*filter(None, [title]), *(f"  {line}" for line in lines)]))
    print_text(f"run it alone: hankstank fault-injection --seed {run.seed} --runs 1 --days {len(run.days)}")
