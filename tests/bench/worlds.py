"""Which seasons are played, and the stand-in that serves them: real ones where the data is, else simulated."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hankstank.local import simulator_process
from hankstank.local.run_plan import Source
from simulator.game_record import World
from simulator.render import render_season
from simulator.season_store import SeasonStore
from simulator.server import create_world
from tests.data import DATA

_SEED = 7
_WORKERS = 2
_REAL, _SIMULATED = range(2010, 2017), range(2020, 2027)


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
        return create_world(self.source, seed=_SEED, data=DATA, seasons=[self.year])

    def games_a_day(self) -> dict[date, int]:
        """Return how many games are played on each day, ascending, none of spring; learns the season once."""
        cards = SeasonStore(self.world(), self.folder).list_summaries(
            date(self.year, 1, 1), date(self.year, 12, 31)
        )
        counted = Counter(
            card.game.official_date for card in cards if card.has_result and card.game.game_type != "S"
        )
        return dict(sorted(counted.items()))

    def render(self, first: date, last: date) -> None:
        """Render the final feeds of games between two dates, both included."""
        render_season(self.world(), self.folder, first, last, workers=_WORKERS)

    @contextmanager
    def standin(self) -> Iterator[str]:
        """Serve the season from a child process; yield its address."""
        with simulator_process.run_simulator(self.source, (self.year,), _SEED, DATA, self.folder) as url:
            yield url


def seasons(folder: Path) -> Sequence[Season]:
    """Return seven seasons: of Retrosheet where its files are, else of the simulated league."""
    if all((DATA / f"mlb/retrosheet/{year}eve.zip").exists() for year in _REAL):
        return [Season("retrosheet", year, folder / f"retrosheet-{year}") for year in _REAL]
    return [Season("league", year, folder / f"league-{year}") for year in _SIMULATED]
