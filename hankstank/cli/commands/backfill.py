"""Commands that backfill past seasons, and steer and describe a backfill that runs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from hankstank.cli.options import DATA, HOME, RUN_PANEL, Data, From, Home, Json, To
from hankstank.errors import handles_errors, handles_errors_read_only
from hankstank.local.run_plan import BackfillSource
from shared.messaging.events import Sport

PANEL = RUN_PANEL
app = typer.Typer(invoke_without_command=True, suggest_commands=True)

Workers = Annotated[
    int | None, typer.Option(min=1, max=25, help="Games fetched at a time; default: of the settings.")
]
Pace = Annotated[
    float | None,
    typer.Option(min=0.01, metavar="R/S", help="Requests a second, at most; default: of the settings."),
]
Seasons = Annotated[list[int] | None, typer.Option(help="Season; may be repeated.")]


@app.callback(rich_help_panel=RUN_PANEL)
@handles_errors
def backfill(
    context: typer.Context,
    season: Seasons = None,
    month: Annotated[int | None, typer.Option(min=1, max=12, help="Only this month of each season.")] = None,
    first: From = None,
    last: To = None,
    source: Annotated[
        BackfillSource | None,
        typer.Option(help="Where the games come from; default: as the stores, else the live API."),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Fetch stored games again.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what it would do.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Fetch at most N games.")] = None,
    workers: Workers = None,
    pace: Pace = None,
    sport: Annotated[Sport, typer.Option(help="Sport.")] = "mlb",
    train: Annotated[bool, typer.Option("--train", help="Train and release models at the end.")] = False,
    data: Data = DATA,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Collect past seasons, apart from live days; run it again to continue. Trains nothing.

    Example: hankstank backfill --season 2016 --source retrosheet --data ../shared/data
    """
    if context.invoked_subcommand:
        return
    from hankstank import terminal
    from hankstank.cli import backfill_views
    from hankstank.local import backfill as on_machine
    from hankstank.ops import project_backfill as on_project
    from shared.runtime.settings import Settings

    job = on_project if Settings(home=home).project else on_machine
    options = on_machine.BackfillOptions(
        tuple(season or ()), data, home, month, first, last, source, fresh, limit, workers, pace, train, sport
    )
    if dry_run:
        terminal.show_value(job.plan_dry_run(options), backfill_views.draw_dry_run, json)
        return
    with backfill_views.show_backfill(shown=not json) as on_progress:
        result = job.run_backfill(options, on_progress)
    terminal.show_value(result, backfill_views.draw_result, json)


@app.command()
@handles_errors_read_only
def status(home: Home = HOME, json: Json = False) -> None:
    """Show how far the running backfill is, or how the last one ended.

    Example: hankstank backfill status
    """
    from hankstank import terminal
    from hankstank.cli import backfill_views
    from hankstank.ops import backfill_control

    terminal.show_value(backfill_control.read_progress(home), backfill_views.draw_status, json)


@app.command()
@handles_errors
def tune(workers: Workers = None, pace: Pace = None, home: Home = HOME, json: Json = False) -> None:
    """Change the workers or the pace of the running backfill; they hold from the next game on.

    Example: hankstank backfill tune --workers 20 --pace 12
    """
    from hankstank import terminal
    from hankstank.cli import backfill_views
    from hankstank.ops import backfill_control

    if workers is None and pace is None:
        raise typer.BadParameter("expected --workers, --pace, or both")
    changed = backfill_control.steer_backfill(home, workers=workers, pace=pace)
    terminal.show_value(changed, backfill_views.draw_control, json)


@app.command()
@handles_errors
def pause(home: Home = HOME, json: Json = False) -> None:
    """Pause the running backfill after the games under way.

    Example: hankstank backfill pause
    """
    from hankstank import terminal
    from hankstank.cli import backfill_views
    from hankstank.ops import backfill_control

    changed = backfill_control.steer_backfill(home, "pause")
    terminal.show_value(changed, backfill_views.draw_control, json)


@app.command()
@handles_errors
def resume(home: Home = HOME, json: Json = False) -> None:
    """Let a paused backfill go on.

    Example: hankstank backfill resume
    """
    from hankstank import terminal
    from hankstank.cli import backfill_views
    from hankstank.ops import backfill_control

    terminal.show_value(backfill_control.steer_backfill(home, "run"), backfill_views.draw_control, json)


@app.command()
@handles_errors
def stop(home: Home = HOME, json: Json = False) -> None:
    """End the running backfill after the games under way; `hankstank backfill` continues it.

    Example: hankstank backfill stop
    """
    from hankstank import terminal
    from hankstank.cli import backfill_views
    from hankstank.ops import backfill_control

    terminal.show_value(backfill_control.steer_backfill(home, "stop"), backfill_views.draw_control, json)


@app.command()
@handles_errors_read_only
def report(
    season: Annotated[int | None, typer.Option(min=1876, max=2100, help="Season of the stores.")] = None,
    savant: Annotated[
        bool, typer.Option("--savant", help="Report on Savant's days in --data instead of the stores.")
    ] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it as a page, too.")] = None,
    out: Annotated[Path, typer.Option(help="Folder that counts evaluations of a season.")] = Path(
        "build/strikeouts"
    ),
    data: Data = DATA,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Show what is stored of a season by month, what is missing and why, and forecasts of its strikeouts.

    Example: hankstank backfill report --season 2016 --html report.html
    """
    from hankstank import terminal
    from hankstank.cli import strikeout_views
    from hankstank.ops import backfill_report

    now = datetime.now(UTC)
    if savant:
        result = backfill_report.report_savant(data, out, now)
    elif season is not None:
        result = backfill_report.report_stores(home, season, out, now)
    else:
        raise typer.BadParameter("expected --season, or --savant")
    if html:
        backfill_report.write_page(result, html)
    terminal.show_value(result, strikeout_views.draw_report, json)
