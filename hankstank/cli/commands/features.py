"""Commands about what the features mean."""

from typing import Annotated

import typer

from hankstank.cli.errors import looking
from hankstank.cli.options import LOOK, Json, group

PANEL = LOOK
app = group("What the features mean.")


@app.command("describe")
@looking
def features_describe(
    name: Annotated[str | None, typer.Argument(help="One feature, or part of its name.")] = None,
    json: Json = False,
) -> None:
    """Say what each feature means, its unit, its window and what it is made from.

    Example: hankstank features describe strikeout
    """
    from hankstank.cli import terminal, views
    from hankstank.ops import queries

    terminal.show(queries.features(name), views.features, json)
