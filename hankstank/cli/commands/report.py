"""The command for morning reports: read one, list them, write one as a page, send one."""

from pathlib import Path
from typing import Annotated

import typer

from hankstank.cli.options import HOME, MAINTENANCE_PANEL, Home, Json, ReportDay
from hankstank.errors import handles_errors

app = typer.Typer()


@app.command(rich_help_panel=MAINTENANCE_PANEL)
@handles_errors
def report(
    day: ReportDay = None,
    list_all: Annotated[bool, typer.Option("--list", help="List the stored reports.")] = False,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it as one HTML page instead.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    send: Annotated[
        bool, typer.Option("--send", help="Send it to the targets in HANKSTANK_NOTIFY instead.")
    ] = False,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Show the report of a morning, by default the newest: what needs you, results, record, data.

    Example: hankstank report 2026-04-15 --html report.html
    """
    from hankstank import terminal
    from hankstank.cli import report_views, views
    from hankstank.ops import reports

    if list_all:
        terminal.show_value(reports.list_reports(home), report_views.draw_reports, json)
        return
    found = reports.find_report(home, day)
    if html:
        terminal.show_value(reports.write_page(found, html, force=force), views.draw_fields, json)
    elif send:
        terminal.show_value(reports.send_stored_report(home, found), views.draw_fields, json)
    else:
        terminal.show_value(found, report_views.draw_report, json)
