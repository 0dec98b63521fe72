"""What we read of the play by play."""

from datetime import datetime

import msgspec

from services.collector.mlb.wire.common import Code, Id, Position, Wire


class Count(Wire):
    """Balls, strikes and outs."""

    balls: int
    strikes: int
    outs: int


class PitchDetails(Wire):
    """The call, and of which type the pitch was; what happened where it was no pitch."""

    event_type: str | None = None
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
    details: PitchDetails = msgspec.field(default_factory=PitchDetails)
    player: Id | None = None  # who came in, or was placed
    replaced_player: Id | None = None
    position: Position | None = None
    base: int | None = None  # where a runner is placed
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
    """Who faced whom, from which sides; who is on base after the play."""

    batter: Id
    pitcher: Id
    bat_side: Code = msgspec.field(default_factory=Code)
    pitch_hand: Code = msgspec.field(default_factory=Code)
    post_on_first: Id | None = None
    post_on_second: Id | None = None
    post_on_third: Id | None = None


class Play(Wire):
    """One turn at bat."""

    result: Result
    about: About
    count: Count
    matchup: Matchup
    runners: list[Runner] = msgspec.field(default_factory=list)
    play_events: list[PlayEvent] = msgspec.field(default_factory=list)


class Plays(Wire):
    """The play by play."""

    all_plays: list[Play] = msgspec.field(default_factory=list)
