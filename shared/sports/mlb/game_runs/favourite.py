"""Lets a clear favourite be expected to score more than its opponent, at the same chance to win.

Home clubs bat less often than they win: by half-innings alone, and in the seasons 2010-2016 too, a home club
that is expected to score as much as the visitors wins 52 % of its games. Between 51 and 52 % the two measures
name different favourites, by less than .15 runs: a difference that no season shows (its standard error is
.12 runs over seven of them).
"""

import numpy as np

from shared.modeling.distribution import Floats

_CLEAR_FAVOURITE = 0.51  # chance to win from which the favourite is expected to score more
_EVEN = 0.5  # between the two the lead grows into it
_LEAST_LEAD = 0.005  # runs by which it is
_TOLERANCE = 1e-7
_NEWTON_STEPS = 12


def least_lead(home_win: Floats, lead: Floats) -> Floats:
    """Return the least difference in expected runs, home minus visitors, of games that have `lead` so far.

    From even chances to a clear favourite it goes from `lead` to just above none: no jump between games.
    """
    clear = np.clip((home_win - _EVEN) / (_CLEAR_FAVOURITE - _EVEN), 0.0, 1.0)
    return np.asarray(lead + clear * np.maximum(_LEAST_LEAD - lead, 0.0))


def with_favourite_ahead(joint: Floats, home_win: Floats) -> Floats:
    """Return chances of scores in which the difference in expected runs is at least `least_lead`.

    Of all such with the same chance to win and expected total, those nearest to `joint` in Kullback and
    Leibler's sense: exp(a home + b away) times the chances of home wins, and of visitors' wins. Only games
    that fall short are changed.

    Args:
        joint: chances of final scores, [games, runs of the home club, runs of the visitors].
        home_win: the chance of a home win among games that have a winner, [games].
    """
    counts = np.arange(joint.shape[-1])
    home, away = joint.sum(axis=2) @ counts, joint.sum(axis=1) @ counts
    wanted = least_lead(home_win, home - away)
    short = home - away < wanted - _TOLERANCE
    if not short.any():
        return joint
    total = (home + away)[short]
    targets = np.column_stack([total + wanted[short], total - wanted[short]]) / 2
    changed = joint.copy()
    changed[short] = _nearest_with_means(joint[short], targets)
    return changed


def _nearest_with_means(joint: Floats, targets: Floats) -> Floats:
    """Return the nearest joints with these expected runs, [games, 2], and the same chances to win."""
    counts = np.arange(joint.shape[-1])
    won, lost, level = np.tril(joint, -1), np.triu(joint, 1), joint * np.eye(len(counts))
    slopes = np.zeros((len(joint), 2))
    parts = [won, lost]
    for _ in range(_NEWTON_STEPS):
        parts = [_tilted(part, slopes) for part in (won, lost)]
        gap = targets - _means(parts[0] + parts[1] + level)
        if np.abs(gap).max() < _TOLERANCE:
            break
        curvature = sum(_covariance(part) for part in parts)
        slopes = slopes + np.linalg.solve(curvature, gap[..., None])[..., 0]
    return np.asarray(parts[0] + parts[1] + level)


def _tilted(part: Floats, slopes: Floats) -> Floats:
    """Return exp(a home + b away) times the chances, scaled to their former sum."""
    counts = np.arange(part.shape[-1])
    rows, columns = (np.exp(slopes[:, side, None] * counts) for side in (0, 1))
    weighed = part * rows[:, :, None] * columns[:, None, :]
    return np.asarray(weighed * (part.sum(axis=(1, 2)) / weighed.sum(axis=(1, 2)))[:, None, None])


def _means(part: Floats) -> Floats:
    """Return the sums of home and visitors' runs times their chances, [games, 2]."""
    counts = np.arange(part.shape[-1])
    return np.stack([part.sum(axis=2) @ counts, part.sum(axis=1) @ counts], axis=1)


def _covariance(part: Floats) -> Floats:
    """Return the covariance of home and visitors' runs within a part, times its sum, [games, 2, 2]."""
    counts = np.arange(part.shape[-1])
    sums, means = part.sum(axis=(1, 2)), _means(part)
    home, away = part.sum(axis=2) @ counts**2, part.sum(axis=1) @ counts**2
    product = (part @ counts) @ counts
    second = np.stack([home, product, product, away], axis=1).reshape(-1, 2, 2)
    return np.asarray(second - means[:, :, None] * means[:, None, :] / sums[:, None, None])
