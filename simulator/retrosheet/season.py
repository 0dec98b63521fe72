"""One season's event files and rosters, its games put in playing order and read one at a time."""

import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from shared.errors import CannotDo
from simulator import clubs
from simulator.data_folder import event_files
from simulator.game_record import Game, Person
from simulator.retrosheet import game_info
from simulator.retrosheet.game import UnreadableGame, read_game, sides
from simulator.retrosheet.people import Directory
from simulator.retrosheet.records import game_id, label, read_info, split_games
from simulator.retrosheet.rosters import ActiveRosters
from simulator.zip_members import demand_bounded

_SITE = re.compile(r"^info,site,(\w+)", re.MULTILINE)
# Those of a season's games, a few of them deduced; .EVE are of the postseason and All-Star games
_EVENT_FILE = re.compile(r".*\.E[VD][ANFR]")
_COUNTED = ("", "regular", "playoff")  # a playoff decides a tie of two clubs and counts as a regular game
_MOST_LEFT_OUT = 0.01
_FEWEST_OF_A_CLUB = 10  # home games; even 2020 had thirty


class MissingSeason(FileNotFoundError):  # noqa: N818 - named for the condition
    """A season whose event files are not in the data folder."""


class UnreadableSeason(CannotDo):
    """A season's file, or more of its games than can be left out, cannot be read."""


def _playing_order(text: str, year: int) -> tuple[date, float, int]:
    """Return what a season's games are sorted by; raises ValueError where a game does not say it."""
    info = read_info(text)
    on = game_info.official_date(info)
    if on.year != year:
        raise ValueError(f"expected a game of {year}, got one of {on}")
    known = clubs.clubs_by_code(year)
    unknown = [code for code in sides(info) if code not in known]
    if unknown:
        raise ValueError(f"expected clubs of {year} such as BOS and NYA, got {', '.join(unknown)}")
    number = game_info.number(info, "number", 0)
    home = known[sides(info)[1]].id
    return on, game_info.start(info).timestamp(), game_info.game_pk(on, home, number)


def _counts(text: str) -> bool:
    """Say whether a game is one of the season's: files since 2022 name the type of every game."""
    return read_info(text).get("gametype", "") in _COUNTED


def _read(raw: bytes) -> str:
    """Return a file's text: most are ASCII, some UTF-8, older ones Latin-1."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _unzip(data: Path, year: int) -> Mapping[str, str]:
    path = event_files(data, year)
    if not path.exists():
        raise MissingSeason(f"no Retrosheet season {year}: put its event files at {path}")
    try:
        with zipfile.ZipFile(path) as archive:
            demand_bounded(archive)
            return {_base_name(name): _read(archive.read(name)) for name in sorted(archive.namelist())}
    except (zipfile.BadZipFile, EOFError, zlib.error, RuntimeError) as error:  # RuntimeError: a password
        raise UnreadableSeason(f"{path}: expected a zip of event files, got {error}") from None


def _base_name(name: str) -> str:
    """Return a zip member's name in capitals, without the folders that some copies have."""
    return re.split(r"[\\/]", name)[-1].upper()


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
        return Directory(self.register, self.rosters.values(), self.games)

    @cached_property
    def active_rosters(self) -> ActiveRosters:
        """Return who was with which club when."""
        return ActiveRosters(self.rosters, self.games)

    @property
    def sites(self) -> set[str]:
        """Return the codes of the ballparks played in."""
        return {site for game in self.games for site in _SITE.findall(game)}

    def what_is_missing(self) -> Iterator[str]:
        """Yield a sentence for each thing that the files lack and that is done without."""
        players = self.directory.players
        if unknown := sum(not (one.bats and one.throws) for one in players):
            told = f"{self.year}: no roster tells the hands of {unknown} of {len(players)} players"
            yield f"{told}; they are unknown, and plate appearances are written as right-handed"
        at_home = Counter(game_id(game)[:3] for game in self.games)
        known = clubs.clubs_by_code(self.year)
        if lacking := sorted(code for code in known if at_home[code] < _FEWEST_OF_A_CLUB):
            yield f"{self.year}: no or few home games of {', '.join(lacking)}; the other clubs' are played"


def read_season(data: Path, year: int, register: Mapping[str, Person]) -> Season:
    """Read `mlb/retrosheet/YYYYeve.zip`; raises `MissingSeason` and `UnreadableSeason`."""
    texts = {name: text for name, text in _unzip(data, year).items() if not name.startswith(".")}
    games = _games(texts)
    if not games:
        raise UnreadableSeason(f"{event_files(data, year)}: expected games in .EVA and .EVN files, got none")
    rosters = {name[:3]: text for name, text in texts.items() if name.endswith(".ROS")}
    orders, unordered = {}, {}
    for game in games:
        try:
            orders[game] = _playing_order(game, year)
        except (ValueError, LookupError) as error:
            unordered[game] = UnreadableGame(f"{label(game)}: {error}")
    season = Season(year, rosters, sorted(orders, key=orders.__getitem__), register)
    for game, reason in unordered.items():
        season.leave_out(game, reason)
    return season


def _games(texts: Mapping[str, str]) -> list[str]:
    """Return the season's games, each once: some copies hold a game in two files."""
    found: dict[str, str] = {}
    for name, text in texts.items():
        if _EVENT_FILE.fullmatch(name):
            for game in filter(_counts, split_games(text)):
                found.setdefault(game_id(game), game)
    return list(found.values())
