"""Commands about loads that the loader parked."""

from typing import Annotated

import typer

from hankstank.console.options import DATA, HOME, KEEP, Data, Home, Json, group
from hankstank.outcomes import looking, reported

PANEL = KEEP
app = group("Loads that the warehouse refused and that wait for a fix.")
Load = Annotated[str, typer.Argument(metavar="LOAD", help="As `hankstank repair list` calls it.")]


@app.command("list")
@looking
def repair_list(home: Home = HOME, json: Json = False) -> None:
    """List the parked loads and why they were refused.

    Example: hankstank repair list
    """
    from hankstank import repairs, stock_screen, terminal  # noqa: PLC0415 - a command loads what it needs

    terminal.show(repairs.listed(home), stock_screen.parked, json)


@app.command("show")
@looking
def repair_show(load: Load, home: Home = HOME, json: Json = False) -> None:
    """Show one parked load: its days, tables, rows, report and why it was refused.

    Example: hankstank repair show daily-2026-05-26/0
    """
    from hankstank import repairs, screen, terminal  # noqa: PLC0415

    terminal.show(repairs.shown(home, load), screen.fields, json)


@app.command("replay")
@reported
def repair_replay(load: Load, data: Data = DATA, home: Home = HOME, json: Json = False) -> None:
    """Load it again after a fix, with everything that follows.

    Example: hankstank repair replay daily-2026-05-26/0
    """
    from hankstank import repairs, screen, terminal  # noqa: PLC0415

    terminal.show(repairs.replay(home, load, data), screen.fields, json)


@app.command("drop")
@reported
def repair_drop(load: Load, home: Home = HOME, json: Json = False) -> None:
    """Give a parked load up, and its dead letter with it.

    Example: hankstank repair drop daily-2026-05-26/0
    """
    from hankstank import repairs, screen, terminal  # noqa: PLC0415

    terminal.show(repairs.drop(home, load), screen.fields, json)
