"""Commands about deliveries that could not succeed."""

from typing import Annotated

import typer

from hankstank.cli.errors import looking, reported
from hankstank.cli.options import DATA, HOME, KEEP, Data, Home, Json, group

PANEL = KEEP
app = group("Deliveries that could not succeed.")


@app.command("list")
@looking
def letters_list(home: Home = HOME, json: Json = False) -> None:
    """List the dead letters, oldest first.

    Example: hankstank dead-letters list
    """
    from hankstank.cli import terminal, views
    from hankstank.ops import queries

    terminal.show(queries.dead_letters(home), views.dead_letters, json)


@app.command("show")
@looking
def letters_show(number: int, home: Home = HOME, json: Json = False) -> None:
    """Show one dead letter: what it carried and why it was parked.

    Example: hankstank dead-letters show 1
    """
    from hankstank.cli import terminal, views
    from hankstank.ops import queries

    terminal.show(queries.dead_letter(home, number), views.fields, json)


@app.command("replay")
@reported
def letters_replay(number: int, data: Data = DATA, home: Home = HOME, json: Json = False) -> None:
    """Deliver a dead letter again and everything that follows from it.

    Example: hankstank dead-letters replay 1
    """
    from hankstank.cli import terminal, views
    from hankstank.local import runs

    terminal.show(runs.replay(home, number, data), views.fields, json)


@app.command("drop")
@reported
def letters_drop(
    number: int,
    for_good: Annotated[
        bool, typer.Option("--for-good", help="Put it away; else only say what would go.")
    ] = False,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Put a dead letter away that is not worth replaying; what it was stays in dropped-letters.jsonl.

    Example: hankstank dead-letters drop 1 --for-good
    """
    from hankstank.cli import terminal, views
    from hankstank.ops import dead_letters
    from shared.runtime.settings import Settings

    terminal.show(dead_letters.drop(Settings(home=home), number, for_real=for_good), views.fields, json)
