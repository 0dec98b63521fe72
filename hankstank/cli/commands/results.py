"""Commands for what became of forecasts: results, record."""

from datetime import timedelta
from typing import Annotated

import typer

from hankstank.cli.options import FORECAST_PANEL, HOME, Home, Json, Key, ResultDay, To, Url
from hankstank.errors import handles_errors_read_only
from shared.errors import UserError

app = typer.Typer()
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV, a row for each forecast or target.")]


@app.command(rich_help_panel=FORECAST_PANEL)
@handles_errors_read_only
def results(
    day: ResultDay = None,
    to: To = None,
    url: Url = None,
    key: Key = None,
    home: Home = HOME,
    csv: Csv = False,
    json: Json = False,
) -> None:
    """Show the games of a day beside their forecasts: scores, favourites that won, counts within their range.

    Example: hankstank results 2026-05-28 --to 2026-05-30
    """
    from hankstank import terminal
    from hankstank.cli import result_views, world_clock
    from hankstank.local import past_results, predictor

    first = day or world_clock.world_today(home=home, url=url, key=key) - timedelta(days=1)
    with predictor.open_predictor(home, url, key) as client:
        found = past_results.fetch_days(client, first, to or first)
    if csv:
        past_results.print_results_csv(found)
    else:
        terminal.show_value(found, result_views.draw_results, json)


@app.command(rich_help_panel=FORECAST_PANEL)
@handles_errors_read_only
def record(
    days: Annotated[
        int | None, typer.Option(metavar="7|14|30", help="Only the last 7, 14 or 30 days.")
    ] = None,
    season: Annotated[bool, typer.Option("--season", help="Only this season.")] = False,
    url: Url = None,
    key: Key = None,
    home: Home = HOME,
    csv: Csv = False,
    json: Json = False,
) -> None:
    """Show how forecasts did: favourites that won, mean misses, 80 % ranges, log loss beside a guess.

    Example: hankstank record --days 7
    """
    from hankstank import terminal
    from hankstank.cli import result_views
    from hankstank.local import past_results, predictor

    if days not in (None, 7, 14, 30) or (days and season):
        raise UserError("expected --days 7, --days 14, --days 30 or --season, or none of them for all")
    name = "season" if season else f"{days}_days" if days else None
    with predictor.open_predictor(home, url, key) as client:
        windows = [one for one in client.fetch_record() if name in (None, one["name"])]
    if csv:
        past_results.print_record_csv(windows)
    else:
        terminal.show_value(windows, result_views.draw_record, json)
