"""A club's season: rotation, pen, line-up, bench, and the two chairs that reserves take turns in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from hankstank.standins.league.calendar import last_day, opening_day
from hankstank.standins.league.dice import dice
from hankstank.standins.league.outcomes import probabilities
from hankstank.standins.league.talent import (
    ACTIVE,
    BENCH,
    POSITIONS,
    REGULARS,
    RELIEVERS,
    RESERVE_OUTFIELDERS,
    RESERVE_RELIEVERS,
    STARTERS,
)
from hankstank.standins.scorebook import Club, Person, Transaction

# Runs a plate appearance is worth by outcome, in the order of `OUTCOMES` (textbook linear weights)
_RUN_VALUES = np.array([-0.27, 0.32, 0.34, 0.47, 0.78, 1.05, 1.40, -0.25])
_BENCH_FOR = {"C": 0, "2B": 1, "3B": 1, "SS": 1, "LF": 2, "CF": 2, "RF": 2, "1B": 3, "DH": 3}
_ORDER = (1, 3, 0, 2, 4, 5, 6, 7, 8)  # which place in the order the best, the second best … bats in


@dataclass(frozen=True, slots=True)
class Chair:
    """A place on the active roster whose holder, by slot, changes every `stay` days."""

    slot: int
    holders: tuple[int, ...]
    stay: int


_CHAIRS = (
    Chair(RELIEVERS.stop - 1, (RELIEVERS.stop - 1, *range(*RESERVE_RELIEVERS.indices(40))), 9),
    Chair(BENCH.start + 2, (BENCH.start + 2, *range(*RESERVE_OUTFIELDERS.indices(40))), 17),
)


@dataclass(frozen=True, slots=True)
class Squad:
    """One club's forty men in one season, by slot."""

    seed: int
    season: int
    club: Club
    men: tuple[int, ...]
    value: tuple[float, ...]  # runs a plate appearance gained for the club, against average opposition

    def rotation(self) -> list[int]:
        """Return the five starters, the best first."""
        return self._best(range(*STARTERS.indices(40)))

    def pen(self, on: date) -> list[int]:
        """Return the eight relievers of a day, the best first: the closer, the setup man …"""
        chair = self._seated(_CHAIRS[0], on)
        return self._best([*range(RELIEVERS.start, RELIEVERS.stop - 1), chair])

    def batting_order(self) -> list[tuple[int, str]]:
        """Return the nine regulars and their positions in the order they bat."""
        ranked = sorted(range(*REGULARS.indices(40)), key=lambda slot: -self.value[slot])
        order = sorted(zip(_ORDER, ranked, strict=True))
        return [(self.men[slot], POSITIONS[slot]) for _, slot in order]

    def bench(self, on: date) -> list[int]:
        """Return the bench of a day: catcher, infielder, outfielder, first baseman."""
        return [self.men[self._occupant(slot, on)] for slot in range(*BENCH.indices(40))]

    def active(self, on: date) -> list[int]:
        """Return the 26 men on the active roster of a day."""
        return [self.men[self._occupant(slot, on)] for slot in range(ACTIVE)]

    def moves(self, on: date) -> Iterator[tuple[int, int]]:
        """Yield (optioned, recalled) for every chair that changes hands that day."""
        if opening_day(self.season) < on <= last_day(self.season):
            for chair in _CHAIRS:
                before, after = (self._seated(chair, day) for day in (on - timedelta(days=1), on))
                if before != after:
                    yield self.men[before], self.men[after]

    def _best(self, slots: Sequence[int]) -> list[int]:
        return [self.men[slot] for slot in sorted(slots, key=lambda slot: -self.value[slot])]

    def _occupant(self, slot: int, on: date) -> int:
        return next((self._seated(chair, on) for chair in _CHAIRS if chair.slot == slot), slot)

    def _seated(self, chair: Chair, on: date) -> int:
        first, last = opening_day(self.season), last_day(self.season)
        offset = dice(self.seed, "chair", self.season, self.club.id, chair.slot).randrange(chair.stay)
        turns = ((min(max(on, first), last) - first).days + offset) // chair.stay
        return chair.holders[turns % len(chair.holders)]


def bench_for(position: str) -> int:
    """Return who on the bench (its index) stands in for a regular at a position."""
    return _BENCH_FOR[position]


def values(talent: NDArray[np.float64], pitches: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return runs a plate appearance (last axis dropped) that talents are worth to their own club."""
    runs = probabilities(talent) @ _RUN_VALUES
    worth: NDArray[np.float64] = np.where(pitches, -runs, runs)
    return worth


def transactions_of(squads: Sequence[Squad], people: Mapping[int, Person], on: date) -> Iterator[Transaction]:
    """Yield a day's moves: one optioned, one recalled."""
    moves = [(squad.club, *move) for squad in squads for move in squad.moves(on)]
    for n, (club, optioned, recalled) in enumerate(moves):
        number = on.toordinal() * 100 + 2 * n
        down, up = people[optioned], people[recalled]
        yield Transaction(
            number, on, "OPT", "Optioned", f"{club.name} optioned {_titled(down)} to the minors.",
            optioned, from_club=club.id, effective_date=on, resolution_date=on,
        )  # fmt: skip
        yield Transaction(
            number + 1, on, "CU", "Recalled", f"{club.name} recalled {_titled(up)} from the minors.",
            recalled, to_club=club.id, effective_date=on, resolution_date=on,
        )  # fmt: skip


def _titled(person: Person) -> str:
    position = f"{person.throws}HP" if person.position == "P" else person.position
    return f"{position} {person.full_name}"
