"""Commands for API keys."""

from pathlib import Path
from typing import Annotated

import typer

from hankstank.cli.options import MAINTENANCE_PANEL, Json, command_group
from hankstank.errors import handles_errors, handles_errors_read_only

PANEL = MAINTENANCE_PANEL
app = command_group("API keys, kept hashed in a file.")
Keys = Annotated[Path, typer.Option("--file", envvar="HANKSTANK_API_KEYS", help="File of hashed keys.")]
KEYS = Path("var/keys.json")


@app.command("create")
@handles_errors
def keys_create(
    name: Annotated[str, typer.Argument(help="Who the key is for.")],
    file: Keys = KEYS,
    per_minute: Annotated[int, typer.Option(min=1, help="Requests a minute.")] = 600,
    per_hour: Annotated[int, typer.Option(min=1, help="Requests an hour.")] = 20_000,
) -> None:
    """Create a key and print its secret, once. From the first key on, clients on this machine need one too.

    Example: hankstank keys create newsletter
    """
    from hankstank import terminal
    from hankstank.ops import api_keys

    terminal.print_line(api_keys.add_key(file, name, per_minute, per_hour))


@app.command("list")
@handles_errors_read_only
def keys_list(file: Keys = KEYS, json: Json = False) -> None:
    """List the keys by name; secrets are not stored.

    Example: hankstank keys list
    """
    from hankstank import terminal
    from hankstank.cli import views
    from hankstank.ops import api_keys

    terminal.show_value(api_keys.read_keys(file), views.draw_keys, json)


@app.command("revoke")
@handles_errors
def keys_revoke(name: Annotated[str, typer.Argument(help="Whose key.")], file: Keys = KEYS) -> None:
    """Revoke a key; running servers notice within half a minute.

    Example: hankstank keys revoke newsletter
    """
    from hankstank import terminal
    from hankstank.ops import api_keys

    api_keys.revoke_key(file, name)
    terminal.print_line(f"{name}: revoked; running servers notice within half a minute")
