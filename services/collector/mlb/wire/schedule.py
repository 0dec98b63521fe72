"""What we read of `/api/v1/schedule` and, of the same shape, `/api/v1/game/changes`."""

import datetime as dt

import msgspec

from services.collector.mlb.wire.common import Club, Decisions, Id, LineScore, Person, Status, Weather, Wire


class ScheduledClub(Wire):
    """One club of a scheduled game."""

    team: Club
    score: int | None = None
    probable_pitcher: Id | None = None


class ScheduledClubs(Wire):
    """Both clubs."""

    home: ScheduledClub
    away: ScheduledClub


class Place(Wire):
    """A ballpark, which a listing may name without its number."""

    id: int | None = None


class Lineups(Wire):
    """Posted batting orders, first to ninth."""

    home_players: tuple[Person, ...] | None = None
    away_players: tuple[Person, ...] | None = None


class ScheduledGame(Wire):
    """One listing of a game; a postponed or suspended game is listed on each of its days."""

    game_pk: int
    game_type: str
    game_date: dt.datetime
    official_date: dt.date
    status: Status
    teams: ScheduledClubs
    season: str | None = None
    venue: Place = msgspec.field(default_factory=Place)
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


class ListedId(Wire):
    """What a listing that cannot be read may still say of itself."""

    game_pk: int | None = None


class ScheduleDay(Wire):
    """All listings of a day, each to be decoded by itself: one that is odd must not hide the others."""

    date: dt.date
    games: list[msgspec.Raw]


class Schedule(Wire):
    """A range of days; days without games are absent."""

    dates: list[ScheduleDay]


class ChangesOfDay(Wire):
    """The games of a day of which anything changed."""

    games: list[ListedId]


class Changes(Wire):
    """`/api/v1/game/changes`."""

    dates: list[ChangesOfDay]
