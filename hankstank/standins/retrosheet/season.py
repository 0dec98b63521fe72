"""One season's event files and rosters, its games put in playing order and read one at a time."""

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path, PurePath

from hankstank.data_folder import event_files
from hankstank.outcomes import CannotDo
from hankstank.standins import clubs
from hankstank.standins.retrosheet import game_info
from hankstank.standins.retrosheet.game import (
    UnreadableGame,
    game_id,
    read_game,
    read_info,
    sides,
    split_games,
)
from hankstank.standins.retrosheet.people import Directory
from hankstank.standins.retrosheet.rosters import ActiveRosters
from hankstank.standins.scorebook import Game, Person

_SITE = re.compile(r"^info,site,(\w+)", re.MULTILINE)
_EVENT_FILE = (".EVA", ".EVN")  # those of a season's games; .EVE are of the postseason and All-Star games
_MOST_LEFT_OUT = 0.01
_UMPIRE = re.compile(r"^info,ump\w+,([a-z][\w'-]*)", re.MULTILINE)


class MissingSeason(FileNotFoundError):  # noqa: N818 - named for the condition
    """A season whose event files are not in the data folder."""


class UnreadableSeason(CannotDo):
    """A season's file, or more of its games than can be left out, cannot be read."""


def _playing_order(text: str) -> tuple[date, float, int]:
    info = read_info(text)
    on = game_info.official_date(info)
    _, home = (clubs.clubs_by_code(on.year)[code].id for code in sides(info))
    number = game_info.number(info, "number", 0)
    return on, game_info.start(info).timestamp(), game_info.game_pk(on, home, number)


def _counts(text: str) -> bool:
    """Say whether a game is one of the season's: files since 2022 name the type of every game."""
    return "\ninfo,gametype," not in text or "\ninfo,gametype,regular" in text


def _unzip(data: Path, year: int) -> Mapping[str, str]:
    path = event_files(data, year)
    if not path.exists():
        raise MissingSeason(f"no Retrosheet season {year}: put its event files at {path}")
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(archive.namelist())
            return {PurePath(name).name.upper(): archive.read(name).decode("latin-1") for name in names}
    except (zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise UnreadableSeason(f"{path}: expected a zip of event files, got {error}") from None


@dataclass(frozen=True)
class Season:
    """One season's files, its plays not yet parsed: rosters by club code, games in playing order.

    `not_read` says of games that were left out why they could not be read; it grows as games are parsed.
    """

    year: int
    rosters: Mapping[str, str]
    games: Sequence[str]
    register: Mapping[str, Person]
    not_read: dict[str, str] = field(default_factory=dict)

    def leave_out(self, text: str, error: Exception) -> None:
        """Note a game that cannot be read; raises `UnreadableSeason` from the second in a hundred on."""
        self.not_read[game_id(text)] = str(error)
        games = len({game_id(game) for game in self.games} | self.not_read.keys())
        if len(self.not_read) > _MOST_LEFT_OUT * games:
            told = f"{len(self.not_read)} of {games} games of {self.year} cannot be read, the last one"
            raise UnreadableSeason(f"{told} {error}") from error

    def parsed(self, texts: Iterable[str]) -> Iterator[Game]:
        """Yield the games that can be read."""
        for text in texts:
            try:
                yield read_game(text, self.directory)
            except UnreadableGame as error:
                self.leave_out(text, error)

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
    """Read `mlb/retrosheet/YYYYeve.zip`; raises `MissingSeason` and `UnreadableSeason`."""
    texts = _unzip(data, year)
    games = [game for name, text in texts.items() if name.endswith(_EVENT_FILE) for game in split_games(text)]
    games = list(filter(_counts, games))
    if not games:
        raise UnreadableSeason(f"{event_files(data, year)}: expected games in .EVA and .EVN files, got none")
    rosters = {name[:3]: text for name, text in texts.items() if name.endswith(".ROS")}
    orders, unordered = {}, {}
    for game in games:
        try:
            orders[game] = _playing_order(game)
        except (ValueError, LookupError) as error:
            unordered[game] = UnreadableGame(f"{game_id(game)}: {error!r}")
    season = Season(year, rosters, sorted(orders, key=orders.__getitem__), register)
    for game, reason in unordered.items():
        season.leave_out(game, reason)
    return season
