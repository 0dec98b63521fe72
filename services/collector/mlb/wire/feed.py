"""The fields that we read of `/api/v1.1/game/{pk}/feed/live`."""

from datetime import date, datetime

import msgspec

from services.collector.mlb.wire.box_score import BoxScore
from services.collector.mlb.wire.common import (
    Club,
    Decisions,
    GameStatus,
    IdReference,
    LineScore,
    Person,
    Venue,
    Weather,
    WireStruct,
)
from services.collector.mlb.wire.plays import Plays


class GameInfo(WireStruct):
    """Attendance and duration."""

    attendance: int | None = None
    game_duration_minutes: int | None = None


class GameId(WireStruct):
    """A game's number, type and season."""

    pk: int
    type: str
    season: str | None = None
    double_header: str = "N"
    game_number: int = 1


class GameTimes(WireStruct):
    """A game's dates: original, official and resumed."""

    date_time: datetime
    official_date: date
    original_date: date | None = None
    day_night: str | None = None
    resume_date: date | None = None


class GameClubs(WireStruct):
    """The two clubs."""

    home: Club
    away: Club


class ProbablePitchers(WireStruct):
    """Announced starters."""

    home: IdReference | None = None
    away: IdReference | None = None


class GameData(WireStruct):
    """A game's data without its events."""

    game: GameId
    datetime: GameTimes
    status: GameStatus
    teams: GameClubs
    players: dict[str, Person] = msgspec.field(default_factory=dict)
    venue: Venue = msgspec.field(default_factory=Venue)
    weather: Weather = msgspec.field(default_factory=Weather)
    game_info: GameInfo = msgspec.field(default_factory=GameInfo)
    probable_pitchers: ProbablePitchers = msgspec.field(default_factory=ProbablePitchers)


class LiveData(WireStruct):
    """A game's events and statistics."""

    boxscore: BoxScore
    plays: Plays = msgspec.field(default_factory=Plays)
    linescore: LineScore = msgspec.field(default_factory=LineScore)
    decisions: Decisions = msgspec.field(default_factory=Decisions)


class MetaData(WireStruct):
    """When the feed was written, UTC, as 20260805_214916."""

    time_stamp: str | None = None


class Feed(WireStruct):
    """The live feed."""

    game_data: GameData
    live_data: LiveData
    meta_data: MetaData = msgspec.field(default_factory=MetaData)


DECODER = msgspec.json.Decoder(Feed)
