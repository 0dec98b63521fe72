"""The console: its groups of commands, put together."""

import typer

from hankstank.console import (
    asking,
    catalogue,
    chaos,
    data,
    keys,
    letters,
    loopback,
    models,
    outside,
    playing,
    repair,
    upkeep,
)

app = typer.Typer(
    help="Baseball forecasts from the wire to an answered question. Begin with `hankstank run`, then "
    "`hankstank status`; every command's --help has an example.",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    suggest_commands=True,
)
for part in (playing, asking, data, upkeep, chaos, loopback):
    app.add_typer(part.app)
for name, part in {
    "models": models,
    "features": catalogue,
    "keys": keys,
    "dead-letters": letters,
    "repair": repair,
    "standin": outside,
}.items():
    app.add_typer(part.app, name=name, rich_help_panel=part.PANEL)
