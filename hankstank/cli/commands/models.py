"""Commands about the versions of the models."""

from hankstank.cli.errors import looking, reported
from hankstank.cli.options import HOME, KEEP, Home, Json, group

PANEL = KEEP
app = group("Versions of the models: who is production, who was.")


@app.command("list")
@looking
def models_list(home: Home = HOME, json: Json = False) -> None:
    """List the models in production and how they did on days held out.

    Example: hankstank models list
    """
    from hankstank.cli import terminal, views
    from hankstank.ops import queries

    terminal.show(queries.models(home), views.models, json)


@app.command("history")
@looking
def models_history(target: str, home: Home = HOME, json: Json = False) -> None:
    """Say which version of a target was production, from when to when.

    Example: hankstank models history home_win
    """
    from hankstank.cli import terminal, views
    from hankstank.ops import queries

    terminal.show(queries.model_history(home, target), views.reigns, json)


@app.command("rollback")
@reported
def models_rollback(target: str, version: str, home: Home = HOME, json: Json = False) -> None:
    """Make an earlier version production again, in one step.

    Example: hankstank models rollback home_win 1.0.0
    """
    from hankstank.cli import terminal, views
    from hankstank.ops import queries

    terminal.show(queries.rollback(home, target, version), views.fields, json)
