"""The command that lives a small league's days again with faults."""

from pathlib import Path
from typing import Annotated

import typer

from hankstank.cli.errors import handles_errors
from hankstank.cli.options import MAINTENANCE_PANEL, Json
from hankstank.exit_codes import FAILED

app = typer.Typer()


def _match_fault_types(text: str) -> tuple[str, ...]:
    """Return the names asked for; each is a kind of fault or the beginning of some."""
    from hankstank.dev.fault_injection.fault_types import FAULT_TYPES

    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if not any(kind.startswith(name) for kind in FAULT_TYPES):
            raise typer.BadParameter(f"expected kinds among {', '.join(FAULT_TYPES)}, got {name!r}")
    return names


@app.command(rich_help_panel=MAINTENANCE_PANEL)
@handles_errors
def chaos(
    seed: Annotated[int, typer.Option(help="Seed of the first run; each next run has the next seed.")] = 1,
    runs: Annotated[int, typer.Option(min=1, help="How many runs.")] = 20,
    days: Annotated[int, typer.Option(min=1, max=7, help="Days of the week that each run lives.")] = 2,
    kinds: Annotated[
        str, typer.Option(metavar="NAME,NAME", help="Such as death,bus.late; by default all.")
    ] = "",
    kills: Annotated[int, typer.Option(min=0, help="Runs more whose process is really killed.")] = 0,
    learns: Annotated[bool, typer.Option("--learns", help="Let models be deployed in the runs.")] = False,
    league: Annotated[int, typer.Option(help="Seed of the simulated league.")] = 7,
    workers: Annotated[int, typer.Option(min=1, max=32, help="Runs at a time.")] = 2,
    out: Annotated[
        Path, typer.Option(help="Folder for the undisturbed week, the journal and the report.")
    ] = Path("build/chaos"),
    json: Json = False,
) -> None:
    """Live a small league's days again with faults drawn from seeds, and demand that nothing differs.

    A session that was stopped goes on where it stopped when the same is asked again.

    Example: hankstank chaos --seed 1 --runs 100
    """
    chosen = _match_fault_types(kinds)
    from hankstank.cli import terminal
    from hankstank.dev.fault_injection import report_view, session
    from hankstank.dev.fault_injection.run import FaultPlan

    choice = session.SessionOptions(seed, runs, FaultPlan(days, chosen, learns), league, kills, workers, out)
    with terminal.show_progress(shown=not json) as progress:
        summary = session.run_session(choice, progress, terminal.print_note)
    terminal.show_value(summary, report_view.draw_summary, json)
    if summary.failures:
        raise typer.Exit(FAILED)
