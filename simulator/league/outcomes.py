"""Outcomes of a plate appearance and their true probabilities, in closed form.

Each component is a sum on the logit scale (the odds-ratio form of Bill James's log5): the season's rate,
the batter's and the pitcher's talent, platoon, park and home field.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.game_record import Venue
from simulator.league.rng import seeded_generator

OUTCOMES = ("strikeout", "walk", "hit_by_pitch", "single", "double", "triple", "home_run", "field_out")

# Last axis: strikeouts, walks or hit batters per plate appearance; home runs per contact; hits per ball in
# play; doubles or triples per hit in play
Logits = NDArray[np.float64]

_SAME_HAND = np.array([0.06, -0.07, -0.09, -0.02, -0.03])  # negated for opposite hands
# Nearly half the difference between home and visiting batters in the majors; negated for visitors
_HOME_FIELD = np.array([-0.030, 0.041, 0.024, 0.0165, 0.013])
_PARK_SPREAD = np.array([0.03, 0.02, 0.12, 0.035, 0.10])
_THIN_AIR = np.array([-0.06, 0.02, 0.16, 0.14, 0.20])  # at 5,200 feet, Denver's elevation
_HIT_BY_PITCH, _TRIPLE = 0.12, 0.075  # shares of (walk or hit by pitch) and of (double or triple)


def park_shift(seed: int, venue: Venue) -> Logits:
    """Return a ballpark's shift of each component, in logits."""
    drawn = _PARK_SPREAD * seeded_generator(seed, "park", venue.id).standard_normal(5).clip(-2, 2)
    shift: Logits = drawn + _THIN_AIR * max(0, venue.elevation - 500) / 4700
    return shift


def platoon_shift(bats: NDArray[np.int64], throws: NDArray[np.int64]) -> Logits:
    """Return the platoon shift of each component; hands are -1 right, 1 left, 0 switch, and broadcast."""
    same = np.where(bats == 0, -1, bats * throws)
    shift: Logits = same[..., None] * _SAME_HAND
    return shift


def home_field_shift(home_bats: bool | None) -> Logits:
    """Return the home-field shift of each component; None means neutral ground."""
    return np.zeros(5) if home_bats is None else _HOME_FIELD if home_bats else -_HOME_FIELD


def outcome_probabilities(logits: Logits) -> NDArray[np.float64]:
    """Return the probabilities of `OUTCOMES` (last axis, summing to 1) from summed logits."""
    strikeout, walk, home_run, hit, extra = np.moveaxis(1 / (1 + np.exp(-logits)), -1, 0)
    contact = 1 - strikeout - walk
    in_play = contact * (1 - home_run)
    extra_bases = in_play * hit * extra
    return np.stack(
        [
            strikeout,
            walk * (1 - _HIT_BY_PITCH),
            walk * _HIT_BY_PITCH,
            in_play * hit * (1 - extra),
            extra_bases * (1 - _TRIPLE),
            extra_bases * _TRIPLE,
            contact * home_run,
            in_play * (1 - hit),
        ],
        axis=-1,
    )


def component_rates(chances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the five component rates of `OUTCOMES` probabilities: inverse of `outcome_probabilities`."""
    strikeout, walk, hit_by_pitch, single, double, triple, home_run, out = chances
    free_passes, in_play = walk + hit_by_pitch, single + double + triple + out
    hits = single + double + triple
    return np.array(
        [strikeout, free_passes, home_run / (in_play + home_run), hits / in_play, (double + triple) / hits]
    )


def logit(rate: NDArray[np.float64]) -> Logits:
    """Return rates on the logit scale."""
    odds: Logits = np.log(rate / (1 - rate))
    return odds
