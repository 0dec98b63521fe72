"""Which seasons are played, and the stand-in that serves them: real ones where the data is, else simulated."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hankstank import outside
from hankstank.plan import Source
from hankstank.standins.archive import Archive
from hankstank.standins.render import render_season
from hankstank.standins.scorebook import World
from hankstank.standins.server import world_of
from tests.data import DATA

_SEED = 7
_WORKERS = 2


@dataclass(frozen=True, slots=True)
class Season:
    """A season of the outside world, kept in a folder of its own."""

    source: Source
    year: int
    folder: Path

    @property
    def label(self) -> str:
        """Return what the figures say it was."""
        return f"Retrosheet {self.year}" if self.source == "retrosheet" else f"simulated {self.year}"

    def world(self) -> World:
        """Return the world of this season alone."""
        return world_of(self.source, seed=_SEED, data=DATA, seasons=[self.year])

    def days(self) -> list[date]:
        """Return the days on which games are listed, ascending; learns the season the first time."""
        cards = Archive(self.world(), self.folder).cards(date(self.year, 1, 1), date(self.year, 12, 31))
        return sorted({day for card in cards for day in card.dates})

    def render(self, first: date, last: date) -> None:
        """Render the final feeds of games between two dates, both included."""
        render_season(self.world(), self.folder, first, last, workers=_WORKERS)

    @contextmanager
    def standin(self) -> Iterator[str]:
        """Serve the season from a child process; yield its address."""
        with outside.standin(self.source, (self.year,), _SEED, DATA, self.folder) as url:
            yield url


def seasons(count: int, folder: Path) -> list[Season]:
    """Return the last `count` seasons: of Retrosheet where their files are, else of the simulated league."""
    real = range(2017 - count, 2017)
    if all((DATA / f"mlb/retrosheet/{year}eve.zip").exists() for year in real):
        return [Season("retrosheet", year, folder / f"retrosheet-{year}") for year in real]
    return [Season("league", year, folder / f"league-{year}") for year in range(2027 - count, 2027)]
