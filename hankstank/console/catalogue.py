"""Commands about what the features mean."""

from typing import Annotated

import typer

from hankstank.console.options import LOOK, Json, group
from hankstank.outcomes import looking

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
    from hankstank import reading, screen, terminal  # noqa: PLC0415

    terminal.show(reading.features(name), screen.features, json)
