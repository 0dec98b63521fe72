"""The `hankstank` command: what each command takes, and which module does it."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from hankstank.cost.month import Month
from hankstank.outcomes import reported
from hankstank.plan import Source
from shared.events import Trigger

app = typer.Typer(
    help="Baseball predictions from the wire to an answered forecast.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
letters = typer.Typer(help="Deliveries that could not succeed.", no_args_is_help=True)
models = typer.Typer(help="Versions of the models: who is production, who was.", no_args_is_help=True)
features = typer.Typer(help="What the features mean.", no_args_is_help=True)
keys = typer.Typer(help="API keys, kept hashed in a file.", no_args_is_help=True)
standin = typer.Typer(help="The outside world on loopback.", no_args_is_help=True)
for name, commands in {
    "dead-letters": letters,
    "models": models,
    "features": features,
    "keys": keys,
    "standin": standin,
}.items():
    app.add_typer(commands, name=name)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"expected a date like 2026-04-15, got {text!r}") from None


Home = Annotated[Path, typer.Option(envvar="HANKSTANK_HOME", help="Folder that holds the stores.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Day = Annotated[date, typer.Argument(parser=_day, metavar="DATE", help="Such as 2026-04-15.")]
From = Annotated[date | None, typer.Option("--from", parser=_day, metavar="DATE", help="First day.")]
To = Annotated[date | None, typer.Option("--to", parser=_day, metavar="DATE", help="Last day.")]
Data = Annotated[Path, typer.Option(envvar="HANKSTANK_DATA", help="Folder with the real seasons.")]
Seed = Annotated[int, typer.Option(help="Seed of the simulated league.")]
Keys = Annotated[Path, typer.Option("--file", envvar="HANKSTANK_API_KEYS", help="File of hashed keys.")]
HOME, DATA, KEYS = Path("var/run"), Path("../shared/data"), Path("var/keys.json")
TownHome = Annotated[Path, typer.Option("--home", help="Folder that holds the stores and logs.")]
TOWN = Path("var/up")


@app.command()
@reported
def run(
    source: Annotated[Source, typer.Option(help="Where the games come from.")] = "league",
    season: Annotated[
        int | None, typer.Option(help="Season; by default the league's or the data's last.")
    ] = None,
    history: Annotated[int | None, typer.Option(help="First season to learn from (retrosheet).")] = None,
    seed: Seed = 7,
    first: From = None,
    last: To = None,
    live_days: Annotated[
        int, typer.Option(min=1, max=30, help="Days lived one by one after the backfill.")
    ] = 3,
    data: Data = DATA,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Play the main job: backfill, live days, models, and two forecasts over HTTP.

    Example: hankstank run --source retrosheet --season 2016 --history 2015 --data ../shared/data
    """
    from hankstank import runs, screen  # noqa: PLC0415 - a command loads only what it needs

    choice = runs.Choice(source, season, history, seed, first, last, live_days, data, home)
    with screen.progress(shown=not json) as progress:
        summary = runs.run(choice, progress)
    screen.show(summary, screen.run_summary, json)


@app.command()
@reported
def collect(
    first: From = None,
    last: To = None,
    trigger: Annotated[Trigger, typer.Option(help="Why: decides how models are built.")] = "manual",
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Tick once against the live MLB Stats API: what is due, or a range of days.

    Example: hankstank collect --from 2026-04-01 --to 2026-04-07
    """
    from hankstank import runs, screen  # noqa: PLC0415

    screen.show(runs.collect(home, first, last, trigger), screen.tick_answer, json)


@app.command()
@reported
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 picks a free one.")] = 8080,
    workers: Annotated[int, typer.Option(min=1, max=32, help="Worker processes.")] = 1,
    home: Home = HOME,
    announce: Annotated[
        bool, typer.Option("--announce", help="Print the address as JSON; end with stdin.")
    ] = False,
) -> None:
    """Serve forecasts over HTTP from the stores that a run left.

    Example: hankstank serve --port 8080
    """
    from hankstank import api_server  # noqa: PLC0415

    api_server.serve(home, host, port, workers, announce)


@keys.command("new")
@reported
def keys_new(
    name: Annotated[str, typer.Argument(help="Who will hold it.")],
    file: Keys = KEYS,
    per_minute: Annotated[int, typer.Option(min=1, help="Requests a minute.")] = 600,
    per_hour: Annotated[int, typer.Option(min=1, help="Requests an hour.")] = 20_000,
) -> None:
    """Make a key and print its secret, once.

    Example: hankstank keys new newsletter
    """
    from hankstank import api_keys, screen  # noqa: PLC0415

    screen.say(api_keys.add(file, name, per_minute, per_hour))


@keys.command("list")
@reported
def keys_list(file: Keys = KEYS, json: Json = False) -> None:
    """List the keys by name; secrets are not kept.

    Example: hankstank keys list
    """
    from hankstank import api_keys, screen  # noqa: PLC0415

    screen.show(api_keys.read(file), screen.keys, json)


@keys.command("revoke")
@reported
def keys_revoke(name: Annotated[str, typer.Argument(help="Whose key.")], file: Keys = KEYS) -> None:
    """Make a key invalid; running servers notice within half a minute.

    Example: hankstank keys revoke newsletter
    """
    from hankstank import api_keys  # noqa: PLC0415

    api_keys.revoke(file, name)


@app.command()
@reported
def status(home: Home = HOME, json: Json = False) -> None:
    """Say what is here, until when, and whether something waits or failed.

    Example: hankstank status --json
    """
    from hankstank import reading, screen  # noqa: PLC0415

    screen.show(reading.status(home), screen.status, json)


@app.command()
@reported
def predict(
    day: Day,
    game: Annotated[str | None, typer.Option(metavar="AWAY@HOME", help="Such as BOS@NYY.")] = None,
    game_number: Annotated[
        int | None, typer.Option(min=1, max=2, help="Which game of a doubleheader.")
    ] = None,
    player: Annotated[int | None, typer.Option(help="MLBAM id of a player.")] = None,
    line: Annotated[
        list[str] | None, typer.Option(metavar="STAT=LINE", help="Such as strikeouts=5.5.")
    ] = None,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Forecast a game or a player without a server.

    Example: hankstank predict 2026-05-28 --game BOS@NYY
    """
    from hankstank import reading, screen  # noqa: PLC0415

    if (game is None) == (player is None):
        raise typer.BadParameter("expected one of --game AWAY@HOME and --player ID")
    if game is not None:
        screen.show(reading.predict_game(home, day, game, game_number), screen.game, json)
    else:
        screen.show(reading.predict_player(home, day, player, game_number, line or []), screen.player, json)


@app.command()
@reported
def slate(day: Day, home: Home = HOME, json: Json = False) -> None:
    """Forecast every game of a day.

    Example: hankstank slate 2026-05-28
    """
    from hankstank import reading, screen  # noqa: PLC0415

    screen.show(reading.slate(home, day), screen.slate, json)


@app.command()
@reported
def evaluate(
    first: Annotated[int, typer.Option(help="First season to judge.")],
    last: Annotated[int, typer.Option(help="Last season to judge.")],
    history: Annotated[int, typer.Option(help="First season to learn from.")],
    targets: Annotated[
        str, typer.Option(metavar="NAME,NAME", help="Such as home_win,pitcher_strikeouts; by default all.")
    ] = "",
    out: Annotated[Path, typer.Option(help="Folder for report.json and report.html.")] = Path(
        "build/evaluation"
    ),
    publish: Annotated[
        bool, typer.Option("--publish", help="Show it on the track record of the stores at --home.")
    ] = False,
    data: Data = DATA,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Forecast real seasons as they would have been forecast, and judge it against everybody else.

    Example: hankstank evaluate --first 2013 --last 2016 --history 2010 --data ../shared/data
    """
    from hankstank import screen  # noqa: PLC0415
    from hankstank.evaluation import published, run  # noqa: PLC0415
    from shared.runtime import object_store  # noqa: PLC0415
    from shared.settings import Settings  # noqa: PLC0415

    if not history < first <= last:
        raise typer.BadParameter("expected --history before --first, and --first not after --last")
    chosen = tuple(name.strip() for name in targets.split(",") if name.strip())
    choice = run.Choice(first, last, history, chosen, data, out)
    report = run.evaluate(choice, datetime.now(UTC))
    if publish:
        published.publish(report, object_store(Settings(home=home)))
    screen.show(report, screen.evaluation, json)


@app.command()
@reported
def up(
    source: Annotated[Source, typer.Option(help="league or retrosheet.")] = "league",
    season: Annotated[int, typer.Option(help="Season to live in.")] = 2026,
    seed: Seed = 7,
    data: Data = DATA,
    home: TownHome = TOWN,
    json: Json = False,
) -> None:
    """Start six rooms as processes of their own, joined by Google Cloud's emulators, and return.

    Example: hankstank up
    """
    from hankstank.loopback import screen, up  # noqa: PLC0415

    if source == "mlb":
        raise typer.BadParameter("expected league or retrosheet: `hankstank collect` asks the MLB Stats API")
    choice = up.Choice(home, source, season, seed, data)
    screen.came_up(*up.up(choice, screen.teller(json)), json)


@app.command()
@reported
def tick(
    day: Annotated[
        date | None, typer.Argument(parser=_day, metavar="[DATE]", help="Day to collect; else the next one.")
    ] = None,
    train: Annotated[bool, typer.Option("--train", help="Build models anew, as every Sunday.")] = False,
    first: From = None,
    last: To = None,
    patience: Annotated[
        float, typer.Option(min=1, help="Seconds without any move before giving up.")
    ] = 300.0,
    home: TownHome = TOWN,
    json: Json = False,
) -> None:
    """Send the schedule's message through the six processes and follow it to a forecast.

    Example: hankstank tick 2026-05-26 --train
    """
    from hankstank.loopback import screen, tick  # noqa: PLC0415

    asked = tick.Asked(home, day, first, last, "weekly" if train else "daily", patience)
    screen.ticked(tick.tick(asked, screen.teller(json)), json)


@app.command()
@reported
def down(home: TownHome = TOWN, json: Json = False) -> None:
    """End what `hankstank up` started; the stores and logs stay.

    Example: hankstank down
    """
    from hankstank.loopback import screen, up  # noqa: PLC0415

    screen.went_down(up.down(home), home, json)


@app.command()
@reported
def cost(
    month: Annotated[Month, typer.Option(help="Which kind of month.")] = Month.IN_SEASON,
    home: Annotated[
        Path | None, typer.Option(help="Measure the run in this folder; else a recorded season.")
    ] = None,
    json: Json = False,
) -> None:
    """Estimate a month's bill on Google Cloud, line by line, with free tiers apart.

    Example: hankstank cost --month off-season
    """
    from hankstank import screen  # noqa: PLC0415
    from hankstank.cost import bill, statement, usage  # noqa: PLC0415

    used = usage.measured(home) if home else usage.recorded()
    screen.show(statement.told(bill.bill(used, month), used), statement.draw, json)


@letters.command("list")
@reported
def letters_list(home: Home = HOME, json: Json = False) -> None:
    """List the dead letters, oldest first.

    Example: hankstank dead-letters list
    """
    from hankstank import reading, screen  # noqa: PLC0415

    screen.show(reading.dead_letters(home), screen.dead_letters, json)


@letters.command("show")
@reported
def letters_show(number: int, home: Home = HOME, json: Json = False) -> None:
    """Show one dead letter: what it carried and why it was parked.

    Example: hankstank dead-letters show 1
    """
    from hankstank import reading, screen  # noqa: PLC0415

    screen.show(reading.dead_letter(home, number), screen.fields, json)


@letters.command("replay")
@reported
def letters_replay(number: int, home: Home = HOME, json: Json = False) -> None:
    """Deliver a dead letter again and everything that follows from it.

    Example: hankstank dead-letters replay 1
    """
    from hankstank import runs, screen  # noqa: PLC0415

    screen.show(runs.replay(home, number), screen.fields, json)


@models.command("list")
@reported
def models_list(home: Home = HOME, json: Json = False) -> None:
    """List the models in production and how they did on days held out.

    Example: hankstank models list
    """
    from hankstank import reading, screen  # noqa: PLC0415

    screen.show(reading.models(home), screen.models, json)


@models.command("history")
@reported
def models_history(target: str, home: Home = HOME, json: Json = False) -> None:
    """Say which version of a target was production, from when to when.

    Example: hankstank models history home_win
    """
    from hankstank import reading, screen  # noqa: PLC0415

    screen.show(reading.model_history(home, target), screen.reigns, json)


@models.command("rollback")
@reported
def models_rollback(target: str, version: str, home: Home = HOME, json: Json = False) -> None:
    """Make an earlier version production again, in one step.

    Example: hankstank models rollback home_win 1.0.0
    """
    from hankstank import reading, screen  # noqa: PLC0415

    screen.show(reading.rollback(home, target, version), screen.fields, json)


@features.command("describe")
@reported
def features_describe(
    name: Annotated[str | None, typer.Argument(help="One feature, or part of its name.")] = None,
    json: Json = False,
) -> None:
    """Say what each feature means, its unit, its window and what it is made from.

    Example: hankstank features describe strikeout
    """
    from hankstank import reading, screen  # noqa: PLC0415

    screen.show(reading.features(name), screen.features, json)


@standin.command("serve")
@reported
def standin_serve(
    source: Annotated[Source, typer.Option(help="league or retrosheet.")] = "league",
    season: Annotated[int, typer.Option(help="Season to serve.")] = 2026,
    seed: Seed = 7,
    now: Annotated[datetime | None, typer.Option(help="The world's time, UTC; else the present.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 picks a free one.")] = 8090,
    folder: Annotated[Path, typer.Option(help="Where rendered bodies are kept.")] = Path("var/standin"),
    data: Data = DATA,
) -> None:
    """Serve a simulated league or a real season in the wire formats of the outside world.

    Example: hankstank standin serve --seed 7 --now 2026-05-30T12:00:00
    """
    from hankstank import outside  # noqa: PLC0415

    if source == "mlb":
        raise typer.BadParameter("expected league or retrosheet: the MLB Stats API needs no stand-in")
    outside.serve(
        source, season, seed, now.replace(tzinfo=UTC) if now else datetime.now(UTC), port, folder, data
    )


def main() -> None:
    """Run the command line."""
    app(prog_name="hankstank")
