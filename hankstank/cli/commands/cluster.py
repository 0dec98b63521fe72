"""Commands of the loopback world: up, tick, down."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from hankstank.cli.errors import handles_errors
from hankstank.cli.options import CLUSTER_PANEL, DATA, Data, From, Home, Json, MaybeDay, Seed, To
from hankstank.local.run_plan import Source
from shared.errors import UserError

app = typer.Typer()
TOWN = Path("var/up")


def _require_google_clients() -> None:
    if find_spec("google") is None or find_spec("google.cloud.pubsub") is None:
        raise UserError("Google Cloud's clients are not installed: `make up` installs them")


@app.command(rich_help_panel=CLUSTER_PANEL)
@handles_errors
def up(
    source: Annotated[Source, typer.Option(help="league or retrosheet.")] = "league",
    season: Annotated[int, typer.Option(help="Season to live in.")] = 2026,
    seed: Seed = 7,
    data: Data = DATA,
    home: Home = TOWN,
    json: Json = False,
) -> None:
    """Start six rooms as processes of their own, joined by Google Cloud's emulators, and return.

    Example: hankstank up
    """
    _require_google_clients()
    from hankstank.dev.local_cluster import up, view
    from hankstank.dev.local_cluster.process_specs import ClusterOptions

    if source == "mlb":
        raise typer.BadParameter("expected league or retrosheet: `hankstank collect` asks the MLB Stats API")
    choice = ClusterOptions(home, source, season, seed, data)
    view.show_started(*up.start_cluster(choice, view.make_notifier(json)), json)


@app.command(rich_help_panel=CLUSTER_PANEL)
@handles_errors
def tick(
    day: MaybeDay = None,
    train: Annotated[bool, typer.Option("--train", help="Build models anew, as every Sunday.")] = False,
    first: From = None,
    last: To = None,
    patience: Annotated[
        float, typer.Option(min=1, help="Seconds without any move before giving up.")
    ] = 300.0,
    home: Home = TOWN,
    json: Json = False,
) -> None:
    """Send the schedule's message through the six processes and follow it to a forecast.

    Example: hankstank tick 2026-05-26 --train
    """
    _require_google_clients()
    from hankstank.dev.local_cluster import tick, view

    options = tick.TickOptions(home, day, first, last, "weekly" if train else "daily", patience)
    view.show_tick(tick.run_tick(options, view.make_notifier(json)), json)


@app.command(rich_help_panel=CLUSTER_PANEL)
@handles_errors
def down(home: Home = TOWN, json: Json = False) -> None:
    """End what `hankstank up` started; the stores and logs stay.

    Example: hankstank down
    """
    from hankstank.dev.local_cluster import up, view

    view.show_stopped(up.stop_cluster(home), home, json)
