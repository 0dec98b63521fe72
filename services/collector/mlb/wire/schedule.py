"""The fields that we read of `/api/v1/schedule` and, of the same shape, `/api/v1/game/changes`."""

import datetime as dt

import msgspec

from services.collector.mlb.wire.common import (
    Club,
    Decisions,
    GameStatus,
    IdReference,
    LineScore,
    Person,
    Weather,
    WireStruct,
)


class ScheduledClub(WireStruct):
    """One club of a scheduled game."""

    team: Club
    score: int | None = None
    probable_pitcher: IdReference | None = None


class ScheduledClubs(WireStruct):
    """Both clubs."""

    home: ScheduledClub
    away: ScheduledClub


class ListedVenue(WireStruct):
    """A ballpark, which a listing may name without its number."""

    id: int | None = None


class Lineups(WireStruct):
    """Posted batting orders, first to ninth."""

    home_players: tuple[Person, ...] | None = None
    away_players: tuple[Person, ...] | None = None


class ScheduledGame(WireStruct):
    """One listing of a game; a postponed or suspended game is listed on each of its days."""

    game_pk: int
    game_type: str
    game_date: dt.datetime
    official_date: dt.date
    status: GameStatus
    teams: ScheduledClubs
    season: str | None = None
    venue: ListedVenue = msgspec.field(default_factory=ListedVenue)
    double_header: str | None = None
    game_number: int | None = None
    day_night: str | None = None
    scheduled_innings: int | None = None
    is_tie: bool | None = None
    linescore: LineScore | None = None
    decisions: Decisions | None = None
    weather: Weather | None = None
    lineups: Lineups | None = None
    rescheduled_from_date: dt.date | None = None
    resume_game_date: dt.date | None = None
    resumed_from_date: dt.date | None = None


class ListedGameId(WireStruct):
    """The number of a listing that cannot be read otherwise."""

    game_pk: int | None = None


class ScheduleDay(WireStruct):
    """All listings of a day, each decoded by itself: a malformed one must not hide the others."""

    date: dt.date
    games: list[msgspec.Raw]


class Schedule(WireStruct):
    """A range of days; days without games are absent."""

    dates: list[ScheduleDay]


class DailyChanges(WireStruct):
    """The games of a day that changed."""

    games: list[ListedGameId]


class Changes(WireStruct):
    """`/api/v1/game/changes`."""

    dates: list[DailyChanges]
