"""Loads one season's event files and rosters; parses its games one at a time in playing order."""

import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from shared.errors import UserError
from simulator import clubs
from simulator.data_folder import event_file_path
from simulator.game_record import GameRecord, Person
from simulator.retrosheet import game_info
from simulator.retrosheet.game import UnreadableGame, batting_order_codes, parse_game
from simulator.retrosheet.people import PeopleDirectory
from simulator.retrosheet.records import game_id, game_label, parse_info, split_games
from simulator.retrosheet.rosters import InferredRosters
from simulator.zip_members import check_unpacked_size

_SITE = re.compile(r"^info,site,(\w+)", re.MULTILINE)
# Regular-season games, a few of them deduced; .EVE files have the postseason and All-Star Games
_EVENT_FILE = re.compile(r".*\.E[VD][ANFR]")
_COUNTED = ("", "regular", "playoff")  # a playoff is a tiebreaker, which counts as a regular-season game
_MAX_SKIPPED_SHARE = 0.01
_MIN_HOME_GAMES = 10  # below it a club's file is incomplete; even in 2020 clubs had thirty


class MissingSeason(FileNotFoundError):
    """A season's event files are not in the data folder."""


class UnreadableSeason(UserError):
    """A season's file, or more of its games than the limit, cannot be read."""


def _playing_order(text: str, year: int) -> tuple[date, float, int]:
    """Return a game's sort key; ValueError if the game does not give it."""
    info = parse_info(text)
    on = game_info.parse_official_date(info)
    if on.year != year:
        raise ValueError(f"expected a game of {year}, got one of {on}")
    known = clubs.clubs_by_code(year)
    unknown = [code for code in batting_order_codes(info) if code not in known]
    if unknown:
        raise ValueError(f"expected clubs of {year} such as BOS and NYA, got {', '.join(unknown)}")
    number = game_info.parse_int(info, "number", 0)
    home = known[batting_order_codes(info)[1]].id
    return on, game_info.start_time(info).timestamp(), game_info.make_game_pk(on, home, number)


def _is_season_game(text: str) -> bool:
    """Return whether a game belongs to the regular season: files since 2022 name each game's type."""
    return parse_info(text).get("gametype", "") in _COUNTED


def _decode_text(raw: bytes) -> str:
    """Return a file's text: most are ASCII, some UTF-8, older ones Latin-1."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _read_archive(data: Path, year: int) -> Mapping[str, str]:
    path = event_file_path(data, year)
    if not path.exists():
        raise MissingSeason(f"no Retrosheet season {year}: expected its event files at {path}")
    try:
        with zipfile.ZipFile(path) as archive:
            check_unpacked_size(archive)
            return {_base_name(name): _decode_text(archive.read(name)) for name in sorted(archive.namelist())}
    except (zipfile.BadZipFile, EOFError, zlib.error, RuntimeError) as error:  # RuntimeError: a password
        raise UnreadableSeason(f"{path}: expected a zip of event files, got {error}") from None


def _base_name(name: str) -> str:
    """Return a zip member's name in capitals, without folders, which some copies have."""
    return re.split(r"[\\/]", name)[-1].upper()


@dataclass(frozen=True)
class SeasonFiles:
    """One season's files before parsing: rosters by club code, games in playing order.

    `unreadable_games` has the reason for each skipped game by id; it grows as games are parsed.
    """

    year: int
    rosters: Mapping[str, str]
    games: Sequence[str]
    register: Mapping[str, Person]
    unreadable_games: dict[str, str] = field(default_factory=dict)

    def skip_game(self, text: str, error: Exception) -> None:
        """Record a game that cannot be read; UnreadableSeason if they exceed one in a hundred."""
        self.unreadable_games[game_id(text)] = str(error)
        games = len({game_id(game) for game in self.games} | self.unreadable_games.keys())
        if len(self.unreadable_games) > _MAX_SKIPPED_SHARE * games:
            summary = (
                f"{len(self.unreadable_games)} of {games} games of {self.year} cannot be read, the last one"
            )
            raise UnreadableSeason(f"{summary} {error}") from error

    def parse_games(self, texts: Iterable[str]) -> Iterator[GameRecord]:
        """Yield the games that can be read."""
        for text in texts:
            try:
                yield parse_game(text, self.directory)
            except UnreadableGame as error:
                self.skip_game(text, error)

    @cached_property
    def directory(self) -> PeopleDirectory:
        """Return the season's people."""
        return PeopleDirectory(self.register, self.rosters.values(), self.games)

    @cached_property
    def inferred_rosters(self) -> InferredRosters:
        """Return the active rosters inferred from the files."""
        return InferredRosters(self.rosters, self.games)

    @property
    def site_codes(self) -> set[str]:
        """Return the codes of the ballparks played in."""
        return {site for game in self.games for site in _SITE.findall(game)}

    def list_missing_data(self) -> Iterator[str]:
        """Yield a sentence for each kind of missing data that the season does without."""
        players = self.directory.players
        if unknown := sum(not (player.bats and player.throws) for player in players):
            message = f"{self.year}: no roster gives the handedness of {unknown} of {len(players)} players"
            yield f"{message}; their plate appearances are recorded as right-handed"
        home_games = Counter(game_id(game)[:3] for game in self.games)
        known = clubs.clubs_by_code(self.year)
        if lacking := sorted(code for code in known if home_games[code] < _MIN_HOME_GAMES):
            yield f"{self.year}: few or no home games of {', '.join(lacking)}; it is played without them"


def load_season(data: Path, year: int, register: Mapping[str, Person]) -> SeasonFiles:
    """Load `mlb/retrosheet/YYYYeve.zip`; raises MissingSeason and UnreadableSeason."""
    texts = {name: text for name, text in _read_archive(data, year).items() if not name.startswith(".")}
    games = _collect_games(texts)
    if not games:
        raise UnreadableSeason(
            f"{event_file_path(data, year)}: expected games in .EVA and .EVN files, got none"
        )
    rosters = {name[:3]: text for name, text in texts.items() if name.endswith(".ROS")}
    orders, unordered = {}, {}
    for game in games:
        try:
            orders[game] = _playing_order(game, year)
        except (ValueError, LookupError) as error:
            unordered[game] = UnreadableGame(f"{game_label(game)}: {error}")
    season = SeasonFiles(year, rosters, sorted(orders, key=orders.__getitem__), register)
    for game, reason in unordered.items():
        season.skip_game(game, reason)
    return season


def _collect_games(texts: Mapping[str, str]) -> list[str]:
    """Return the season's games, each once: some copies contain a game in two files."""
    found: dict[str, str] = {}
    for name, text in texts.items():
        if _EVENT_FILE.fullmatch(name):
            for game in filter(_is_season_game, split_games(text)):
                found.setdefault(game_id(game), game)
    return list(found.values())
