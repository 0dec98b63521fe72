"""Reads Retrosheet's game logs, one line per game: an independent check of the event files.

The 161 fields are described at https://www.retrosheet.org/gamelogs/glfields.txt.
"""

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

from simulator.zip_members import check_unpacked_size


@dataclass(frozen=True, slots=True)
class ClubTotals:
    """One club's totals in a game, in the order of the log's fields."""

    at_bats: int
    hits: int
    doubles: int
    triples: int
    home_runs: int
    rbi: int
    sacrifice_hits: int
    sacrifice_flies: int
    hit_by_pitch: int
    walks: int
    intentional_walks: int
    strikeouts: int
    stolen_bases: int
    caught_stealing: int
    grounded_into_double_plays: int
    reached_on_interference: int
    left_on_base: int
    pitchers_used: int
    individual_earned_runs: int
    team_earned_runs: int
    wild_pitches: int
    balks: int
    putouts: int
    assists: int
    errors: int
    passed_balls: int
    double_plays: int
    triple_plays: int


@dataclass(frozen=True, slots=True)
class GameLog:
    """One line of the log; clubs, players and ballpark are Retrosheet codes."""

    on: date
    number: int
    away: str
    home: str
    away_score: int
    home_score: int
    outs: int
    day_night: str
    completed: date | None
    park: str
    attendance: int
    minutes: int
    away_innings: Sequence[int]
    home_innings: Sequence[int]
    away_line: ClubTotals
    home_line: ClubTotals
    away_starter: str
    home_starter: str
    winning_pitcher: str
    losing_pitcher: str
    saving_pitcher: str

    @property
    def game_id(self) -> str:
        """Return the id of the event files, such as BOS201604110."""
        return f"{self.home}{self.on:%Y%m%d}{self.number}"


def parse_line_score(text: str) -> tuple[int, ...]:
    """Parse "010(10)2x" into runs by inning; an inning that was not played is left out."""
    runs = text.replace("(", ",").replace(")", ",").lower().rstrip("x").split(",")
    # Every second part was in parentheses: one inning of ten or more runs; the others have a digit per inning
    innings = [[part] if index % 2 else list(part) for index, part in enumerate(runs)]
    return tuple(int(inning) for part in innings for inning in part)


def _parse_date(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def _parse_row(row: Sequence[str]) -> GameLog:
    width = len(fields(ClubTotals))
    return GameLog(
        on=_parse_date(row[0]),
        number=int(row[1]),
        away=row[3],
        home=row[6],
        away_score=int(row[9]),
        home_score=int(row[10]),
        outs=int(row[11]),
        day_night=row[12],
        completed=_parse_date(row[13]) if row[13] else None,
        park=row[16],
        attendance=int(row[17] or 0),
        minutes=int(row[18] or 0),
        away_innings=parse_line_score(row[19]),
        home_innings=parse_line_score(row[20]),
        away_line=ClubTotals(*map(int, row[21 : 21 + width])),
        home_line=ClubTotals(*map(int, row[49 : 49 + width])),
        winning_pitcher=row[93],
        losing_pitcher=row[95],
        saving_pitcher=row[97],
        away_starter=row[101],
        home_starter=row[103],
    )


def read_game_log(data: Path, season: int) -> list[GameLog]:
    """Return the games of `mlb/retrosheet/glYYYY.zip` in the log's order; may raise FileNotFoundError."""
    with zipfile.ZipFile(data / "mlb" / "retrosheet" / f"gl{season}.zip") as archive:
        check_unpacked_size(archive)
        text = archive.read(archive.namelist()[0]).decode("latin-1")
    return [_parse_row(row) for row in csv.reader(io.StringIO(text))]
