"""Commands for model versions."""

from hankstank.cli.options import HOME, MAINTENANCE_PANEL, Home, Json, command_group
from hankstank.errors import handles_errors, handles_errors_read_only

PANEL = MAINTENANCE_PANEL
app = command_group("Model versions: in production now and before.")


@app.command("list")
@handles_errors_read_only
def models_list(home: Home = HOME, json: Json = False) -> None:
    """List the models in production and their scores on held-out days.

    Example: hankstank models list
    """
    from hankstank import terminal
    from hankstank.cli import views
    from hankstank.local import stores

    terminal.show_value(stores.list_models(home), views.draw_models, json)


@app.command("history")
@handles_errors_read_only
def models_history(target: str, home: Home = HOME, json: Json = False) -> None:
    """Show which version of a target was in production, from when to when.

    Example: hankstank models history home_win
    """
    from hankstank import terminal
    from hankstank.cli import views
    from hankstank.ops import queries

    terminal.show_value(queries.model_history(home, target), views.draw_model_history, json)


@app.command("rollback")
@handles_errors
def models_rollback(target: str, version: str, home: Home = HOME, json: Json = False) -> None:
    """Put an earlier version back into production.

    Example: hankstank models rollback home_win 1.0.0
    """
    from hankstank import terminal
    from hankstank.cli import views
    from hankstank.ops import queries

    terminal.show_value(queries.roll_back_model(home, target, version), views.draw_fields, json)
