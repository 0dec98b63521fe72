"""Commands about loads that the loader parked."""

from typing import Annotated

import typer

from hankstank.cli.errors import handles_errors, handles_errors_read_only
from hankstank.cli.options import DATA, HOME, MAINTENANCE_PANEL, Data, Home, Json, command_group

PANEL = MAINTENANCE_PANEL
app = command_group("Loads that the warehouse refused and that wait for a fix.")
Load = Annotated[str, typer.Argument(metavar="LOAD", help="As `hankstank repair list` calls it.")]


@app.command("list")
@handles_errors_read_only
def repair_list(home: Home = HOME, json: Json = False) -> None:
    """List the parked loads and why they were refused.

    Example: hankstank repair list
    """
    from hankstank.cli import data_views, terminal
    from hankstank.ops import parked_loads

    terminal.show_value(parked_loads.list_failed_loads(home), data_views.draw_failed_loads, json)


@app.command("show")
@handles_errors_read_only
def repair_show(load: Load, home: Home = HOME, json: Json = False) -> None:
    """Show one parked load: its days, tables, rows, report and why it was refused.

    Example: hankstank repair show daily-2026-05-26/0
    """
    from hankstank.cli import terminal, views
    from hankstank.ops import parked_loads

    terminal.show_value(parked_loads.describe_failed_load(home, load), views.draw_fields, json)


@app.command("replay")
@handles_errors
def repair_replay(load: Load, data: Data = DATA, home: Home = HOME, json: Json = False) -> None:
    """Load it again after a fix, with everything that follows.

    Example: hankstank repair replay daily-2026-05-26/0
    """
    from hankstank.cli import terminal, views
    from hankstank.ops import parked_loads

    terminal.show_value(parked_loads.retry_failed_load(home, load, data), views.draw_fields, json)


@app.command("drop")
@handles_errors
def repair_drop(load: Load, home: Home = HOME, json: Json = False) -> None:
    """Give a parked load up, and its dead letter with it.

    Example: hankstank repair drop daily-2026-05-26/0
    """
    from hankstank.cli import terminal, views
    from hankstank.ops import parked_loads

    terminal.show_value(parked_loads.drop_failed_load(home, load), views.draw_fields, json)
