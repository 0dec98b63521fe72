"""Commands for notifications: who gets alerts and reports."""

import typer

from hankstank.cli.options import MAINTENANCE_PANEL, Json, command_group
from hankstank.errors import handles_errors, handles_errors_read_only
from hankstank.exit_codes import FAILED

PANEL = MAINTENANCE_PANEL
app = command_group("Targets of alerts and reports, listed in HANKSTANK_NOTIFY.")


@app.command("list")
@handles_errors_read_only
def notify_list(json: Json = False) -> None:
    """List the targets, their secrets masked.

    Example: hankstank notify list
    """
    from hankstank import terminal
    from hankstank.cli import views
    from hankstank.ops import notifications

    terminal.show_value(notifications.list_targets(), views.draw_targets, json)


@app.command("test")
@handles_errors
def notify_test(json: Json = False) -> None:
    """Send a test message to every target and show what happened; exit code 1 if one did not get it.

    Example: hankstank notify test
    """
    from hankstank import terminal
    from hankstank.cli import views
    from hankstank.ops import notifications

    results = notifications.send_test()
    terminal.show_value(results, views.draw_test_results, json)
    if not all(one["sent"] for one in results):
        raise typer.Exit(FAILED)
