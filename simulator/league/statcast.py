"""Statcast-like measurements of a game's pitches and batted balls, drawn for a whole game at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from simulator.game_record import Pitch
from simulator.league.people import Arsenal
from simulator.league.pitches import BattedBall

Floats = NDArray[np.float64]

UNMEASURED = "I"
_HITS = ("single", "double", "triple", "home_run")
# Exit velocity in mph, mean and standard deviation: of hits by event, of other balls by trajectory
_SPEEDS = {
    "single": (91.5, 11.5), "double": (98, 8), "triple": (97.5, 7), "home_run": (104, 4.2),
    "ground_ball": (86.5, 12), "bunt_grounder": (55, 9), "line_drive": (92, 11), "fly_ball": (90.5, 7.5),
    "popup": (75, 9),
}  # fmt: skip
# Launch angle in degrees: mean, standard deviation, minimum and maximum
_ANGLES = {
    "ground_ball": (-9, 9, -60, 9), "bunt_grounder": (-30, 12, -70, 5), "line_drive": (17, 4, 10, 25),
    "fly_ball": (36, 6.5, 26, 50), "popup": (62, 7, 51, 85), "line-drive homer": (22, 2, 19, 25),
    "fly-ball homer": (28, 4, 19, 40),
}  # fmt: skip
# Distance in feet, minimum and maximum
_DISTANCES = {
    "ground_ball": (4, 150), "bunt_grounder": (2, 40), "line_drive": (130, 330), "fly_ball": (240, 385),
    "popup": (70, 215),
}  # fmt: skip
_HOMER_DISTANCE = (400, 23, 335, 490)


@dataclass(frozen=True, slots=True)
class PitchSequence:
    """One plate appearance's arsenal, calls and batted ball; the functions below fill in `pitches`."""

    arsenal: Arsenal
    calls: Sequence[str]
    event_type: str
    hit: BattedBall | None
    pitches: list[Pitch] = field(default_factory=list)


def measure_pitches(rng: np.random.Generator, sequences: Sequence[PitchSequence]) -> None:
    """Fill in the pitches of a game: speed, spin, extension, location, and the flight of batted balls."""
    readings = _PitchReadings(rng, np.array([call for sequence in sequences for call in sequence.calls]))
    flights = iter(_draw_flights(rng, [sequence for sequence in sequences if sequence.hit]))
    pitches = zip(*readings.draw_columns(_draw_pitch_types(rng, sequences)), strict=True)
    for sequence in sequences:
        last = len(sequence.calls) - 1
        for n, call in enumerate(sequence.calls):
            measurement = next(pitches)
            if call == UNMEASURED:
                sequence.pitches.append(Pitch(call))
            elif sequence.hit and n == last:
                sequence.pitches.append(Pitch(call, *(*measurement, *next(flights))))
            else:
                sequence.pitches.append(Pitch(call, *measurement))


def add_unmeasured_pitches(sequences: Sequence[PitchSequence]) -> None:
    """Fill in the pitches of a game with only their calls."""
    for sequence in sequences:
        sequence.pitches.extend(map(_unmeasured_pitch, sequence.calls))


@cache
def _unmeasured_pitch(call: str) -> Pitch:
    return Pitch(call)


def pitch_zones(x: Floats, z: Floats) -> NDArray[np.int64]:
    """Return the zones of pitches: 1–9 inside, row by row from the top left; 11–14 outside, by quarter."""
    inside = (np.abs(x) <= 0.83) & (z >= 1.6) & (z <= 3.4)
    row, column = 2 - (z > 2.2).astype(int) - (z > 2.8), 0 + (x >= -0.277).astype(int) + (x >= 0.277)
    return np.where(inside, 1 + 3 * row + column, 11 + (x > 0) + 2 * (z < 2.5))


class _PitchReadings:
    """Random measurements of a game's pitches, given their calls."""

    def __init__(self, rng: np.random.Generator, calls: NDArray[np.str_]) -> None:
        self._rng, self._calls, self._n = rng, calls, len(calls)

    def draw_columns(
        self, pitch_types: tuple[Sequence[str], Floats, Floats, Floats]
    ) -> tuple[Sequence[object], ...]:
        """Return type, speed, spin, extension, plate x, plate z and zone, one list each."""
        kinds, speed, spin, extension = pitch_types
        noise = self._rng.standard_normal((3, self._n))
        x, z = (coordinate.round(2) for coordinate in self._draw_locations())
        return (
            kinds,
            (speed + noise[0]).clip(70, 102).round(1).tolist(),
            (spin + 85 * noise[1]).round().astype(int).tolist(),
            (extension + 0.12 * noise[2]).round(1).tolist(),
            x.tolist(),
            z.tolist(),
            pitch_zones(x, z).tolist(),
        )

    def _draw_locations(self) -> tuple[Floats, Floats]:
        """Draw plate locations: called strikes in the zone, balls off it, the rest around it."""
        gauss, rng, calls = self._rng.standard_normal((2, self._n)), self._rng, self._calls
        side = rng.choice((-1.0, 1.0), self._n)
        wide, high = rng.random(self._n) < 0.6, rng.random(self._n) < 0.4
        off = np.where(high, self._draw_uniform(3.45, 4.6), self._draw_uniform(0.2, 1.55))
        called, dirt, hit_batter, ball = (calls == call for call in ("C", "*B", "H", "B"))
        x = [
            self._draw_uniform(-0.9, 0.9),
            0.7 * gauss[0],
            side * self._draw_uniform(1.7, 2.8),
            np.where(wide, side * self._draw_uniform(0.85, 1.9), 0.7 * gauss[0]),
        ]
        z = [
            self._draw_uniform(1.55, 3.45),
            self._draw_uniform(-0.5, 0.6),
            self._draw_uniform(1, 5),
            np.where(wide, 2.4 + 0.8 * gauss[1], off),
        ]
        kinds = [called, dirt, hit_batter, ball]
        return np.select(kinds, x, 0.55 * gauss[0]), np.select(kinds, z, 2.4 + 0.6 * gauss[1])

    def _draw_uniform(self, low: float, high: float) -> Floats:
        return low + (high - low) * self._rng.random(self._n)


def _draw_pitch_types(
    rng: np.random.Generator, sequences: Sequence[PitchSequence]
) -> tuple[Sequence[str], Floats, Floats, Floats]:
    """Draw each pitch's type, with its mean speed and spin and the pitcher's extension."""
    number: dict[Arsenal, int] = {}
    arsenals = [number.setdefault(sequence.arsenal, len(number)) for sequence in sequences]
    thrower = np.repeat(arsenals, [len(sequence.calls) for sequence in sequences])
    most = max(len(arsenal.pitches) for arsenal in number)
    # Arsenals of different sizes are padded: the padding is never drawn
    cumulative = np.array([(*arsenal.cumulative, *[1.0] * most)[:most] for arsenal in number])
    pitch_types = [(*arsenal.pitches, *arsenal.pitches[:1] * most)[:most] for arsenal in number]
    chosen = (rng.random(len(thrower))[:, None] > cumulative[thrower, :-1]).sum(axis=1)
    kinds, speed, spin = (
        np.array([[pitch[column] for pitch in row] for row in pitch_types])[thrower, chosen]
        for column in range(3)
    )
    extension = np.array([arsenal.extension for arsenal in number])[thrower]
    return kinds.tolist(), speed.astype(float), spin.astype(float), extension


def _draw_flights(
    rng: np.random.Generator, sequences: Sequence[PitchSequence]
) -> Sequence[tuple[float, int, int]]:
    """Draw speed (mph), angle (degrees) and distance (feet) of the balls in play."""
    hit_kinds = [(sequence.event_type, sequence.hit.trajectory) for sequence in sequences if sequence.hit]
    is_homer = np.array([event == "home_run" for event, _ in hit_kinds], dtype=bool)
    speeds = np.array([_SPEEDS[event if event in _HITS else flight] for event, flight in hit_kinds]).reshape(
        -1, 2
    )
    angles = np.array([_ANGLES[_angle_key(*kind)] for kind in hit_kinds]).reshape(-1, 4)
    reach = np.array([_DISTANCES[flight] for _, flight in hit_kinds]).reshape(-1, 2)
    gauss = rng.standard_normal((3, len(hit_kinds)))
    speed = (speeds[:, 0] + speeds[:, 1] * gauss[0]).clip(np.where(is_homer, 92, 40), 117)
    angle = (angles[:, 0] + angles[:, 1] * gauss[1]).clip(angles[:, 2], angles[:, 3])
    mean, spread, least, most = _HOMER_DISTANCE
    homer_distance = (mean + spread * gauss[2]).clip(least, most)
    distance = np.where(
        is_homer, homer_distance, reach[:, 0] + (reach[:, 1] - reach[:, 0]) * rng.random(len(hit_kinds))
    )
    columns = (
        speed.round(1).tolist(),
        angle.round().astype(int).tolist(),
        distance.round().astype(int).tolist(),
    )
    return list(zip(*columns, strict=True))


def _angle_key(event_type: str, trajectory: str) -> str:
    if event_type != "home_run":
        return trajectory
    return "line-drive homer" if trajectory == "line_drive" else "fly-ball homer"
