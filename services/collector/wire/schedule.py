"""What we read of `/api/v1/schedule` and `/api/v1/game/changes`: the same shape, one entry a listing."""

from datetime import date, datetime

import msgspec

from services.collector.wire.common import (
    Club,
    Decisions,
    Id,
    LineScore,
    Person,
    Status,
    Weather,
    Wire,
)


class ScheduledClub(Wire):
    """One club of a scheduled game."""

    team: Club
    score: int | None = None
    probable_pitcher: Id | None = None


class ScheduledClubs(Wire):
    """Both clubs."""

    home: ScheduledClub
    away: ScheduledClub


class Lineups(Wire):
    """Posted batting orders, first to ninth."""

    home_players: tuple[Person, ...] = ()
    away_players: tuple[Person, ...] = ()


class ScheduledGame(Wire):
    """One listing of a game; a postponed or suspended game is listed on each of its days."""

    game_pk: int
    game_type: str
    season: str
    game_date: datetime
    official_date: date
    status: Status
    teams: ScheduledClubs
    venue: Id
    double_header: str
    game_number: int
    day_night: str | None = None
    scheduled_innings: int | None = None
    is_tie: bool | None = None
    linescore: LineScore | None = None
    decisions: Decisions | None = None
    weather: Weather | None = None
    lineups: Lineups = msgspec.field(default_factory=Lineups)
    rescheduled_from_date: date | None = None
    resume_game_date: date | None = None
    resumed_from_date: date | None = None


class ScheduleDay(Wire):
    """All listings of a day."""

    date: date
    games: list[ScheduledGame]


class Schedule(Wire):
    """A range of days; days without games are absent."""

    dates: list[ScheduleDay]


DECODER = msgspec.json.Decoder(Schedule)
