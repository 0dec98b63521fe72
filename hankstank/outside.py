"""The outside world for a run: which stand-in, served from where, filled by what."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hankstank import child
from hankstank.outcomes import CannotDo
from hankstank.plan import Source
from hankstank.standins.scorebook import World


def world(source: Source, seasons: tuple[int, ...], seed: int, data: Path) -> World:
    """Return the world that fills a stand-in; raises CannotDo when its data are not there."""
    if source == "league":
        from hankstank.standins.league import SimulatedLeague  # noqa: PLC0415 - a season's talent is made here

        return SimulatedLeague(seed, seasons)
    from hankstank.standins.retrosheet import RetrosheetWorld  # noqa: PLC0415

    missing = [year for year in seasons if not (data / f"mlb/retrosheet/{year}eve.zip").exists()]
    if missing:
        raise CannotDo(f"{data}: expected Retrosheet's event files of {missing}: name the folder with --data")
    return RetrosheetWorld(data, seasons)


@contextmanager
def standin(source: Source, seasons: tuple[int, ...], seed: int, data: Path, folder: Path) -> Iterator[str]:
    """Run the stand-in as a child process and yield its address."""
    options = {"source": source, "seed": seed, "port": 0, "folder": folder, "data": data}
    words = [f"--{name}={value}" for name, value in options.items()]
    years = [f"--season={year}" for year in seasons]
    with child.server(["hankstank", "standin", "serve", *words, *years, "--announce"]) as url:
        yield url
