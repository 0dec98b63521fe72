"""Commands about the versions of the models."""

from hankstank.cli.errors import handles_errors, handles_errors_read_only
from hankstank.cli.options import HOME, MAINTENANCE_PANEL, Home, Json, command_group

PANEL = MAINTENANCE_PANEL
app = command_group("Versions of the models: who is production, who was.")


@app.command("list")
@handles_errors_read_only
def models_list(home: Home = HOME, json: Json = False) -> None:
    """List the models in production and how they did on days held out.

    Example: hankstank models list
    """
    from hankstank.cli import terminal, views
    from hankstank.ops import queries

    terminal.show_value(queries.list_models(home), views.draw_models, json)


@app.command("history")
@handles_errors_read_only
def models_history(target: str, home: Home = HOME, json: Json = False) -> None:
    """Say which version of a target was production, from when to when.

    Example: hankstank models history home_win
    """
    from hankstank.cli import terminal, views
    from hankstank.ops import queries

    terminal.show_value(queries.model_history(home, target), views.draw_model_history, json)


@app.command("rollback")
@handles_errors
def models_rollback(target: str, version: str, home: Home = HOME, json: Json = False) -> None:
    """Make an earlier version production again, in one step.

    Example: hankstank models rollback home_win 1.0.0
    """
    from hankstank.cli import terminal, views
    from hankstank.ops import queries

    terminal.show_value(queries.roll_back_model(home, target, version), views.draw_fields, json)
