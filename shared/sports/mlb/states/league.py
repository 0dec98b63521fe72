"""What the league's cells expect: rates by side of the plate, hand, and whether a pitcher bats."""

import numpy as np

from shared.sports.mlb.states.column import COMPONENTS, Tally
from shared.sports.mlb.states.entities import Floats

# Major-league rates 2010-2016 in round numbers, worth PRIOR_TRIALS in each cell until games are known.
PRIOR_TRIALS = 400.0
PRIOR = {
    "batter": (0.195, 0.090, 0.035, 0.222, 0.078),
    "pitcher": (0.375, 0.040, 0.007, 0.165, 0.032),
}
KINDS = ("batter", "pitcher")
CELL_SHAPE = (2, 2, 2, len(COMPONENTS), 2)  # kind, side, hand, component, (events, trials)
CELLS = int(np.prod(CELL_SHAPE))


def cell_sums(league: Floats) -> Floats:
    """Return the cells of league rows (..., columns) with their prior: (..., *CELL_SHAPE)."""
    prior = np.array([PRIOR[kind] for kind in KINDS])[:, None, None, :]
    prior = np.broadcast_to(prior, CELL_SHAPE[:-1])
    cells = league[..., :CELLS].reshape(*league.shape[:-1], *CELL_SHAPE)
    return cells + PRIOR_TRIALS * np.stack([prior, np.ones_like(prior)], axis=-1)


def cell_rates(league: Floats) -> Floats:
    """Return events per trial: (..., kind, side, hand, component)."""
    sums = cell_sums(league)
    return np.asarray(sums[..., Tally.EVENTS] / sums[..., Tally.TRIALS])
