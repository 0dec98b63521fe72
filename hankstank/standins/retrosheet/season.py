"""Real seasons as a `World`: Retrosheet's event files, read a game at a time."""

import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from hankstank.standins import clubs
from hankstank.standins.retrosheet import game_info
from hankstank.standins.retrosheet.game import read_game, read_info, sides, split_games
from hankstank.standins.retrosheet.people import Directory, read_register
from hankstank.standins.retrosheet.rosters import ActiveRosters
from hankstank.standins.scorebook import Club, Game, Person, Transaction, Venue


class MissingSeason(FileNotFoundError):
    """A season whose event files are not in the data folder."""


@dataclass(frozen=True)
class Season:
    """The files of one season: rosters by club code and the text of each game, in playing order."""

    year: int
    rosters: Mapping[str, str]
    games: Sequence[str]


def _playing_order(text: str) -> tuple[date, float, int]:
    info = read_info(text)
    on = game_info.official_date(info)
    home = clubs.clubs_by_code(on.year)[sides(info)[1]].id
    return on, game_info.start(info).timestamp(), game_info.game_pk(on, home, int(info.get("number", 0)))


def read_season(data: Path, year: int) -> Season:
    """Read `mlb/retrosheet/YYYYeve.zip` without parsing its plays; raises `MissingSeason`."""
    path = data / "mlb" / "retrosheet" / f"{year}eve.zip"
    if not path.exists():
        raise MissingSeason(f"no Retrosheet season {year}: put its event files at {path}")
    with zipfile.ZipFile(path) as archive:
        texts = {name: archive.read(name).decode("latin-1") for name in archive.namelist()}
    games = [
        game for name, text in texts.items() if name.endswith((".EVA", ".EVN")) for game in split_games(text)
    ]
    rosters = {name[:3]: text for name, text in sorted(texts.items()) if name.endswith(".ROS")}
    return Season(year, rosters, sorted(games, key=_playing_order))


class RetrosheetWorld:
    """Real seasons, read on first ask from `data/mlb`; games are parsed as they are yielded."""

    def __init__(self, data: Path, seasons: Sequence[int]) -> None:
        self._data = data
        self._years = tuple(sorted(set(seasons)))
        self._seasons: dict[int, Season] = {}
        self._rosters: dict[int, ActiveRosters] = {}
        self._directories: dict[int, Directory] = {}

    @property
    def label(self) -> str:
        """Return what users read, such as "Retrosheet 2015–2016"."""
        return "Retrosheet " + "–".join(str(year) for year in dict.fromkeys((self._years[0], self._years[-1])))

    def seasons(self) -> Sequence[int]:
        """Return the seasons asked for."""
        return self._years

    def clubs(self, season: int) -> Sequence[Club]:
        """Return the thirty clubs of a season."""
        return clubs.clubs_in(season)

    def venues(self) -> Mapping[int, Venue]:
        """Return every known ballpark, and those only Retrosheet knows, by id."""
        sites = {site for year in self._years for game in self._season(year).games for site in _SITE.findall(game)}
        strangers = [game_info.invented_venue(site) for site in sites - clubs.venues_by_code().keys()]
        return {venue.id: venue for venue in (*clubs.venues_by_code().values(), *strangers)}

    def people(self) -> Mapping[int, Person]:
        """Return every rostered player and every umpire of the seasons by id."""
        found: dict[int, Person] = {}
        for year in self._years:
            directory = self._directory(year)
            codes = {line.partition(",")[0] for text in self._season(year).rosters.values() for line in text.split()}
            umpires = {code for game in self._season(year).games for code in _UMPIRE.findall(game)}
            found |= {directory[code].id: directory[code] for code in codes | umpires}
        return found

    def games(self, season: int) -> Iterable[Game]:
        """Yield a season's games by official date, then start, then game_pk."""
        directory = self._directory(season)
        people = {person.id: person for person in directory.values()}
        return (read_game(text, directory, people) for text in self._season(season).games)

    def roster(self, club: int, on: date, kind: str) -> Sequence[int]:
        """Return the men on the active roster that day; Retrosheet knows no other roster."""
        return []

    def transactions(self, first: date, last: date) -> Sequence[Transaction]:  # noqa: ARG002
        """Return nothing: Retrosheet's event files tell no transactions."""
        return ()

    @cached_property
    def _register(self) -> Mapping[str, Person]:
        return read_register(self._data)

    def _season(self, year: int) -> Season:
        if year not in self._seasons:
            self._seasons[year] = read_season(self._data, year)
        return self._seasons[year]

    def _directory(self, year: int) -> Directory:
        if year not in self._directories:
            self._directories[year] = Directory(self._register, self._season(year).rosters.values())
        return self._directories[year]


_SITE = re.compile(r"^info,site,(\w+)", re.MULTILINE)
_UMPIRE = re.compile(r"^info,ump\w+,([a-z][\w'-]*)", re.MULTILINE)
