"""Commands for forecasts: predict game, predict player, slate."""

from typing import Annotated

import typer

from hankstank.cli.options import FORECAST_PANEL, HOME, Day, Home, Json, Key, Url, command_group
from hankstank.errors import handles_errors_read_only

app = typer.Typer()
predict = command_group("Forecast a game or a player, without a server.")
app.add_typer(predict, name="predict", rich_help_panel=FORECAST_PANEL)
Number = Annotated[int | None, typer.Option(min=1, max=3, help="Which game of a doubleheader.")]


@predict.command("game")
@handles_errors_read_only
def predict_game(
    day: Day,
    clubs: Annotated[str, typer.Argument(metavar="AWAY@HOME", help="Such as BOS@NYY.")],
    game_number: Number = None,
    url: Url = None,
    key: Key = None,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Forecast a game: win probability, runs, starters.

    Example: hankstank predict game 2026-05-28 MIL@NYY
    """
    from hankstank import terminal
    from hankstank.cli import views
    from hankstank.local import predictor

    with predictor.open_predictor(home, url, key) as client:
        response = client.predict_game(predictor.game_request(day, clubs, game_number))
    terminal.show_value(response, views.draw_game, json)


@predict.command("player")
@handles_errors_read_only
def predict_player(
    day: Day,
    player: Annotated[str, typer.Argument(metavar="NAME|ID", help="Full name, or MLBAM id.")],
    line: Annotated[
        list[str] | None, typer.Option(metavar="STAT=LINE", help="Such as strikeouts=5.5; may be repeated.")
    ] = None,
    game_number: Number = None,
    url: Url = None,
    key: Key = None,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Forecast a player's statistics, with the probability over and under any line.

    Example: hankstank predict player 2026-05-28 "Omar Wakefield" --line strikeouts=5.5
    """
    from hankstank import terminal
    from hankstank.cli import views
    from hankstank.local import predictor

    with predictor.open_predictor(home, url, key) as client:
        response = client.predict_player(predictor.player_request(day, player, game_number, line or []))
    terminal.show_value(response, views.draw_player, json)


@app.command(rich_help_panel=FORECAST_PANEL)
@handles_errors_read_only
def slate(day: Day, url: Url = None, key: Key = None, home: Home = HOME, json: Json = False) -> None:
    """Forecast every game of a day.

    Example: hankstank slate 2026-05-28
    """
    from hankstank import terminal
    from hankstank.cli import views
    from hankstank.local import predictor

    with predictor.open_predictor(home, url, key) as client:
        response = client.predict_slate(day)
    terminal.show_value(response, views.draw_slate, json)
