"""The fields that we read of the play-by-play."""

from datetime import datetime

import msgspec

from services.collector.mlb.wire.common import Code, IdReference, Position, WireStruct


class PitchCount(WireStruct):
    """Balls, strikes and outs."""

    balls: int
    strikes: int
    outs: int


class PitchDetails(WireStruct):
    """A pitch's call and type; the event where it is not a pitch."""

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
    """A pitch's measurements."""

    start_speed: float | None = None
    strike_zone_top: float | None = None
    strike_zone_bottom: float | None = None
    zone: int | None = None
    extension: float | None = None
    coordinates: PitchCoordinates = msgspec.field(default_factory=PitchCoordinates)
    breaks: PitchBreaks = msgspec.field(default_factory=PitchBreaks)


class HitData(WireStruct):
    """A batted ball's measurements."""

    launch_speed: float | None = None
    launch_angle: float | None = None
    total_distance: float | None = None
    trajectory: str | None = None
    location: str | None = None


class PlayEvent(WireStruct):
    """A pitch, or another event within a plate appearance."""

    is_pitch: bool
    count: PitchCount
    details: PitchDetails = msgspec.field(default_factory=PitchDetails)
    player: IdReference | None = None  # who came in, or was placed on base
    replaced_player: IdReference | None = None
    position: Position | None = None
    base: int | None = None  # where a runner is placed
    pitch_number: int | None = None
    pitch_data: PitchData = msgspec.field(default_factory=PitchData)
    hit_data: HitData | None = None


class RunnerMovement(WireStruct):
    """A runner's advance; `end` is "score" for a run."""

    start: str | None = None
    end: str | None = None
    is_out: bool | None = None


class RunnerDetails(WireStruct):
    """The runner and the event they advanced on."""

    runner: IdReference
    event_type: str | None = None


class Runner(WireStruct):
    """One advance of a runner."""

    movement: RunnerMovement
    details: RunnerDetails


class PlayResult(WireStruct):
    """A play's result."""

    type: str
    event_type: str | None = None
    description: str | None = None
    rbi: int = 0
    home_score: int = 0
    away_score: int = 0
    is_out: bool = False


class PlayContext(WireStruct):
    """A play's place in the game."""

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
    """One plate appearance."""

    result: PlayResult
    about: PlayContext
    count: PitchCount
    matchup: Matchup
    runners: list[Runner] = msgspec.field(default_factory=list)
    play_events: list[PlayEvent] = msgspec.field(default_factory=list)


class Plays(WireStruct):
    """The play by play."""

    all_plays: list[Play] = msgspec.field(default_factory=list)
