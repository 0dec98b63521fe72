"""Commands that run the pipeline or use its results: run, collect, serve, evaluate, evaluate-simulator."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from hankstank.cli.options import DATA, FORECAST_PANEL, HOME, RUN_PANEL, Data, From, Home, Json, Seed, To
from hankstank.errors import handles_errors, handles_errors_read_only
from hankstank.local.run_plan import Source
from shared.messaging.events import Trigger

app = typer.Typer()


@app.command(rich_help_panel=RUN_PANEL)
@handles_errors
def run(
    source: Annotated[Source, typer.Option(help="Where the games come from.")] = "league",
    season: Annotated[
        int | None, typer.Option(help="Season; default: the league's, or the newest in --data.")
    ] = None,
    history: Annotated[int | None, typer.Option(help="First season to train on (retrosheet).")] = None,
    seed: Seed = 7,
    first: From = None,
    last: To = None,
    live_days: Annotated[
        int,
        typer.Option(min=1, max=30, help="Days run one by one after the backfill; with --to the last ones."),
    ] = 3,
    data: Data = DATA,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Run the whole pipeline: backfill, live days, models, and two forecasts over HTTP.

    Example: hankstank run --source retrosheet --season 2016 --history 2015 --data ../shared/data
    """
    from hankstank import terminal
    from hankstank.cli import views
    from hankstank.local import runs

    options = runs.RunOptions(source, season, history, seed, first, last, live_days, data, home)
    with terminal.show_progress(shown=not json) as progress:
        summary = runs.run_pipeline(options, progress)
    terminal.show_value(summary, views.draw_run_summary, json)


@app.command(rich_help_panel=RUN_PANEL)
@handles_errors
def collect(
    first: From = None,
    last: To = None,
    trigger: Annotated[Trigger, typer.Option(help="Reason; decides how models are trained.")] = "manual",
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Collect once from the live MLB Stats API: the days that are due, or a range; old days train nothing.

    Example: hankstank collect --from 2026-04-01 --to 2026-04-07
    """
    from hankstank import terminal
    from hankstank.cli import views
    from hankstank.local import runs

    terminal.show_value(runs.collect_days(home, first, last, trigger), views.draw_collection, json)


@app.command(rich_help_panel=FORECAST_PANEL)
@handles_errors
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 picks a free one.")] = 8080,
    workers: Annotated[int, typer.Option(min=1, max=32, help="Worker processes.")] = 1,
    home: Home = HOME,
    print_address: Annotated[
        bool, typer.Option("--print-address", help="Print the address as JSON; exit when stdin closes.")
    ] = False,
) -> None:
    """Serve forecasts over HTTP from the stores of a run.

    Example: hankstank serve --port 8080
    """
    from hankstank.local import api_server

    api_server.serve_api(home, host, port, workers, print_address)


@app.command(rich_help_panel=RUN_PANEL)
@handles_errors_read_only
def evaluate(
    first: Annotated[int, typer.Option(help="First season to evaluate.")],
    last: Annotated[int, typer.Option(help="Last season to evaluate.")],
    history: Annotated[int, typer.Option(help="First season to train on.")],
    targets: Annotated[
        str, typer.Option(metavar="NAME,NAME", help="Such as home_win,pitcher_strikeouts; default: all.")
    ] = "",
    out: Annotated[Path, typer.Option(help="Folder for report.json and report.html.")] = Path(
        "build/evaluation"
    ),
    ablation: Annotated[
        bool, typer.Option("--ablation", help="Also judge every group of features; takes long.")
    ] = False,
    nested: Annotated[
        bool,
        typer.Option(
            "--nested",
            help="Also choose each target's candidate on earlier seasons alone: of wins and starters, or of "
            "--targets.",
        ),
    ] = False,
    publish: Annotated[
        bool, typer.Option("--publish", help="Show it on the track record of the stores in --home.")
    ] = False,
    data: Data = DATA,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Forecast real seasons walk-forward and compare with baselines and benchmarks.

    Example: hankstank evaluate --first 2013 --last 2016 --history 2010 --data ../shared/data
    """
    from evaluation import published, run
    from hankstank import terminal
    from hankstank.cli import views
    from shared.runtime.ports_factory import create_object_store
    from shared.runtime.settings import Settings

    if not history < first <= last:
        raise typer.BadParameter("expected --history before --first, and --first not after --last")
    chosen = tuple(name.strip() for name in targets.split(",") if name.strip())
    options = run.EvaluationOptions(first, last, history, chosen, data, out, ablation, nested)
    report = run.run_evaluation(options, datetime.now(UTC))
    if publish:
        published.publish_evaluation(report, create_object_store(Settings(home=home)))
    terminal.show_value(report, views.draw_evaluation, json)


@app.command("evaluate-simulator", rich_help_panel=RUN_PANEL)
@handles_errors_read_only
def evaluate_simulator(
    seed: Annotated[list[int] | None, typer.Option(help="Seed of a league; give it several times.")] = None,
    season: Annotated[int, typer.Option(help="Season to evaluate.")] = 2026,
    history: Annotated[int, typer.Option(min=1, help="Seasons before it to train on.")] = 3,
    games: Annotated[int, typer.Option(min=30, help="Games of the season to simulate again.")] = 600,
    replays: Annotated[int, typer.Option(min=100, help="Simulations per game.")] = 4000,
    out: Annotated[Path, typer.Option(help="Folder for truth.json.")] = Path("build/simulator"),
    json: Json = False,
) -> None:
    """Measure how far win forecasts are from the true probabilities, in simulated leagues that know them.

    Example: hankstank evaluate-simulator --seed 1 --seed 2 --seed 3
    """
    from evaluation import true_probability as leagues
    from hankstank import terminal
    from hankstank.cli import views

    options = leagues.SimulationOptions(tuple(seed or (1, 2, 3)), season, history, games, replays, out)
    terminal.show_value(leagues.evaluate_against_truth(options, datetime.now(UTC)), views.draw_truth, json)
