"""A game's weather and umpires, and their effect on every plate appearance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from simulator.game_record import Person, Venue, Weather
from simulator.league.outcomes import Logits
from simulator.league.people import FIRST_UMPIRE, UMPIRES
from simulator.league.rng import seeded_generator, seeded_random
from simulator.league.schedule import Fixture
from simulator.league.weather import draw_weather

_UMPIRE_POSITIONS = ("Home Plate", "First Base", "Second Base", "Third Base")
# Effect of a strike zone one standard deviation wide, from Retrosheet 2010–2016, where umpires' strikeout
# and walk effects correlate at -.99
_WIDE_ZONE = np.array([0.030, -0.041, 0.0, 0.0, 0.0])


@dataclass(frozen=True, slots=True)
class GameConditions:
    """The weather, the umpires by position, and the shift of each component in logits."""

    weather: Weather
    officials: Mapping[str, int]
    shift: Logits


def draw_conditions(seed: int, fixture: Fixture, venue: Venue, umpires: Sequence[Person]) -> GameConditions:
    """Draw the conditions of a game."""
    rng = seeded_random(seed, "around", fixture.game_pk)
    crew = [umpire.id for umpire in rng.sample(umpires, len(_UMPIRE_POSITIONS))]
    effect = draw_weather(venue, fixture.start, fixture.day_night, rng)
    shift = effect.shift + _strike_zone_widths(seed)[crew[0] - FIRST_UMPIRE] * _WIDE_ZONE
    return GameConditions(effect.weather, dict(zip(_UMPIRE_POSITIONS, crew, strict=True)), shift)


@cache
def _strike_zone_widths(seed: int) -> NDArray[np.float64]:
    """Return the width of every umpire's strike zone, in standard deviations."""
    return seeded_generator(seed, "zones").standard_normal(UMPIRES).clip(-2.5, 2.5)
