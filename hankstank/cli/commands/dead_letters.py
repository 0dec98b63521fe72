"""Commands for dead letters: deliveries that failed for good."""

from typing import Annotated

import typer

from hankstank.cli.options import DATA, HOME, MAINTENANCE_PANEL, Data, Home, Json, command_group
from hankstank.errors import handles_errors, handles_errors_read_only

PANEL = MAINTENANCE_PANEL
app = command_group("Deliveries that failed for good.")


@app.command("list")
@handles_errors_read_only
def list_dead_letters(home: Home = HOME, json: Json = False) -> None:
    """List the dead letters, oldest first.

    Example: hankstank dead-letters list
    """
    from hankstank import terminal
    from hankstank.cli import views
    from hankstank.ops import queries

    terminal.show_value(queries.list_dead_letters(home), views.draw_dead_letters, json)


@app.command("show")
@handles_errors_read_only
def show_dead_letter(number: int, home: Home = HOME, json: Json = False) -> None:
    """Show one dead letter: its event and why it failed.

    Example: hankstank dead-letters show 1
    """
    from hankstank import terminal
    from hankstank.cli import views
    from hankstank.ops import queries

    terminal.show_value(queries.read_dead_letter(home, number), views.draw_fields, json)


@app.command("replay")
@handles_errors
def replay_dead_letter(number: int, data: Data = DATA, home: Home = HOME, json: Json = False) -> None:
    """Deliver a dead letter again and run every step that follows.

    Example: hankstank dead-letters replay 1
    """
    from hankstank import terminal
    from hankstank.cli import views
    from hankstank.ops import dead_letters

    terminal.show_value(dead_letters.replay_dead_letter(home, number, data), views.draw_fields, json)


@app.command("drop")
@handles_errors
def drop_dead_letter(
    number: int,
    yes: Annotated[bool, typer.Option("--yes", help="Delete it; else only show what would go.")] = False,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Delete a dead letter that is not worth replaying; a copy stays in dropped-letters.jsonl.

    Example: hankstank dead-letters drop 1 --yes
    """
    from hankstank import terminal
    from hankstank.cli import views
    from hankstank.ops import dead_letters
    from shared.runtime.settings import Settings

    terminal.show_value(
        dead_letters.drop_dead_letter(Settings(home=home), number, for_real=yes), views.draw_fields, json
    )
