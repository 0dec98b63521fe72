"""Paths of the files in a data folder that a real season is read from."""

from collections.abc import Iterable
from pathlib import Path

from shared.errors import UserError


def event_file_path(data: Path, year: int) -> Path:
    """Return the path of a season's Retrosheet event files."""
    return data / "mlb" / "retrosheet" / f"{year}eve.zip"


def seasons_in(data: Path) -> list[int]:
    """Return the seasons that have event files, in order."""
    names = (path.name for path in data.glob("mlb/retrosheet/*eve.zip"))
    return sorted(int(name[:4]) for name in names if name[:4].isdecimal())


def people_register_path(data: Path) -> Path:
    """Return the path of the Chadwick register of people."""
    return data / "mlb" / "register.csv"


def check_season_files(data: Path, years: Iterable[int]) -> None:
    """Raise UserError if files of these seasons are missing; the message lists them."""
    files = [*(event_file_path(data, year) for year in sorted(set(years))), people_register_path(data)]
    missing = [str(path) for path in files if not path.exists()]
    if missing:
        seasons = [str(year) for year in seasons_in(data)]
        found = f" (found the seasons {', '.join(seasons)})" if seasons else ""
        raise UserError(f"missing {', '.join(missing)}: give a folder that contains mlb/ with --data{found}")
