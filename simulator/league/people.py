"""The simulated league's players and umpires: names, hands, ages and what a pitcher throws."""

import json
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from simulator.game_record import Person
from simulator.league.rng import dice
from simulator.league.talent import POSITIONS, STARTERS

FIRST_PLAYER, FIRST_UMPIRE, UMPIRES = 900_001, 890_001, 76
_NAMESAKE = 150  # every so many players, one bears the name of another

# share of pitchers who have it, mph from the fastball, revolutions a minute
_SECONDARY = {
    "SL": (0.62, -8.8, 2430),
    "CH": (0.58, -8.9, 1760),
    "CU": (0.38, -14.2, 2540),
    "FC": (0.26, -4.6, 2390),
    "ST": (0.24, -11.6, 2580),
    "FS": (0.14, -8.2, 1340),
}


class Weapon(NamedTuple):
    """One pitch of a pitcher's: its code, usual speed in mph and spin in revolutions a minute."""

    pitch_type: str
    speed: float
    spin: float


class Arsenal(NamedTuple):
    """What a pitcher throws: weapons by the cumulative share of his pitches, extension in feet."""

    weapons: tuple[Weapon, ...]
    cumulative: tuple[float, ...]
    extension: float


@cache
def _names(seed: int) -> list[str]:
    lists = json.loads(Path(__file__).with_name("names.json").read_text(encoding="utf-8"))
    names = [f"{first} {last}" for first in lists["first"] for last in lists["last"]]
    dice(seed, "names").shuffle(names)
    return names


def _name(seed: int, number: int) -> str:
    names = _names(seed)
    return names[(number - 61 if number % _NAMESAKE == _NAMESAKE - 1 else number) % len(names)]


def _hands(seed: int, number: int, position: str) -> tuple[str, str]:
    rng = dice(seed, "hands", number)
    side = rng.random()
    if position == "P":
        throws = "L" if side < 0.27 else "R"
        return throws, throws
    bats = "L" if side < 0.33 else "S" if side < 0.43 else "R"
    may_throw_left = bats == "L" and position in {"1B", "LF", "CF", "RF", "OF", "DH"}
    return bats, "L" if may_throw_left and rng.random() < 0.4 else "R"


def player(seed: int, number: int, born: int, slot: int) -> Person:
    """Return player `number` (from 0) of the league's whole history."""
    rng = dice(seed, "player", number)
    bats, throws = _hands(seed, number, POSITIONS[slot])
    return Person(
        FIRST_PLAYER + number,
        _name(seed, number),
        bats,
        throws,
        POSITIONS[slot],
        birth_date=date(born, 1, 1) + timedelta(days=rng.randrange(365)),
        jersey_number=str(rng.randrange(1, 100)),
    )


def umpires(seed: int) -> list[Person]:
    """Return the umpires, none of whom plays."""
    names = _names(seed)
    return [Person(FIRST_UMPIRE + n, names[-1 - n], position="") for n in range(UMPIRES)]


def arsenal(seed: int, number: int, slot: int) -> Arsenal:
    """Return what pitcher `number` throws; relievers throw harder and fewer kinds."""
    rng = dice(seed, "arsenal", number)
    starts = slot in range(STARTERS.start, STARTERS.stop)
    fastball = rng.gauss(93.6 if starts else 94.9, 1.9)
    kinds = [kind for kind, (share, *_) in _SECONDARY.items() if rng.random() < share] or ["SL"]
    weapons = [Weapon(rng.choice(("FF", "FF", "SI")), fastball, rng.gauss(2270, 110))]
    for kind in kinds[: 4 if starts else 2]:
        _, slower, spin = _SECONDARY[kind]
        weapons.append(Weapon(kind, fastball + rng.gauss(slower, 1.2), rng.gauss(spin, 150)))
    primary = rng.uniform(0.42, 0.6)
    shares = [primary + (1 - primary) * n / (len(weapons) - 1) for n in range(len(weapons))]
    return Arsenal(tuple(weapons), tuple(shares), rng.gauss(6.4, 0.3))
