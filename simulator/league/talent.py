"""Players on every forty-man roster and their talents, season after season.

A talent is five shifts on the logit scale, one for each of `COMPONENTS`; zero is the league average.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.league.rng import seeded_generator

COMPONENTS = ("strikeout", "walk", "home_run", "hit", "extra_base")
SEASONS = range(2001, 2101)  # that can be simulated
# All careers begin here, whichever seasons are requested: a season never depends on the others
EPOCH = SEASONS[0] - 1

POSITIONS = (
    *["P"] * 13,
    *("C", "1B", "2B", "3B", "SS", "LF", "CF", "RF", "DH"),
    *("C", "IF", "OF", "1B"),
    *["P"] * 7,
    *("OF", "OF", "OF", "C", "IF", "IF", "1B"),
)
STARTERS, RELIEVERS, REGULARS, BENCH = slice(0, 5), slice(5, 13), slice(13, 22), slice(22, 26)
RESERVE_RELIEVERS, RESERVE_OUTFIELDERS = slice(29, 32), slice(33, 35)  # who share a rotating spot
ACTIVE_ROSTER, FORTY_MAN = 26, 40

_PITCHES = np.array([position == "P" for position in POSITIONS])
_BATTER_SPREAD = np.array([0.335, 0.31, 0.53, 0.115, 0.195])
_PITCHER_SPREAD = np.array([0.26, 0.21, 0.16, 0.05, 0.12])
_GOOD_FOR_BATTER = np.array([-1.0, 1.0, 1.0, 1.0, 1.0])
_SPREAD = np.where(_PITCHES[:, None], _PITCHER_SPREAD, _BATTER_SPREAD)
_GOOD = np.where(_PITCHES[:, None], -_GOOD_FOR_BATTER, _GOOD_FOR_BATTER)
# Means of bench and reserves below the regulars, in standard deviations
_ROLE = np.concatenate([np.zeros(22), np.full(4, -0.4), np.full(14, -0.6)])

# Share of last season's deviation kept over a winter, by component
_BATTER_KEEPS = np.array([0.93, 0.85, 0.90, 0.75, 0.85])
_PITCHER_KEEPS = np.array([0.82, 0.84, 0.70, 0.80, 0.95])
_KEPT_TALENT = np.where(_PITCHES[:, None], _PITCHER_KEEPS, _BATTER_KEEPS)
_KEPT_STRENGTH = 0.62
_CLUB_STRENGTH = 0.24  # effect of one standard deviation of club strength, in spreads of talent
_TRADED = 0.12


@dataclass(frozen=True, slots=True)
class Cohort:
    """One season's players: `people` (30, 40) by number, `talent` (30, 40, 5); clubs by id."""

    season: int
    people: NDArray[np.int64]
    talent: NDArray[np.float64]


@dataclass(slots=True)
class Careers:
    """All players so far, by number: birth year and slot in `POSITIONS`."""

    born: list[int]
    slot: list[int]

    def add_newcomers(
        self, season: int, ages: NDArray[np.int64], slots: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Add newcomers and return their numbers."""
        first = len(self.born)
        self.born += [season - int(age) for age in ages]
        self.slot += [int(slot) for slot in slots]
        return np.arange(first, len(self.born))


def talent_prior(
    slots: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return mean, spread and winter-kept share of talents by slot, for a player of unknown club."""
    return _ROLE[slots, None] * (_GOOD * _SPREAD)[slots], _SPREAD[slots], _KEPT_TALENT[slots]


def _club_talent_mean(strength: NDArray[np.float64]) -> NDArray[np.float64]:
    quality = _CLUB_STRENGTH * strength[:, None] + _ROLE[None, :]
    shift: NDArray[np.float64] = quality[:, :, None] * (_GOOD * _SPREAD)[None]
    return shift


def _draw_deviations(rng: np.random.Generator, size: int, slots: NDArray[np.int64]) -> NDArray[np.float64]:
    deviation: NDArray[np.float64] = rng.standard_normal((size, 5)).clip(-2.5, 2.5) * _SPREAD[slots]
    return deviation


def _retire_players(
    rng: np.random.Generator, cohort: Cohort, careers: Careers, mean: NDArray[np.float64]
) -> None:
    born = np.array(careers.born)[cohort.people]
    retires = rng.random(cohort.people.shape) < np.clip((cohort.season - born - 30) * 0.07, 0.02, 1)
    clubs, slots = np.nonzero(retires)
    cohort.people[clubs, slots] = careers.add_newcomers(
        cohort.season, rng.integers(21, 27, len(slots)), slots
    )
    cohort.talent[clubs, slots] = mean[clubs, slots] + _draw_deviations(rng, len(slots), slots)


def _trade_players(rng: np.random.Generator, cohort: Cohort) -> None:
    for slot in range(FORTY_MAN):
        movers = np.flatnonzero(rng.random(len(cohort.people)) < _TRADED)
        givers = np.roll(movers, 1)
        cohort.people[movers, slot] = cohort.people[givers, slot]
        cohort.talent[movers, slot] = cohort.talent[givers, slot]


def generate_cohorts(seed: int, clubs: int = 30) -> Iterator[tuple[Cohort, Careers]]:
    """Yield every season's cohort from `EPOCH` on, without end, with the careers up to then.

    Over a winter old players retire, some change clubs, and talents regress to the club's level with noise.
    """
    rng, careers = seeded_generator(seed, "careers"), Careers([], [])
    strength = rng.standard_normal(clubs)
    slots = np.tile(np.arange(FORTY_MAN), clubs)
    people = careers.add_newcomers(EPOCH, rng.integers(21, 36, clubs * FORTY_MAN), slots).reshape(
        clubs, FORTY_MAN
    )
    talent = _club_talent_mean(strength) + _draw_deviations(rng, len(slots), slots).reshape(
        clubs, FORTY_MAN, 5
    )
    cohort = Cohort(EPOCH, people, talent)
    while True:
        yield cohort, careers
        strength = _KEPT_STRENGTH * strength + np.sqrt(1 - _KEPT_STRENGTH**2) * rng.standard_normal(clubs)
        mean = _club_talent_mean(strength)
        noise = np.sqrt(1 - _KEPT_TALENT**2) * _draw_deviations(rng, len(slots), slots).reshape(
            clubs, FORTY_MAN, 5
        )
        cohort = Cohort(
            cohort.season + 1, cohort.people.copy(), mean + _KEPT_TALENT * (cohort.talent - mean) + noise
        )
        _trade_players(rng, cohort)
        _retire_players(rng, cohort, careers, mean)
