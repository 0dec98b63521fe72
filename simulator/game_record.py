"""Game records: everything the simulator needs to render a game in any source's wire format.

Retrosheet seasons and the simulated league both fill these records; `simulator.wire` renders them.
Identifiers are MLBAM's (people, clubs, venues), so that rendered responses look like the real ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from msgspec import Struct


@dataclass(frozen=True, slots=True)
class Person:
    """A player or an umpire; `bats` is L, R or S (switch), `throws` L or R, both empty if unknown."""

    id: int
    full_name: str
    bats: str = "R"
    throws: str = "R"
    position: str = "P"  # P C 1B 2B 3B SS LF CF RF DH OF IF
    birth_date: date | None = None
    jersey_number: str = ""


@dataclass(frozen=True, slots=True)
class Club:
    """A club in one season."""

    id: int
    abbreviation: str
    location: str
    nickname: str
    league_id: int  # 103 American, 104 National
    division_id: int  # 0: an All-Star squad, which has none
    venue_id: int

    @property
    def name(self) -> str:
        """Full name, such as "Boston Red Sox"."""
        return f"{self.location} {self.nickname}"


@dataclass(frozen=True, slots=True)
class Venue:
    """A ballpark; distances and elevation in feet, coordinates and azimuth in degrees."""

    id: int
    name: str
    city: str
    state: str
    latitude: float
    longitude: float
    elevation: int = 0
    azimuth: float = 45.0
    time_zone: str = "America/New_York"
    capacity: int = 40000
    turf_type: str = "Grass"
    roof_type: str = "Open"
    left_line: int = 330
    center: int = 400
    right_line: int = 330


class Pitch(Struct, frozen=True, gc=False):
    """One pitch. `call` is MLB's code: B *B C S W F T L M O X D E H I V P Q R. None: not measured."""

    call: str
    pitch_type: str | None = None
    start_speed: float | None = None  # mph out of the hand
    spin_rate: float | None = None  # revolutions a minute
    extension: float | None = None  # feet
    plate_x: float | None = None  # feet from the middle, catcher's view
    plate_z: float | None = None  # feet above the ground
    zone: int | None = None
    launch_speed: float | None = None  # mph
    launch_angle: float | None = None  # degrees
    hit_distance: float | None = None  # feet


class RunnerMovement(Struct, frozen=True, gc=False):
    """One runner's movement on a play; bases are "1B", "2B", "3B", "score" or None (batter's box, or out)."""

    runner: int
    start: str | None
    end: str | None
    is_out: bool = False
    rbi: bool = False
    earned: bool = True
    responsible_pitcher: int | None = None
    event_type: str | None = None  # stolen_base_2b, caught_stealing_2b, wild_pitch …; None: the play itself


class Substitution(Struct, frozen=True, gc=False):
    """A pitcher or a batter who is replaced in the middle of a plate appearance."""

    after: int  # number of the play's pitches thrown before it
    player: int  # who comes in
    replaced: int
    is_pitcher: bool


class Play(Struct, frozen=True):
    """One entry of `allPlays`: a plate appearance, complete or cut short by a runner's out.

    `batter` and `pitcher` are charged with the result; `changes` lists the substitutions during the play.
    """

    inning: int
    is_top: bool
    batter: int
    pitcher: int
    bat_side: str
    pitch_hand: str
    event_type: str  # MLB's: strikeout, walk, single, field_out, home_run, caught_stealing_2b …
    rbi: int
    outs_before: int
    outs_after: int
    away_score: int  # after the play
    home_score: int
    pitches: Sequence[Pitch] = ()
    runners: Sequence[RunnerMovement] = ()
    trajectory: str | None = None  # ground_ball, line_drive, fly_ball, popup, bunt_grounder …
    hit_location: str | None = None  # fielder's number
    description: str = ""
    changes: Sequence[Substitution] = ()


@dataclass(frozen=True, slots=True)
class Appearance:
    """A player in the box score. `batting_order`: "100" starts in slot 1, "101" is the first substitute."""

    player: int
    is_home: bool
    batting_order: str | None
    positions: Sequence[str]  # in order played: "SS", "PH", "2B", "P" …
    is_starting_pitcher: bool = False
    earned_runs: int = 0  # allowed as a pitcher
    putouts: int = 0
    assists: int = 0
    errors: int = 0


@dataclass(frozen=True, slots=True)
class Weather:
    """Weather at first pitch, in the box score's words."""

    condition: str
    temperature_f: int | None
    wind: str


@dataclass(frozen=True, slots=True)
class GameRecord:
    """One game. Pitchers are listed in `appearances` in the order they pitched."""

    game_pk: int
    game_type: str
    season: int
    official_date: date
    start: datetime  # UTC
    home: int
    away: int
    venue: int
    game_number: int = 1
    double_header: str = "N"  # N, Y traditional, S split
    day_night: str = "night"
    state: str = "Final"  # Final, Completed Early, Postponed, Suspended, Cancelled, Scheduled
    reason: str | None = None  # Rain …
    completed_date: date | None = None  # set for a suspended game finished later
    original_date: date | None = None  # set for a postponed game that was made up
    scheduled_innings: int = 9
    designated_hitter: bool = True
    probable_home: int | None = None
    probable_away: int | None = None
    appearances: Sequence[Appearance] = ()
    plays: Sequence[Play] = ()
    winner: int | None = None
    loser: int | None = None
    save: int | None = None
    officials: Mapping[str, int] = field(default_factory=dict)  # "Home Plate" -> person id
    weather: Weather | None = None
    attendance: int | None = None
    duration_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Transaction:
    """One player transaction."""

    id: int
    on: date
    type_code: str  # IL: "SC" status change, CU recalled, OPT optioned, TR trade …
    type_description: str
    description: str
    player: int
    to_club: int | None = None
    from_club: int | None = None
    effective_date: date | None = None
    resolution_date: date | None = None


@dataclass(frozen=True, slots=True)
class BookmakerQuote:
    """One bookmaker's quote: decimal `prices` of home and away, or of over and under ("totals").

    `point` is the home club's handicap or the total.
    """

    bookmaker: str
    title: str
    at: datetime
    market: str
    prices: tuple[float, float]
    point: float | None


DateRange = tuple[date, date]  # first and last day, both included


@dataclass(frozen=True, slots=True)
class SeasonDates:
    """Dates of a season's parts; None: no such part, or its source does not give it."""

    regular: DateRange
    spring: DateRange | None = None  # may overlap with `regular`: Opening Night abroad
    all_star: date | None = None
    postseason: DateRange | None = None  # the last day is the latest possible


class World(Protocol):
    """A source of games, real or simulated.

    Results never depend on the clock: the server hides what has not happened yet.
    """

    @property
    def label(self) -> str:
        """Name shown to users: "simulated league, seed 7", "Retrosheet 2016"."""

    def list_seasons(self) -> Sequence[int]:
        """Return the seasons available."""

    def season_dates(self, season: int) -> SeasonDates:
        """Return the dates of a season's parts."""

    def list_clubs(self, season: int) -> Sequence[Club]:
        """Return the clubs of a season."""

    def venues_by_id(self) -> Mapping[int, Venue]:
        """Return every ballpark by id."""

    def people_by_id(self) -> Mapping[int, Person]:
        """Return every player and umpire by id."""

    def iter_games(self, season: int) -> Iterable[GameRecord]:
        """Yield a season's full game records by official date, start and game_pk."""

    def get_roster(self, club: int, on: date, kind: str) -> Sequence[int]:
        """Return the person ids on a club's "active" or "40Man" roster that day; empty if unknown."""

    def list_transactions(self, first: date, last: date) -> Sequence[Transaction]:
        """Return transactions between two dates, both included; empty if unknown."""
