"""What we read of the play by play."""

from datetime import datetime

import msgspec

from services.collector.mlb.wire.common import Code, IdReference, Position, WireStruct


class PitchCount(WireStruct):
    """Balls, strikes and outs."""

    balls: int
    strikes: int
    outs: int


class PitchDetails(WireStruct):
    """The call, and of which type the pitch was; what happened where it was no pitch."""

    event_type: str | None = None
    description: str | None = None
    code: str | None = None
    is_in_play: bool = False
    is_strike: bool = False
    type: Code | None = None


class PitchCoordinates(WireStruct):
    """Movement in inches, place at the plate in feet."""

    pfx_x: float | None = None
    pfx_z: float | None = None
    p_x: float | None = None
    p_z: float | None = None


class PitchBreaks(WireStruct):
    """Spin."""

    spin_rate: float | None = None
    spin_direction: float | None = None


class PitchData(WireStruct):
    """What was measured of a pitch."""

    start_speed: float | None = None
    strike_zone_top: float | None = None
    strike_zone_bottom: float | None = None
    zone: int | None = None
    extension: float | None = None
    coordinates: PitchCoordinates = msgspec.field(default_factory=PitchCoordinates)
    breaks: PitchBreaks = msgspec.field(default_factory=PitchBreaks)


class HitData(WireStruct):
    """What was measured of a ball in play."""

    launch_speed: float | None = None
    launch_angle: float | None = None
    total_distance: float | None = None
    trajectory: str | None = None
    location: str | None = None


class PlayEvent(WireStruct):
    """A pitch, or anything else that happened during a turn at bat."""

    is_pitch: bool
    count: PitchCount
    details: PitchDetails = msgspec.field(default_factory=PitchDetails)
    player: IdReference | None = None  # who came in, or was placed
    replaced_player: IdReference | None = None
    position: Position | None = None
    base: int | None = None  # where a runner is placed
    pitch_number: int | None = None
    pitch_data: PitchData = msgspec.field(default_factory=PitchData)
    hit_data: HitData | None = None


class RunnerMovement(WireStruct):
    """A runner's way from base to base; `end` is "score" when he came home."""

    start: str | None = None
    end: str | None = None
    is_out: bool | None = None


class RunnerDetails(WireStruct):
    """Who ran, and on what."""

    runner: IdReference
    event_type: str | None = None


class Runner(WireStruct):
    """One leg of a runner's way."""

    movement: RunnerMovement
    details: RunnerDetails


class PlayResult(WireStruct):
    """What a play came to."""

    type: str
    event_type: str | None = None
    description: str | None = None
    rbi: int = 0
    home_score: int = 0
    away_score: int = 0
    is_out: bool = False


class PlayContext(WireStruct):
    """Where in the game a play stands."""

    at_bat_index: int
    inning: int
    is_top_inning: bool
    is_complete: bool
    start_time: datetime | None = None
    end_time: datetime | None = None


class Matchup(WireStruct):
    """Who faced whom, from which sides; who is on base after the play."""

    batter: IdReference
    pitcher: IdReference
    bat_side: Code = msgspec.field(default_factory=Code)
    pitch_hand: Code = msgspec.field(default_factory=Code)
    post_on_first: IdReference | None = None
    post_on_second: IdReference | None = None
    post_on_third: IdReference | None = None


class Play(WireStruct):
    """One turn at bat."""

    result: PlayResult
    about: PlayContext
    count: PitchCount
    matchup: Matchup
    runners: list[Runner] = msgspec.field(default_factory=list)
    play_events: list[PlayEvent] = msgspec.field(default_factory=list)


class Plays(WireStruct):
    """The play by play."""

    all_plays: list[Play] = msgspec.field(default_factory=list)
