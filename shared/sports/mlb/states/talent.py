"""Who is how far from the league: rates shrunk to what was expected, as shifts on the logit scale."""

from math import prod

import numpy as np

from shared.sports.mlb.states.column import COMPONENTS, Tally
from shared.sports.mlb.states.entities import Floats, Integers
from shared.sports.mlb.states.layout import CATCHER_UMPIRE_COMPONENTS
from shared.sports.mlb.states.league import cell_sums

# Trials of league-average play added to everybody's sums, by component: strikeout, walk, home run per
# contact, single and extra base per ball in play. Fitted to plate appearances of 2011-2014: with these, a
# shift of one on the logit scale is a shift of one in what happened.
BATTER_PRIOR = np.array([40.0, 96.0, 83.0, 400.0, 370.0])
PITCHER_PRIOR = np.array([60.0, 170.0, 1250.0, 2450.0, 1640.0])
BULLPEN_PRIOR = np.array([400.0, 600.0, 5000.0, 2500.0, 1200.0])
# The same for what one does against one hand beyond what one does against both.
BATTER_SPLIT_PRIOR = np.array([300.0, 670.0, 660.0, 5000.0, 1300.0])
PITCHER_SPLIT_PRIOR = np.array([220.0, 1130.0, 1000.0, 5000.0, 2000.0])
PARK_PRIOR = np.array([6000.0, 20000.0, 4500.0, 5000.0, 3500.0])
# Of strikeouts and walks alone.
CATCHER_PRIOR = np.array([4000.0, 4000.0])
UMPIRE_PRIOR = np.array([4000.0, 4000.0])
ANY_HAND = 2
_PER_COMPONENT = (len(COMPONENTS), len(Tally))
_PER_CALLED_COMPONENT = (len(CATCHER_UMPIRE_COMPONENTS), len(Tally))


def logit(rate: Floats) -> Floats:
    """Return log-odds."""
    return np.asarray(np.log(rate / (1.0 - rate)))


def inverse_logit(log_odds: Floats) -> Floats:
    """Return the probability of log-odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))


def log_odds_shift(sums: Floats, prior: Floats, beyond: Floats | None = None) -> Floats:
    """Return how far one is from what the cells expected, in log-odds by component; 0 without trials.

    Args:
        sums: (..., 5, 3): events, trials, expected events.
        prior: (5,) trials at the expected rate that are added.
        beyond: (..., 5) log-odds that are added to the expected rate first: what is left is returned.
    """
    events, trials, expected = np.moveaxis(sums, -1, 0)
    rate = np.divide(expected, trials, out=np.full_like(trials, 0.1), where=trials > 0)
    rate = np.clip(rate, 1e-4, 1 - 1e-4)
    usual = logit(rate) if beyond is None else logit(rate) + beyond
    shrunk = (events + prior * inverse_logit(usual)) / (trials + prior)
    return logit(np.clip(shrunk, 1e-4, 1 - 1e-4)) - usual


def overall_shift(sums: Floats, prior: Floats) -> Floats:
    """Return the shift against both hands together: the cells already hold the usual platoon difference.

    Args:
        sums: (..., columns), the first 30 by hand, component and (events, trials, expected).
        prior: (5,) trials.
    """
    by_hand = _by_hand(sums)
    return log_odds_shift(by_hand[..., 0, :, :] + by_hand[..., 1, :, :], prior)


def split_shift(sums: Floats, overall: Floats, prior: Floats) -> Floats:
    """Return the shift against each hand beyond the overall one: (..., left right unknown, 5).

    Against a hand that is not known it is 0.
    """
    own = log_odds_shift(_by_hand(sums), prior, overall[..., None, :])
    return np.concatenate([own, np.zeros_like(own[..., :1, :])], axis=-2)


def _by_hand(sums: Floats) -> Floats:
    shape = (2, *_PER_COMPONENT)
    return sums[..., : prod(shape)].reshape(*sums.shape[:-1], *shape)


def catcher_umpire_shift(sums: Floats, prior: Floats) -> Floats:
    """Return the shift of a catcher or an umpire: (..., 5), nothing but strikeouts and walks.

    Args:
        sums: (..., columns), the first six of two components.
        prior: (2,) trials.
    """
    shape = _PER_CALLED_COMPONENT
    called = log_odds_shift(sums[..., : prod(shape)].reshape(*sums.shape[:-1], *shape), prior)
    uncalled = len(COMPONENTS) - len(CATCHER_UMPIRE_COMPONENTS)
    return np.concatenate([called, np.zeros((*called.shape[:-1], uncalled))], axis=-1)


def park_shift(here: Floats, road: Floats) -> Floats:
    """Return the park's shift: games here against the home club's games elsewhere, (..., 15) each."""
    shape = (*here.shape[:-1], *_PER_COMPONENT)
    return log_odds_shift(here.reshape(shape), PARK_PRIOR) - log_odds_shift(road.reshape(shape), PARK_PRIOR)


def league_cell_rates(league: Floats) -> Floats:
    """Return the league's rates: (games, kind 2, side 4, hand 3, 5).

    Sides are left, right, not known, switch; hands left, right, not known. A switch hitter takes the side
    opposite the hand; what is not known is the mean over the league's plate appearances.
    """
    sums = cell_sums(league)
    both = np.stack([sums[..., 1, 0, :, :], sums[..., 0, 1, :, :]], axis=-3)  # opposite sides, by hand
    left, right = sums[..., 0, :, :, :], sums[..., 1, :, :, :]
    sides = np.stack([left, right, left + right, both], axis=-4)
    hands = np.concatenate([sides, sides[..., :1, :, :] + sides[..., 1:, :, :]], axis=-3)
    return np.asarray(hands[..., Tally.EVENTS] / hands[..., Tally.TRIALS])


def mean_rates(league: Floats) -> Floats:
    """Return the rates over all of the league's plate appearances: (games, 5)."""
    sums = cell_sums(league)
    batters, pitchers = sums[..., 0, :, :, :, :], sums[..., 1, :, :, :, :]
    either_side = (batters + pitchers)[..., 0, :, :, :] + (batters + pitchers)[..., 1, :, :, :]
    either_hand = either_side[..., 0, :, :] + either_side[..., 1, :, :]
    return np.asarray(either_hand[..., Tally.EVENTS] / either_hand[..., Tally.TRIALS])


def lookup_cells(table: Floats, kind: Integers, side: Integers, hand: Integers) -> Floats:
    """Return each batter's cell: (games, 2, 9, 5) from tables of one game each."""
    game = np.arange(len(table))[:, None, None]
    return np.asarray(table[game, kind, side, np.broadcast_to(hand, side.shape)])
