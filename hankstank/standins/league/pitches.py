"""Pitches that add up to what a plate appearance came to, with measurements in the majors' ranges."""

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import NamedTuple

from hankstank.standins.league.people import Arsenal
from hankstank.standins.scorebook import Pitch

# How often the last pitch comes on (balls, strikes), out of a thousand
_IN_PLAY_COUNTS = {
    (0, 0): 165, (0, 1): 113, (0, 2): 72, (1, 0): 103, (1, 1): 116, (1, 2): 113,
    (2, 0): 38, (2, 1): 71, (2, 2): 107, (3, 0): 4, (3, 1): 31, (3, 2): 67,
}  # fmt: skip
_STRIKEOUT_COUNTS = {(0, 2): 210, (1, 2): 320, (2, 2): 290, (3, 2): 180}
_WALK_COUNTS = {(3, 0): 150, (3, 1): 290, (3, 2): 560}
_COUNTS = {"strikeout": _STRIKEOUT_COUNTS, "walk": _WALK_COUNTS}
_TABLES = {
    event: (list(counts), list(accumulate(counts.values())))
    for event, counts in {**_COUNTS, "": _IN_PLAY_COUNTS}.items()
}
_FOUL_AGAIN = 0.37  # with two strikes, before the pitch that ends it
_SAFE = {"single", "double", "triple", "home_run", "field_error"}

_TRAJECTORIES = {
    "single": (("ground_ball", 0.46), ("line_drive", 0.90), ("fly_ball", 0.97), ("popup", 1.0)),
    "double": (("ground_ball", 0.13), ("line_drive", 0.72), ("fly_ball", 1.0)),
    "triple": (("ground_ball", 0.05), ("line_drive", 0.55), ("fly_ball", 1.0)),
    "home_run": (("line_drive", 0.13), ("fly_ball", 1.0)),
}
_SPEEDS = {"single": (91.5, 11.5), "double": (98, 8), "triple": (97.5, 7)}  # mph
_OUT_SPEED = {
    "ground_ball": (86.5, 12),
    "bunt_grounder": (55, 9),
    "line_drive": (92, 11),
    "fly_ball": (90.5, 7.5),
    "popup": (75, 9),
}
_ANGLES = {
    "ground_ball": (-9.0, 9.0, -60, 9), "bunt_grounder": (-30.0, 12.0, -70, 5), "line_drive": (17, 4, 10, 25),
    "fly_ball": (36, 6.5, 26, 50), "popup": (62, 7, 51, 85),
}  # fmt: skip
_DISTANCES = {
    "ground_ball": (4, 150), "bunt_grounder": (2, 40), "line_drive": (130, 330), "fly_ball": (240, 385),
    "popup": (70, 215),
}  # fmt: skip
_OUTFIELD = "777888999"
_LOCATIONS = {"ground_ball": "44555666631", "bunt_grounder": "11553", "line_drive": "3456778899",
              "fly_ball": "77888999", "popup": "2334456667"}  # fmt: skip


class BattedBall(NamedTuple):
    """How a ball was hit: trajectory, fielder's number, speed (mph), angle (degrees) and distance (feet)."""

    trajectory: str
    location: int
    speed: float
    angle: float
    distance: float


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _trajectory(rng: Random, event_type: str) -> str:
    roll = rng.random()
    return next(name for name, below in _TRAJECTORIES[event_type] if roll < below)


def batted_ball(rng: Random, event_type: str, trajectory: str | None) -> BattedBall:
    """Draw how a ball in play was hit; `trajectory` is given for outs and drawn for hits."""
    flight = trajectory or _trajectory(rng, event_type)
    if event_type == "home_run":
        return _homer(rng, flight)
    hit = event_type in _SPEEDS
    mean, spread, low, high = _ANGLES[flight]
    return BattedBall(
        flight,
        int(rng.choice(_OUTFIELD if hit and flight != "popup" else _LOCATIONS[flight])),
        _within(rng.gauss(*(_SPEEDS[event_type] if hit else _OUT_SPEED[flight])), 40, 117),
        _within(rng.gauss(mean, spread), low, high),
        rng.uniform(*_DISTANCES[flight]),
    )


def _homer(rng: Random, flight: str) -> BattedBall:
    steepest = 25 if flight == "line_drive" else 40
    return BattedBall(
        flight,
        int(rng.choice(_OUTFIELD)),
        _within(rng.gauss(104, 4.2), 92, 117),
        _within(rng.gauss(28, 4), 19, steepest),
        _within(rng.gauss(400, 23), 335, 490),
    )


def zone(plate_x: float, plate_z: float) -> int:
    """Return the zone of a pitch: 1–9 inside, row by row from the top left; 11–14 outside, by quarter."""
    if abs(plate_x) <= 0.83 and 1.6 <= plate_z <= 3.4:
        row = 0 if plate_z > 2.8 else 1 if plate_z > 2.2 else 2
        column = 0 if plate_x < -0.277 else 1 if plate_x < 0.277 else 2
        return 1 + 3 * row + column
    return 11 + (plate_x > 0) + 2 * (plate_z < 2.5)


def _spot(rng: Random, call: str) -> tuple[float, float]:
    if call == "C":
        return rng.uniform(-0.9, 0.9), rng.uniform(1.55, 3.45)
    if call == "*B":
        return rng.gauss(0, 0.7), rng.uniform(-0.5, 0.6)
    if call == "H":
        return rng.choice((-1, 1)) * rng.uniform(1.7, 2.8), rng.uniform(1, 5)
    if call == "B":
        if rng.random() < 0.6:
            return rng.choice((-1, 1)) * rng.uniform(0.85, 1.9), rng.gauss(2.4, 0.8)
        return rng.gauss(0, 0.7), rng.uniform(3.45, 4.6) if rng.random() < 0.4 else rng.uniform(0.2, 1.55)
    return rng.gauss(0, 0.55), rng.gauss(2.4, 0.6)


def _thrown(rng: Random, call: str, arsenal: Arsenal, hit: BattedBall | None = None) -> Pitch:
    weapon = arsenal.weapons[bisect(arsenal.cumulative, rng.random() * 0.999999)]
    plate_x, plate_z = _spot(rng, call)
    return Pitch(
        call,
        weapon.pitch_type,
        round(_within(weapon.speed + rng.gauss(0, 1), 70, 102), 1),
        round(weapon.spin + rng.gauss(0, 85)),
        round(arsenal.extension + rng.gauss(0, 0.12), 1),
        round(plate_x, 2),
        round(plate_z, 2),
        zone(plate_x, plate_z),
        hit and round(hit.speed, 1),
        hit and round(hit.angle),
        hit and round(hit.distance),
    )


def _strike(rng: Random) -> str:
    roll = rng.random()
    return "C" if roll < 0.44 else "F" if roll < 0.79 else "S" if roll < 0.98 else "W"


def _ball(rng: Random) -> str:
    return "B" if rng.random() < 0.955 else "*B"


def _leading_up(rng: Random, balls: int, strikes: int) -> list[str]:
    """Draw the calls before the last pitch: in any order, fouls after the second strike anywhere."""
    calls = [_ball(rng) for _ in range(balls)] + [_strike(rng) for _ in range(strikes)]
    rng.shuffle(calls)
    if strikes == 2:
        second = [n for n, call in enumerate(calls) if call not in {"B", "*B"}][1]
        while rng.random() < _FOUL_AGAIN:
            calls.insert(rng.randint(second + 1, len(calls)), "F")
    return calls


def _last_call(rng: Random, event_type: str, runs: int) -> str:
    if event_type == "strikeout":
        return "C" if rng.random() < 0.24 else "S" if rng.random() < 0.93 else "W"
    if event_type == "walk":
        return _ball(rng)
    if event_type == "hit_by_pitch":
        return "H"
    return "E" if runs else "D" if event_type in _SAFE else "X"


def pitches(
    rng: Random, arsenal: Arsenal, event_type: str, runs: int = 0, hit: BattedBall | None = None
) -> Sequence[Pitch]:
    """Draw the pitches of a whole plate appearance; four unmeasured balls for an intentional walk."""
    if event_type == "intent_walk":
        return (Pitch("I"),) * 4
    counts, cumulative = _TABLES.get(event_type, _TABLES[""])
    balls, strikes = counts[bisect(cumulative, rng.randrange(cumulative[-1]))]
    lead = [_thrown(rng, call, arsenal) for call in _leading_up(rng, balls, strikes)]
    return (*lead, _thrown(rng, _last_call(rng, event_type, runs), arsenal, hit))


def unfinished(rng: Random, arsenal: Arsenal) -> Sequence[Pitch]:
    """Draw the pitches of a turn cut short by a runner's out."""
    calls = _leading_up(rng, rng.randint(0, 3), rng.randint(0, 1)) or [_ball(rng)]
    return tuple(_thrown(rng, call, arsenal) for call in calls)
