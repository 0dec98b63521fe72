"""Commands for the local cluster: start, trigger, stop."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from hankstank.cli.options import (
    CLUSTER_PANEL,
    DATA,
    Data,
    From,
    Home,
    Json,
    MaybeDay,
    Seed,
    To,
    command_group,
)
from hankstank.errors import handles_errors
from hankstank.local.run_plan import Source
from shared.errors import UserError

PANEL = CLUSTER_PANEL
app = command_group("The six services as separate processes, connected by Google Cloud's emulators.")
CLUSTER_HOME = Path("var/up")


def _require_google_clients() -> None:
    if find_spec("google") is None or find_spec("google.cloud.pubsub") is None:
        raise UserError("Google Cloud's client libraries are not installed: `make up` installs them")


@app.command("start")
@handles_errors
def start_cluster(
    source: Annotated[Source, typer.Option(help="league or retrosheet.")] = "league",
    season: Annotated[int, typer.Option(help="Season to play.")] = 2026,
    seed: Seed = 7,
    data: Data = DATA,
    home: Home = CLUSTER_HOME,
    json: Json = False,
) -> None:
    """Start the six services and the emulators, and return.

    Example: hankstank cluster start
    """
    _require_google_clients()
    from hankstank.cli import cluster_view as view
    from hankstank.dev.local_cluster import up
    from hankstank.dev.local_cluster.process_specs import ClusterOptions

    if source == "mlb":
        raise typer.BadParameter("expected league or retrosheet: `hankstank collect` reads the MLB Stats API")
    options = ClusterOptions(home, source, season, seed, data)
    view.show_started(*up.start_cluster(options, view.make_notifier(json)), json)


@app.command("trigger")
@handles_errors
def trigger_run(
    day: MaybeDay = None,
    train: Annotated[bool, typer.Option("--train", help="Train models, as every Sunday.")] = False,
    first: From = None,
    last: To = None,
    patience: Annotated[
        float, typer.Option(min=1, help="Seconds without progress before giving up.")
    ] = 300.0,
    home: Home = CLUSTER_HOME,
    json: Json = False,
) -> None:
    """Publish the scheduler's message and follow its run through the six services to a forecast.

    Example: hankstank cluster trigger 2026-05-26 --train
    """
    _require_google_clients()
    from hankstank import terminal
    from hankstank.cli import cluster_view as view
    from hankstank.dev.local_cluster import tick

    options = tick.TickOptions(home, day, first, last, "weekly" if train else "daily", patience)
    terminal.show_value(tick.run_tick(options, view.make_notifier(json)), view.draw_tick, json)


@app.command("stop")
@handles_errors
def stop_cluster(home: Home = CLUSTER_HOME, json: Json = False) -> None:
    """Stop what `hankstank cluster start` started; stores and logs are kept.

    Example: hankstank cluster stop
    """
    from hankstank.cli import cluster_view as view
    from hankstank.dev.local_cluster import up

    view.show_stopped(up.stop_cluster(home), home, json)
