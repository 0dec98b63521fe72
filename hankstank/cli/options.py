"""Command-line options that several commands share, and the parsing of days."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from hankstank import suggestions
from shared.errors import Unavailable, UserError

FORECAST_PANEL, RUN_PANEL, DATA_PANEL, MAINTENANCE_PANEL, CLUSTER_PANEL = (
    "Forecasts",
    "Run and collect",
    "Data",
    "Maintenance",
    "Local cluster",
)


def command_group(about: str) -> typer.Typer:
    """Return a sub-command group that shows its help when no sub-command is given."""
    return typer.Typer(help=about, no_args_is_help=True, suggest_commands=True)


def _read_day(text: str) -> date | suggestions.RelativeDay:
    try:
        return suggestions.parse_day(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _resolve_day(context: typer.Context, day: date | suggestions.RelativeDay | None) -> date | None:
    """Resolve today, tomorrow and yesterday by the clock of the stores or of the API at --url."""
    if not isinstance(day, suggestions.RelativeDay):
        return day
    from hankstank.cli import world_clock  # noqa: PLC0415 - only needed for relative days

    try:
        return day.resolve(
            world_clock.world_today(**{name: context.params.get(name) for name in ("home", "url", "key")})
        )
    except (UserError, Unavailable) as error:
        raise typer.BadParameter(f"{day}: {error}") from None


# Eager: a relative day depends on the clock of the stores, so their options are parsed first.
Home = Annotated[Path, typer.Option(envvar="HANKSTANK_HOME", is_eager=True, help="Folder of the stores.")]
Url = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        is_eager=True,
        help="Use a running API, such as http://127.0.0.1:8080, instead of the stores.",
    ),
]
Key = Annotated[
    str | None,
    typer.Option(envvar="HANKSTANK_API_KEY", is_eager=True, help="Secret for the API at --url."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, errors included.")]
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
        metavar="[DATE]",
        help="Day to collect; default: the next one.",
        parser=_read_day,
        callback=_resolve_day,
    ),
]
ResultDay = Annotated[
    date | None,
    typer.Argument(
        metavar="[DATE]",
        help="Day that is over; default: yesterday.",
        parser=_read_day,
        callback=_resolve_day,
    ),
]
ReportDay = Annotated[
    date | None,
    typer.Argument(
        metavar="[DATE]",
        help="The report's morning; default: the newest.",
        parser=_read_day,
        callback=_resolve_day,
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
Until = Annotated[
    date | None,
    typer.Option(
        "--until", metavar="DATE", help="Last day to collect.", parser=_read_day, callback=_resolve_day
    ),
]
Data = Annotated[Path, typer.Option(envvar="HANKSTANK_DATA", help="Folder of real seasons.")]
Seed = Annotated[int, typer.Option(help="Seed of the simulated league.")]
HOME, DATA = Path("var/run"), Path("../shared/data")
