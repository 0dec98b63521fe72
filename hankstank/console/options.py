"""Options that several commands take, and how what is typed is read."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from hankstank import nearest

ASK, PLAY, LOOK, KEEP, LOOPBACK = (
    "Ask for forecasts",
    "Play and collect",
    "Look at the data",
    "Keep it in order",
    "Six processes, as on Google Cloud",
)


def group(about: str) -> typer.Typer:
    """Return commands under one name: without one of them they show their help."""
    return typer.Typer(help=about, no_args_is_help=True, suggest_commands=True)


def _day(text: str) -> date:
    try:
        return nearest.day(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


Home = Annotated[Path, typer.Option(envvar="HANKSTANK_HOME", help="Folder that holds the stores.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Day = Annotated[date, typer.Argument(parser=_day, metavar="DATE", help="Such as 2026-04-15.")]
MaybeDay = Annotated[
    date | None, typer.Argument(parser=_day, metavar="[DATE]", help="Day to collect; else the next one.")
]
From = Annotated[date | None, typer.Option("--from", parser=_day, metavar="DATE", help="First day.")]
To = Annotated[date | None, typer.Option("--to", parser=_day, metavar="DATE", help="Last day.")]
Data = Annotated[Path, typer.Option(envvar="HANKSTANK_DATA", help="Folder with the real seasons.")]
Seed = Annotated[int, typer.Option(help="Seed of the simulated league.")]
HOME, DATA = Path("var/run"), Path("../shared/data")
