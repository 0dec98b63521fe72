"""What we read of `/api/v1.1/game/{pk}/feed/live`."""

from datetime import date, datetime

import msgspec

from services.collector.wire.common import (
    Club,
    Code,
    Decisions,
    Id,
    LineScore,
    Person,
    PersonName,
    Position,
    Status,
    Venue,
    Weather,
    Wire,
)


class GameInfo(Wire):
    """What the official scorer wrote about the day."""

    attendance: int | None = None
    game_duration_minutes: int | None = None


class GameId(Wire):
    """Which game it is."""

    pk: int
    type: str
    season: str
    double_header: str
    game_number: int


class GameTimes(Wire):
    """When it was to be, is, and was resumed."""

    date_time: datetime
    official_date: date
    original_date: date | None = None
    day_night: str | None = None
    resume_date: date | None = None


class BothClubs(Wire):
    """The two clubs."""

    home: Club
    away: Club


class Probables(Wire):
    """Announced starters."""

    home: Id | None = None
    away: Id | None = None


class GameData(Wire):
    """Everything about a game but what happened in it."""

    game: GameId
    datetime: GameTimes
    status: Status
    teams: BothClubs
    players: dict[str, Person]
    venue: Venue
    weather: Weather
    game_info: GameInfo
    probable_pitchers: Probables = msgspec.field(default_factory=Probables)


class Batting(Wire):
    """A batting line, of a player or a club; nothing of it for those who did not bat."""

    plate_appearances: int | None = None
    at_bats: int | None = None
    runs: int | None = None
    hits: int | None = None
    doubles: int | None = None
    triples: int | None = None
    home_runs: int | None = None
    total_bases: int | None = None
    rbi: int | None = None
    base_on_balls: int | None = None
    intentional_walks: int | None = None
    strike_outs: int | None = None
    hit_by_pitch: int | None = None
    stolen_bases: int | None = None
    caught_stealing: int | None = None
    sac_flies: int | None = None
    sac_bunts: int | None = None
    ground_into_double_play: int | None = None
    left_on_base: int | None = None


class Pitching(Wire):
    """A pitching line, of a player or a club."""

    outs: int | None = None
    batters_faced: int | None = None
    hits: int | None = None
    runs: int | None = None
    earned_runs: int | None = None
    base_on_balls: int | None = None
    strike_outs: int | None = None
    home_runs: int | None = None
    hit_batsmen: int | None = None
    pitches_thrown: int | None = None
    number_of_pitches: int | None = None
    strikes: int | None = None


class Fielding(Wire):
    """A fielding line, of a player or a club."""

    put_outs: int | None = None
    assists: int | None = None
    errors: int | None = None
    passed_ball: int | None = None


class PlayerBatting(Batting):
    """A batter's line; `games_played` is there if he has one at all."""

    games_played: int | None = None


class PlayerPitching(Pitching):
    """A pitcher's line with what he was credited and charged with."""

    games_played: int | None = None
    wins: int | None = None
    losses: int | None = None
    saves: int | None = None
    holds: int | None = None
    blown_saves: int | None = None


class PlayerStats(Wire):
    """A player's three lines."""

    batting: PlayerBatting
    pitching: PlayerPitching
    fielding: Fielding


class ClubStats(Wire):
    """A club's three lines."""

    batting: Batting
    pitching: Pitching
    fielding: Fielding


class BoxPlayer(Wire):
    """One man of the box score; on the bench he has no position played."""

    person: PersonName
    stats: PlayerStats
    position: Position | None = None
    batting_order: str | None = None
    all_positions: tuple[Position, ...] = ()


class BoxTeam(Wire):
    """One club of the box score."""

    team: Id
    team_stats: ClubStats
    players: dict[str, BoxPlayer]
    batters: list[int]
    pitchers: list[int]
    batting_order: list[int]


class BoxTeams(Wire):
    """Both clubs of the box score."""

    home: BoxTeam
    away: BoxTeam


class Official(Wire):
    """An umpire and his place."""

    official: PersonName
    official_type: str


class BoxScore(Wire):
    """The box score."""

    teams: BoxTeams
    officials: tuple[Official, ...] = ()


class Count(Wire):
    """Balls, strikes and outs."""

    balls: int
    strikes: int
    outs: int


class PitchDetails(Wire):
    """The call, and of which type the pitch was."""

    description: str | None = None
    code: str | None = None
    is_in_play: bool = False
    is_strike: bool = False
    type: Code | None = None


class PitchCoordinates(Wire):
    """Movement in inches, place at the plate in feet."""

    pfx_x: float | None = None
    pfx_z: float | None = None
    p_x: float | None = None
    p_z: float | None = None


class PitchBreaks(Wire):
    """Spin."""

    spin_rate: float | None = None
    spin_direction: float | None = None


class PitchData(Wire):
    """What was measured of a pitch."""

    start_speed: float | None = None
    strike_zone_top: float | None = None
    strike_zone_bottom: float | None = None
    zone: int | None = None
    extension: float | None = None
    coordinates: PitchCoordinates = msgspec.field(default_factory=PitchCoordinates)
    breaks: PitchBreaks = msgspec.field(default_factory=PitchBreaks)


class HitData(Wire):
    """What was measured of a ball in play."""

    launch_speed: float | None = None
    launch_angle: float | None = None
    total_distance: float | None = None
    trajectory: str | None = None
    location: str | None = None


class PlayEvent(Wire):
    """A pitch, or anything else that happened during a turn at bat."""

    is_pitch: bool
    count: Count
    details: PitchDetails
    pitch_number: int | None = None
    pitch_data: PitchData = msgspec.field(default_factory=PitchData)
    hit_data: HitData | None = None


class Movement(Wire):
    """A runner's way from base to base; `end` is "score" when he came home."""

    start: str | None = None
    end: str | None = None
    is_out: bool | None = None


class RunnerDetails(Wire):
    """Who ran, and on what."""

    runner: Id
    event_type: str | None = None


class Runner(Wire):
    """One leg of a runner's way."""

    movement: Movement
    details: RunnerDetails


class Result(Wire):
    """What a play came to."""

    type: str
    event_type: str | None = None
    description: str | None = None
    rbi: int = 0
    home_score: int = 0
    away_score: int = 0
    is_out: bool = False


class About(Wire):
    """Where in the game a play stands."""

    at_bat_index: int
    inning: int
    is_top_inning: bool
    is_complete: bool
    start_time: datetime | None = None
    end_time: datetime | None = None


class Matchup(Wire):
    """Who faced whom, from which sides."""

    batter: Id
    pitcher: Id
    bat_side: Code
    pitch_hand: Code


class Play(Wire):
    """One turn at bat."""

    result: Result
    about: About
    count: Count
    matchup: Matchup
    runners: list[Runner]
    play_events: list[PlayEvent]


class Plays(Wire):
    """The play by play."""

    all_plays: list[Play]


class LiveData(Wire):
    """What happened."""

    plays: Plays
    linescore: LineScore
    boxscore: BoxScore
    decisions: Decisions = msgspec.field(default_factory=Decisions)


class MetaData(Wire):
    """When the feed says it was written, UTC, as 20260805_214916."""

    time_stamp: str


class Feed(Wire):
    """The live feed."""

    meta_data: MetaData
    game_data: GameData
    live_data: LiveData


DECODER = msgspec.json.Decoder(Feed)
