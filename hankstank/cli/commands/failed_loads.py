"""Commands for loads that the warehouse refused: list, show, retry, drop."""

from typing import Annotated

import typer

from hankstank.cli.options import DATA, HOME, MAINTENANCE_PANEL, Data, Home, Json, command_group
from hankstank.errors import handles_errors, handles_errors_read_only

PANEL = MAINTENANCE_PANEL
app = command_group("Loads that the warehouse refused.")
Load = Annotated[str, typer.Argument(metavar="LOAD", help="A name from `hankstank failed-loads list`.")]


@app.command("list")
@handles_errors_read_only
def list_failed_loads(home: Home = HOME, json: Json = False) -> None:
    """List the failed loads and why each was refused.

    Example: hankstank failed-loads list
    """
    from hankstank import terminal
    from hankstank.cli import data_views
    from hankstank.ops import failed_loads

    terminal.show_value(failed_loads.list_failed_loads(home), data_views.draw_failed_loads, json)


@app.command("show")
@handles_errors_read_only
def show_failed_load(load: Load, home: Home = HOME, json: Json = False) -> None:
    """Show one failed load: its days, tables, rows, report and why it was refused.

    Example: hankstank failed-loads show daily-2026-05-26/0
    """
    from hankstank import terminal
    from hankstank.cli import views
    from hankstank.ops import failed_loads

    terminal.show_value(failed_loads.describe_failed_load(home, load), views.draw_fields, json)


@app.command("retry")
@handles_errors
def retry_failed_load(load: Load, data: Data = DATA, home: Home = HOME, json: Json = False) -> None:
    """Load it again after you fixed the cause, and run every step that follows.

    Example: hankstank failed-loads retry daily-2026-05-26/0
    """
    from hankstank import terminal
    from hankstank.cli import views
    from hankstank.ops import failed_loads

    terminal.show_value(failed_loads.retry_failed_load(home, load, data), views.draw_fields, json)


@app.command("drop")
@handles_errors
def drop_failed_load(load: Load, home: Home = HOME, json: Json = False) -> None:
    """Delete a failed load and its dead letter.

    Example: hankstank failed-loads drop daily-2026-05-26/0
    """
    from hankstank import terminal
    from hankstank.cli import views
    from hankstank.ops import failed_loads

    terminal.show_value(failed_loads.drop_failed_load(home, load), views.draw_fields, json)
