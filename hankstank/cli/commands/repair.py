"""Commands about loads that the loader parked."""

from typing import Annotated

import typer

from hankstank.cli.errors import looking, reported
from hankstank.cli.options import DATA, HOME, KEEP, Data, Home, Json, group

PANEL = KEEP
app = group("Loads that the warehouse refused and that wait for a fix.")
Load = Annotated[str, typer.Argument(metavar="LOAD", help="As `hankstank repair list` calls it.")]


@app.command("list")
@looking
def repair_list(home: Home = HOME, json: Json = False) -> None:
    """List the parked loads and why they were refused.

    Example: hankstank repair list
    """
    from hankstank.cli import data_views, terminal
    from hankstank.ops import parked_loads

    terminal.show(parked_loads.listed(home), data_views.parked, json)


@app.command("show")
@looking
def repair_show(load: Load, home: Home = HOME, json: Json = False) -> None:
    """Show one parked load: its days, tables, rows, report and why it was refused.

    Example: hankstank repair show daily-2026-05-26/0
    """
    from hankstank.cli import terminal, views
    from hankstank.ops import parked_loads

    terminal.show(parked_loads.shown(home, load), views.fields, json)


@app.command("replay")
@reported
def repair_replay(load: Load, data: Data = DATA, home: Home = HOME, json: Json = False) -> None:
    """Load it again after a fix, with everything that follows.

    Example: hankstank repair replay daily-2026-05-26/0
    """
    from hankstank.cli import terminal, views
    from hankstank.ops import parked_loads

    terminal.show(parked_loads.replay(home, load, data), views.fields, json)


@app.command("drop")
@reported
def repair_drop(load: Load, home: Home = HOME, json: Json = False) -> None:
    """Give a parked load up, and its dead letter with it.

    Example: hankstank repair drop daily-2026-05-26/0
    """
    from hankstank.cli import terminal, views
    from hankstank.ops import parked_loads

    terminal.show(parked_loads.drop(home, load), views.fields, json)
