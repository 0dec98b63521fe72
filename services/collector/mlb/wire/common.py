"""The small objects that every body of the MLB Stats API repeats: people, clubs, codes, states, parks."""

from datetime import date

import msgspec


class WireStruct(msgspec.Struct, rename="camel", gc=False):
    """A JSON object with camelCase names; fields that we do not read are skipped."""


class IdReference(WireStruct):
    """A reference of which only the number matters."""

    id: int


class PersonName(WireStruct):
    """A person by number and name."""

    id: int
    full_name: str | None = None


class ClubName(WireStruct):
    """A club by number and name."""

    id: int
    name: str | None = None


class Code(WireStruct):
    """A code such as a side, a call or a pitch type; an unknown pitch type has none."""

    code: str | None = None


class Position(WireStruct):
    """A fielding position."""

    code: str | None = None
    name: str | None = None
    type: str | None = None
    abbreviation: str | None = None


class GameStatus(WireStruct):
    """A game's state. A postponed game is Final here: see `schedule.game_state`."""

    abstract_game_state: str
    coded_game_state: str
    detailed_state: str | None = None
    reason: str | None = None


class Weather(WireStruct):
    """The scoreboard's weather, all of it text."""

    condition: str | None = None
    temp: str | None = None
    wind: str | None = None


class Coordinates(WireStruct):
    """Degrees."""

    latitude: float | None = None
    longitude: float | None = None


class Location(WireStruct):
    """Where a ballpark lies."""

    city: str | None = None
    state: str | None = None
    country: str | None = None
    default_coordinates: Coordinates | None = None
    azimuth_angle: float | None = None
    elevation: int | None = None


class TimeZone(WireStruct):
    """A ballpark's time zone."""

    id: str | None = None


class FieldInfo(WireStruct):
    """A ballpark's size, feet and seats."""

    capacity: int | None = None
    turf_type: str | None = None
    roof_type: str | None = None
    left_line: int | None = None
    center: int | None = None
    right_line: int | None = None


class Venue(WireStruct):
    """A ballpark."""

    id: int | None = None
    name: str | None = None
    location: Location | None = None
    time_zone: TimeZone | None = None
    field_info: FieldInfo | None = None


class Club(WireStruct):
    """A club in one season."""

    id: int
    name: str | None = None
    season: int | None = None
    abbreviation: str | None = None
    location_name: str | None = None
    team_name: str | None = None
    league: IdReference | None = None
    division: IdReference | None = None
    venue: IdReference | None = None
    sport: IdReference | None = None
    active: bool | None = None


class Person(WireStruct):
    """A player; rosters and feeds have the same fields."""

    id: int
    full_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    nick_name: str | None = None
    birth_date: date | None = None
    bat_side: Code | None = None
    pitch_hand: Code | None = None
    primary_position: Position | None = None
    primary_number: str | None = None
    height: str | None = None
    weight: int | None = None
    mlb_debut_date: date | None = None
    active: bool | None = None


class InningRuns(WireStruct):
    """One club's half of an inning; runs are absent where it did not bat."""

    runs: int | None = None


class InningLine(WireStruct):
    """One inning of a line score."""

    num: int | None = None
    home: InningRuns = msgspec.field(default_factory=InningRuns)
    away: InningRuns = msgspec.field(default_factory=InningRuns)


class LineScoreTotals(WireStruct):
    """One club's line: runs, hits, errors, left on base."""

    runs: int | None = None
    hits: int | None = None
    errors: int | None = None
    left_on_base: int | None = None


class LineScoreTeams(WireStruct):
    """Both clubs' lines."""

    home: LineScoreTotals = msgspec.field(default_factory=LineScoreTotals)
    away: LineScoreTotals = msgspec.field(default_factory=LineScoreTotals)


class LineScore(WireStruct):
    """The line score."""

    teams: LineScoreTeams | None = None
    innings: tuple[InningLine, ...] = ()
    current_inning: int | None = None
    scheduled_innings: int | None = None


class Decisions(WireStruct):
    """Pitchers credited and charged."""

    winner: IdReference | None = None
    loser: IdReference | None = None
    save: IdReference | None = None
