"""The command that runs a whole season on one machine, and its status."""

import sys
from typing import Annotated

import typer

from hankstank.cli.options import DATA, HOME, RUN_PANEL, Data, From, Home, Json, Seed, Until
from hankstank.errors import handles_errors, handles_errors_read_only
from hankstank.local.run_plan import Source

PANEL = RUN_PANEL
app = typer.Typer(
    help="Run the whole season by schedule: collection, features, models, forecasts, grading, API and pages.",
    invoke_without_command=True,
)


def _read_speed(text: str) -> float:
    """Return how many seconds pass in one; 0 for full speed."""
    try:
        speed = 0.0 if text == "max" else float(text)
    except ValueError:
        speed = -1.0
    if speed < 0 or (speed == 0 and text != "max"):
        raise typer.BadParameter(f"expected a number above 0, or max, got {text}")
    return speed


@app.callback()
@handles_errors
def live(
    context: typer.Context,
    source: Annotated[Source, typer.Option(help="Where the games come from.")] = "mlb",
    season: Annotated[
        int | None, typer.Option(help="Season; default: the league's, or the newest in --data.")
    ] = None,
    history: Annotated[int | None, typer.Option(help="First season to train on (retrosheet).")] = None,
    seed: Seed = 7,
    first: From = None,
    last: Until = None,
    backfill_from: Annotated[
        str | None,
        typer.Option(
            metavar="SEASON|DATE", help="First start: the first season or day to fill the stores with (mlb)."
        ),
    ] = None,
    speed: Annotated[
        float,
        typer.Option(
            parser=_read_speed, metavar="N|max", help="Simulated seconds in one; max: as fast as the work."
        ),
    ] = 1.0,
    host: Annotated[str, typer.Option(help="Address that the pages and the API listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Their port; 0 picks a free one.")] = 8080,
    serves: Annotated[
        bool, typer.Option("--api/--no-api", help="Run the pages and the API beside it.")
    ] = True,
    data: Data = DATA,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Run the whole season by schedule: collection, features, models, forecasts, grading, API and pages.

    Example: hankstank live --source league --speed max --until 2026-06-30
    """
    if context.invoked_subcommand is not None:
        return
    from hankstank import terminal
    from hankstank.cli import live_views
    from hankstank.live import service
    from hankstank.local.runs import RunOptions

    run = RunOptions(source, season, history, seed, first, None, 1, data, home)
    options = service.LiveOptions(run, speed or None, last, backfill_from, host, port if serves else None)
    questions = live_views.first_start_questions() if sys.stdin.isatty() and not json else None
    with terminal.show_progress(shown=not json and source != "mlb") as progress:  # its first start reports
        summary = service.run_live(options, progress, terminal.print_note, questions)
    terminal.show_value(summary, live_views.draw_live_end, json)


@app.command()
@handles_errors_read_only
def status(home: Home = HOME, json: Json = False) -> None:
    """Show what runs now, what is next, and when each schedule last ran and how it ended.

    Example: hankstank live status
    """
    from hankstank import terminal
    from hankstank.cli import live_views
    from hankstank.live import status as live_status

    terminal.show_value(live_status.read_live_status(home), live_views.draw_live_status, json)
