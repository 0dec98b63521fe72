"""Where a folder of real data has what a season is read from."""

from collections.abc import Iterable
from pathlib import Path

from shared.errors import UserError


def event_file_path(data: Path, year: int) -> Path:
    """Return where Retrosheet's play by play of a season is."""
    return data / "mlb" / "retrosheet" / f"{year}eve.zip"


def seasons_in(data: Path) -> list[int]:
    """Return the seasons whose play by play is there, in order."""
    names = (path.name for path in data.glob("mlb/retrosheet/*eve.zip"))
    return sorted(int(name[:4]) for name in names if name[:4].isdecimal())


def people_register_path(data: Path) -> Path:
    """Return where the Chadwick register of people is."""
    return data / "mlb" / "register.csv"


def check_season_files(data: Path, years: Iterable[int]) -> None:
    """Raise CannotDo where a season's files are not there, naming them."""
    files = [*(event_file_path(data, year) for year in sorted(set(years))), people_register_path(data)]
    missing = [str(path) for path in files if not path.exists()]
    if missing:
        there = [str(year) for year in seasons_in(data)]
        has = f" (its seasons are {', '.join(there)})" if there else ""
        raise UserError(
            f"expected {', '.join(missing)}: name another folder that holds mlb/ with --data{has}"
        )
