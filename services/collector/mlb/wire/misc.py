"""The fields that we read of small bodies: clubs, rosters, transactions, standings, game logs, forecasts."""

import datetime

import msgspec

from services.collector.mlb.wire.common import (
    Club,
    ClubName,
    IdReference,
    Person,
    PersonName,
    Position,
    Venue,
    WireStruct,
)


class Clubs(WireStruct):
    """`/api/v1/teams`."""

    teams: list[Club]


class RosterStatus(WireStruct):
    """Active, injured, …"""

    code: str | None = None
    description: str | None = None


class RosterEntry(WireStruct):
    """One player on a roster."""

    person: Person
    position: Position = msgspec.field(default_factory=Position)
    status: RosterStatus = msgspec.field(default_factory=RosterStatus)
    jersey_number: str | None = None
    parent_team_id: int | None = None


class Roster(WireStruct):
    """`/api/v1/teams/{id}/roster`."""

    roster: list[RosterEntry]
    team_id: int | None = None


class Transaction(WireStruct):
    """One player movement."""

    id: int
    date: datetime.date
    type_code: str
    type_desc: str | None = None
    description: str | None = None
    from_team: ClubName | None = None
    to_team: ClubName | None = None
    person: PersonName | None = None
    effective_date: datetime.date | None = None
    resolution_date: datetime.date | None = None


class Transactions(WireStruct):
    """`/api/v1/transactions`."""

    transactions: list[Transaction]


class Streak(WireStruct):
    """Such as W3."""

    streak_code: str | None = None


class ClubStanding(WireStruct):
    """One club's standing; ranks and games back are text."""

    team: IdReference
    season: str
    wins: int
    losses: int
    games_back: str | None = None
    wild_card_games_back: str | None = None
    division_rank: str | None = None
    league_rank: str | None = None
    streak: Streak | None = None
    runs_scored: int | None = None
    runs_allowed: int | None = None


class DivisionStandings(WireStruct):
    """One division's standings."""

    team_records: list[ClubStanding]
    league: IdReference | None = None
    division: IdReference | None = None


class Standings(WireStruct):
    """`/api/v1/standings`."""

    records: list[DivisionStandings]


class Venues(WireStruct):
    """`/api/v1/venues`."""

    venues: list[Venue]


class StatGroup(WireStruct):
    """Which kind of statistics: hitting, pitching or fielding."""

    display_name: str


class GameRef(WireStruct):
    """The game that a line belongs to."""

    game_pk: int


class GameLogEntry(WireStruct):
    """One game of a game log."""

    stat: msgspec.Raw
    game: GameRef | None = None
    team: IdReference | None = None


class GameLog(WireStruct):
    """One group's game log."""

    group: StatGroup
    splits: tuple[GameLogEntry, ...] = ()


class GameLogs(WireStruct):
    """`/api/v1/people/{id}/stats?stats=gameLog`."""

    stats: list[GameLog]


class HourlyForecast(msgspec.Struct, gc=False, frozen=True):
    """Parallel lists, one value an hour, in the units that the request names."""

    time: list[str]
    temperature_2m: list[float | None]
    relative_humidity_2m: list[float | None]
    precipitation_probability: list[float | None]
    wind_speed_10m: list[float | None]
    wind_direction_10m: list[float | None]
    surface_pressure: list[float | None]


class Forecast(msgspec.Struct, gc=False, frozen=True):
    """Open-Meteo's `/v1/forecast`."""

    hourly: HourlyForecast


class Season(WireStruct):
    """One season's dates; null for a part that it did not have."""

    season_id: str
    spring_start_date: datetime.date | None = None
    spring_end_date: datetime.date | None = None
    regular_season_start_date: datetime.date | None = None
    regular_season_end_date: datetime.date | None = None
    all_star_date: datetime.date | None = None
    post_season_start_date: datetime.date | None = None
    post_season_end_date: datetime.date | None = None


class Seasons(WireStruct):
    """`/api/v1/seasons`."""

    seasons: list[Season]
