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

_SITE = re.compile(r"^info,site,(\w+)", re.MULTILINE)
_UMPIRE = re.compile(r"^info,ump\w+,([a-z][\w'-]*)", re.MULTILINE)


class MissingSeason(FileNotFoundError):  # noqa: N818 - named for the condition
    """A season whose event files are not in the data folder."""


def _playing_order(text: str) -> tuple[date, float, int]:
    info = read_info(text)
    on = game_info.official_date(info)
    home = clubs.clubs_by_code(on.year)[sides(info)[1]].id
    return on, game_info.start(info).timestamp(), game_info.game_pk(on, home, int(info.get("number", 0)))


def _unzip(data: Path, year: int) -> Mapping[str, str]:
    path = data / "mlb" / "retrosheet" / f"{year}eve.zip"
    if not path.exists():
        raise MissingSeason(f"no Retrosheet season {year}: put its event files at {path}")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode("latin-1") for name in sorted(archive.namelist())}


@dataclass(frozen=True)
class Season:
    """One season's files, its plays not yet parsed: rosters by club code, games in playing order."""

    year: int
    rosters: Mapping[str, str]
    games: Sequence[str]
    register: Mapping[str, Person]

    @cached_property
    def directory(self) -> Directory:
        """Return the season's people."""
        return Directory(self.register, self.rosters.values())

    @cached_property
    def active_rosters(self) -> ActiveRosters:
        """Return who was with which club when."""
        return ActiveRosters(self.rosters, self.games)

    @property
    def sites(self) -> set[str]:
        """Return the codes of the ballparks played in."""
        return {site for game in self.games for site in _SITE.findall(game)}

    @property
    def people(self) -> Mapping[int, Person]:
        """Return the rostered players and the umpires by id."""
        players = {line.partition(",")[0] for text in self.rosters.values() for line in text.splitlines()}
        umpires = {code for game in self.games for code in _UMPIRE.findall(game)}
        everybody = (self.directory[code] for code in sorted(players | umpires) if code)
        return {person.id: person for person in everybody}


def read_season(data: Path, year: int, register: Mapping[str, Person]) -> Season:
    """Read `mlb/retrosheet/YYYYeve.zip`; raises `MissingSeason`."""
    texts = _unzip(data, year)
    games = [game for name, text in texts.items() if ".EV" in name for game in split_games(text)]
    rosters = {name[:3]: text for name, text in texts.items() if name.endswith(".ROS")}
    return Season(year, rosters, sorted(games, key=_playing_order), register)


class RetrosheetWorld:
    """Real seasons, read on first ask from `data/mlb`; a game is parsed when it is yielded."""

    def __init__(self, data: Path, seasons: Sequence[int]) -> None:
        self._data = data
        self._years = tuple(sorted(set(seasons)))
        self._read: dict[int, Season] = {}

    @property
    def label(self) -> str:
        """Return what users read, such as "Retrosheet 2015, 2016"."""
        return f"Retrosheet {', '.join(map(str, self._years))}"

    def seasons(self) -> Sequence[int]:
        """Return the seasons that can be asked for."""
        return self._years

    def clubs(self, season: int) -> Sequence[Club]:
        """Return the thirty clubs of a season."""
        return clubs.clubs_in(season)

    def venues(self) -> Mapping[int, Venue]:
        """Return the ballparks by id: the clubs', and those of the seasons that only Retrosheet knows."""
        sites = set().union(*(season.sites for season in self._all()))
        strangers = (game_info.invented_venue(site) for site in sites - clubs.venues_by_code().keys())
        return {venue.id: venue for venue in (*clubs.venues_by_code().values(), *strangers)}

    def people(self) -> Mapping[int, Person]:
        """Return every rostered player and every umpire of the seasons by id."""
        return {number: person for season in self._all() for number, person in season.people.items()}

    def games(self, season: int) -> Iterable[Game]:
        """Yield a season's games by official date, then start, then game_pk."""
        files = self._season(season)
        return (read_game(text, files.directory) for text in files.games)

    def games_on(self, first: date, last: date) -> Iterable[Game]:
        """Yield the games with an official date between two, both included, in the same order."""
        for files in (self._season(year) for year in self._years if first.year <= year <= last.year):
            for text in files.games:
                if first <= game_info.official_date(read_info(text)) <= last:
                    yield read_game(text, files.directory)

    def games_moved_from(self, first: date, last: date) -> Iterable[Game]:  # noqa: ARG002
        """Return nothing: the event files do not tell when a game was first to be played."""
        return ()

    def roster(self, club: int, on: date, kind: str) -> Sequence[int]:
        """Return the active roster as far as it can be told; Retrosheet knows no 40-man roster."""
        if kind != "active" or on.year not in self._years:
            return ()
        files = self._season(on.year)
        codes = {fact.id: code for code, fact in clubs.clubs_by_code(on.year).items()}
        return [files.directory[man].id for man in files.active_rosters.active(codes[club], on)]

    def transactions(self, first: date, last: date) -> Sequence[Transaction]:  # noqa: ARG002
        """Return nothing: the event files tell no transactions."""
        return ()

    @cached_property
    def _register(self) -> Mapping[str, Person]:
        return read_register(self._data)

    def _season(self, year: int) -> Season:
        if year not in self._read:
            self._read[year] = read_season(self._data, year, self._register)
        return self._read[year]

    def _all(self) -> Iterable[Season]:
        return map(self._season, self._years)
