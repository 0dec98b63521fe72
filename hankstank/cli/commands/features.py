"""Commands for the feature catalogue."""

from typing import Annotated

import typer

from hankstank.cli.options import DATA_PANEL, Json, command_group
from hankstank.errors import handles_errors_read_only

PANEL = DATA_PANEL
app = command_group("The feature catalogue.")


@app.command("describe")
@handles_errors_read_only
def features_describe(
    name: Annotated[str | None, typer.Argument(help="One feature, or part of its name.")] = None,
    json: Json = False,
) -> None:
    """Show each feature's meaning, unit, window and inputs.

    Example: hankstank features describe strikeout
    """
    from hankstank import terminal
    from hankstank.cli import views
    from hankstank.ops import queries

    terminal.show_value(queries.find_features(name), views.draw_features, json)
