"""Commands about alerts."""

from typing import Annotated

import typer

from hankstank.console.options import HOME, KEEP, Home, Json, group
from hankstank.outcomes import looking, reported

PANEL = KEEP
app = group("Alerts: what needs a look, and what somebody has seen to.")


@app.command("list")
@looking
def alerts_list(
    closed_too: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """List the open alerts, newest first.

    Example: hankstank alerts list
    """
    from hankstank import alerts, stock_screen, terminal  # noqa: PLC0415 - a command loads what it needs

    terminal.show(alerts.alerts(home, closed_too=closed_too), stock_screen.alerts, json)


@app.command("close")
@reported
def alerts_close(
    numbers: Annotated[
        list[int] | None, typer.Argument(metavar="[NUMBER]...", help="Which; by default all that are open.")
    ] = None,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Close alerts that somebody has seen to; `hankstank status` shows them no more.

    Example: hankstank alerts close 1 2
    """
    from hankstank import alerts, screen, terminal  # noqa: PLC0415

    closed = alerts.close(home, numbers or [])
    terminal.show({"closed": closed}, screen.fields, json)
