"""Options that several commands take, and how what is typed is read."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from hankstank.cli import suggestions
from shared.errors import Unavailable, UserError

FORECAST_PANEL, RUN_PANEL, DATA_PANEL, MAINTENANCE_PANEL, CLUSTER_PANEL = (
    "Ask for forecasts",
    "Play and collect",
    "Look at the data",
    "Keep it in order",
    "Six processes, as on Google Cloud",
)


def command_group(about: str) -> typer.Typer:
    """Return commands under one name: without one of them they show their help."""
    return typer.Typer(help=about, no_args_is_help=True, suggest_commands=True)


def _read_day(text: str) -> date | suggestions.RelativeDay:
    try:
        return suggestions.parse_day(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _resolve_day(context: typer.Context, day: date | suggestions.RelativeDay | None) -> date | None:
    """Return the date of today, tomorrow or yesterday by the clock of the stores or of the API at --url."""
    if not isinstance(day, suggestions.RelativeDay):
        return day
    from hankstank.ops import world_clock  # noqa: PLC0415 - loaded by those who name a day by a word only

    try:
        return day.resolve(
            world_clock.world_today(**{name: context.params.get(name) for name in ("home", "url", "key")})
        )
    except (UserError, Unavailable) as error:
        raise typer.BadParameter(f"{day}: {error}") from None


# Eager: a relative day is read by the clock of the stores, so the options that name them are read first.
Home = Annotated[
    Path, typer.Option(envvar="HANKSTANK_HOME", is_eager=True, help="Folder that holds the stores.")
]
Url = Annotated[
    str | None,
    typer.Option(
        metavar="URL", is_eager=True, help="Ask a running API, such as http://127.0.0.1:8080, not the stores."
    ),
]
Key = Annotated[
    str | None,
    typer.Option(envvar="HANKSTANK_API_KEY", is_eager=True, help="Secret for the API at --url."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs, errors too.")]
Day = Annotated[
    date,
    typer.Argument(
        metavar="DATE",
        help="Such as 2026-04-15, or yesterday, today, tomorrow.",
        parser=_read_day,
        callback=_resolve_day,
    ),
]
MaybeDay = Annotated[
    date | None,
    typer.Argument(
        metavar="[DATE]", help="Day to collect; else the next one.", parser=_read_day, callback=_resolve_day
    ),
]
From = Annotated[
    date | None,
    typer.Option("--from", metavar="DATE", help="First day.", parser=_read_day, callback=_resolve_day),
]
To = Annotated[
    date | None,
    typer.Option("--to", metavar="DATE", help="Last day.", parser=_read_day, callback=_resolve_day),
]
Data = Annotated[Path, typer.Option(envvar="HANKSTANK_DATA", help="Folder with the real seasons.")]
Seed = Annotated[int, typer.Option(help="Seed of the simulated league.")]
HOME, DATA = Path("var/run"), Path("../shared/data")
