"""The command that runs the pipeline with injected faults and compares it with a fault-free baseline."""

from pathlib import Path
from typing import Annotated

import typer

from hankstank.cli.options import MAINTENANCE_PANEL, Json
from hankstank.errors import handles_errors
from hankstank.exit_codes import FAILED

app = typer.Typer()


def _match_fault_types(text: str) -> tuple[str, ...]:
    """Return the requested names; each is a fault type or a prefix of some."""
    from hankstank.dev.fault_injection.fault_types import FAULT_TYPES

    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if not any(kind.startswith(name) for kind in FAULT_TYPES):
            raise typer.BadParameter(f"expected kinds among {', '.join(FAULT_TYPES)}, got {name!r}")
    return names


@app.command("fault-injection", rich_help_panel=MAINTENANCE_PANEL)
@handles_errors
def inject_faults(
    seed: Annotated[int, typer.Option(help="Seed of the first run; each next run has the next seed.")] = 1,
    runs: Annotated[int, typer.Option(min=1, help="Number of runs.")] = 20,
    days: Annotated[int, typer.Option(min=1, max=7, help="Days of the scenario week in each run.")] = 2,
    kinds: Annotated[
        str, typer.Option(metavar="NAME,NAME", help="Such as death,bus.late; by default all.")
    ] = "",
    sigkill: Annotated[int, typer.Option(min=0, help="Additional runs that end a process by SIGKILL.")] = 0,
    train: Annotated[bool, typer.Option("--train", help="Train and deploy models in the runs.")] = False,
    league: Annotated[int, typer.Option(help="Seed of the simulated league.")] = 7,
    workers: Annotated[int, typer.Option(min=1, max=32, help="Runs at the same time.")] = 2,
    out: Annotated[Path, typer.Option(help="Folder for the baseline, the journal and the report.")] = Path(
        "build/fault-injection"
    ),
    json: Json = False,
) -> None:
    """Run days of a small league with faults drawn from seeds; every result must equal a fault-free run's.

    A session that was interrupted resumes when you run the same command again.

    Example: hankstank fault-injection --seed 1 --runs 100
    """
    chosen = _match_fault_types(kinds)
    from hankstank import terminal
    from hankstank.dev.fault_injection import report_view, session
    from hankstank.dev.fault_injection.run import FaultPlan

    options = session.SessionOptions(
        seed, runs, FaultPlan(days, chosen, train), league, sigkill, workers, out
    )
    with terminal.show_progress(shown=not json) as progress:
        summary = session.run_session(options, progress, terminal.print_note)
    terminal.show_value(summary, report_view.draw_summary, json)
    if summary.failures:
        raise typer.Exit(FAILED)
