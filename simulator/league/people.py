"""The simulated league's players and umpires: names, handedness, ages and pitchers' arsenals."""

import json
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from simulator.game_record import Person
from simulator.league.rng import seeded_random
from simulator.league.talent import POSITIONS, STARTERS

FIRST_PLAYER, FIRST_UMPIRE, UMPIRES = 900_001, 890_001, 76
_NAMESAKE = 150  # one player in so many shares another's name, as in real rosters

# Share of pitchers who throw it, mph relative to the fastball, spin in revolutions per minute
_SECONDARY = {
    "SL": (0.62, -8.8, 2430),
    "CH": (0.58, -8.9, 1760),
    "CU": (0.38, -14.2, 2540),
    "FC": (0.26, -4.6, 2390),
    "ST": (0.24, -11.6, 2580),
    "FS": (0.14, -8.2, 1340),
}


class ArsenalPitch(NamedTuple):
    """One pitch type of a pitcher: its code, mean speed in mph and spin in revolutions per minute."""

    pitch_type: str
    speed: float
    spin: float


class Arsenal(NamedTuple):
    """A pitcher's pitch types, their cumulative shares, and the release extension in feet."""

    pitches: tuple[ArsenalPitch, ...]
    cumulative: tuple[float, ...]
    extension: float


@cache
def _shuffled_names(seed: int) -> list[str]:
    lists = json.loads(Path(__file__).with_name("names.json").read_text(encoding="utf-8"))
    names = [f"{first} {last}" for first in lists["first"] for last in lists["last"]]
    seeded_random(seed, "names").shuffle(names)
    return names


def _player_name(seed: int, number: int) -> str:
    names = _shuffled_names(seed)
    return names[(number - 61 if number % _NAMESAKE == _NAMESAKE - 1 else number) % len(names)]


def _draw_handedness(seed: int, number: int, position: str) -> tuple[str, str]:
    rng = seeded_random(seed, "hands", number)
    side = rng.random()
    if position == "P":
        throws = "L" if side < 0.27 else "R"
        return throws, throws
    bats = "L" if side < 0.33 else "S" if side < 0.43 else "R"
    may_throw_left = bats == "L" and position in {"1B", "LF", "CF", "RF", "OF", "DH"}
    return bats, "L" if may_throw_left and rng.random() < 0.4 else "R"


def build_player(seed: int, number: int, birth_year: int, slot: int) -> Person:
    """Return player `number` (from 0) of the league's whole history."""
    rng = seeded_random(seed, "player", number)
    bats, throws = _draw_handedness(seed, number, POSITIONS[slot])
    return Person(
        FIRST_PLAYER + number,
        _player_name(seed, number),
        bats,
        throws,
        POSITIONS[slot],
        birth_date=date(birth_year, 1, 1) + timedelta(days=rng.randrange(365)),
        jersey_number=str(rng.randrange(1, 100)),
    )


def build_umpires(seed: int) -> list[Person]:
    """Return the league's umpires."""
    names = _shuffled_names(seed)
    return [Person(FIRST_UMPIRE + n, names[-1 - n], position="") for n in range(UMPIRES)]


def draw_arsenal(seed: int, number: int, slot: int) -> Arsenal:
    """Return the arsenal of pitcher `number`; relievers throw harder and fewer types."""
    rng = seeded_random(seed, "arsenal", number)
    is_starter = slot in range(STARTERS.start, STARTERS.stop)
    fastball = rng.gauss(93.6 if is_starter else 94.9, 1.9)
    kinds = [kind for kind, (share, *_) in _SECONDARY.items() if rng.random() < share] or ["SL"]
    pitches = [ArsenalPitch(rng.choice(("FF", "FF", "SI")), fastball, rng.gauss(2270, 110))]
    for kind in kinds[: 4 if is_starter else 2]:
        _, slower, spin = _SECONDARY[kind]
        pitches.append(ArsenalPitch(kind, fastball + rng.gauss(slower, 1.2), rng.gauss(spin, 150)))
    primary = rng.uniform(0.42, 0.6)
    shares = [primary + (1 - primary) * n / (len(pitches) - 1) for n in range(len(pitches))]
    return Arsenal(tuple(pitches), tuple(shares), rng.gauss(6.4, 0.3))
