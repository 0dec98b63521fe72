"""Commands for maintenance: status, alerts, verify, rebuild, prune, cost."""

from pathlib import Path
from typing import Annotated

import typer

from hankstank.cli.options import HOME, MAINTENANCE_PANEL, Home, Json
from hankstank.dev.cost import Month
from hankstank.errors import handles_errors, handles_errors_read_only
from hankstank.exit_codes import FAILED

app = typer.Typer()


@app.command(rich_help_panel=MAINTENANCE_PANEL)
@handles_errors_read_only
def status(home: Home = HOME, json: Json = False) -> None:
    """Show what is stored, through which day, what is missing, and what is broken since when.

    Example: hankstank status
    """
    from hankstank import terminal
    from hankstank.cli import data_views
    from hankstank.ops import status as ops_status

    terminal.show_value(ops_status.read_status(home), data_views.draw_status, json)


@app.command(rich_help_panel=MAINTENANCE_PANEL)
@handles_errors
def alerts(
    closed_too: Annotated[bool, typer.Option("--all", help="List closed ones too.")] = False,
    close: Annotated[
        list[int] | None, typer.Option(metavar="NUMBER", help="Close this one; may be repeated.")
    ] = None,
    close_all: Annotated[bool, typer.Option("--close-all", help="Close all open alerts.")] = False,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """List the open alerts, newest first, or close those that are resolved.

    Example: hankstank alerts --close 3
    """
    from hankstank import terminal
    from hankstank.cli import data_views
    from hankstank.ops import alerts

    if close or close_all:
        alerts.close_alerts(home, () if close_all else close or ())
    terminal.show_value(alerts.list_alerts(home, closed_too=closed_too), data_views.draw_alerts, json)


@app.command(rich_help_panel=MAINTENANCE_PANEL)
@handles_errors_read_only
def verify(home: Home = HOME, json: Json = False) -> None:
    """Check object hashes, manifests, rows, features, forecasts, releases; exit code 1 with findings.

    Example: hankstank verify
    """
    from hankstank import terminal
    from hankstank.cli import data_views
    from hankstank.ops import verify as ops_verify

    with terminal.show_progress(shown=not json) as progress:
        report = ops_verify.verify_stores(home, progress)
    terminal.show_value(report, data_views.draw_verification, json)
    if not report["ok"]:
        raise typer.Exit(FAILED)


@app.command(rich_help_panel=MAINTENANCE_PANEL)
@handles_errors
def rebuild(home: Home = HOME, json: Json = False) -> None:
    """Rebuild the warehouse from the objects, and the queue if it is damaged; the old files are kept.

    Batches are loaded again in order, forecasts scored and features computed. Exit code 1 with a list if
    a needed object is damaged or missing.

    Example: hankstank rebuild
    """
    from hankstank import terminal
    from hankstank.cli import views
    from hankstank.ops import rebuild as ops_rebuild

    with terminal.show_progress(shown=not json) as progress:
        report = ops_rebuild.rebuild_warehouse(home, progress)
    terminal.show_value(report, views.draw_fields, json)
    if report["not_rebuilt"]:
        raise typer.Exit(FAILED)


@app.command(rich_help_panel=MAINTENANCE_PANEL)
@handles_errors
def prune(
    keep_days: Annotated[int, typer.Option(min=1, help="Newest days of raw responses to keep.")] = 30,
    for_real: Annotated[
        bool, typer.Option("--delete", help="Delete them; else only show what would go.")
    ] = False,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Show which old raw responses are no longer needed and their size, or delete them.

    The sources of rows of the newest days always stay. Tables are not touched.

    Example: hankstank prune --keep-days 60 --delete
    """
    from hankstank import terminal
    from hankstank.cli import data_views
    from hankstank.ops import prune as ops_prune

    terminal.show_value(
        ops_prune.prune_raw_objects(home, keep_days, for_real=for_real), data_views.draw_pruning, json
    )


@app.command(rich_help_panel=MAINTENANCE_PANEL)
@handles_errors_read_only
def cost(
    month: Annotated[Month, typer.Option(help="Which kind of month.")] = "in-season",
    home: Annotated[
        Path | None,
        typer.Option(
            envvar="HANKSTANK_HOME", help="Measure the run in this folder; default: a recorded season."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Estimate a month's bill on Google Cloud, line by line, with free tiers apart.

    Example: hankstank cost --month off-season
    """
    from hankstank import terminal
    from hankstank.dev.cost import bill, statement, usage

    used = usage.measure_usage(home) if home else usage.load_recorded_usage()
    terminal.show_value(bill.compute_bill(used, month), statement.draw_statement, json)
