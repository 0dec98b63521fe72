"""Distributions of counts from forecast means, their intervals and line odds.

All arrays of probabilities are [rows, counts 0 … max_count]; the last count includes higher ones.
"""

from dataclasses import dataclass
from math import ceil, floor, lgamma

import numpy as np
from numpy.typing import NDArray

from shared.modeling.intervals import count_interval
from shared.modeling.manifest import CountShape, Family

Floats = NDArray[np.float64]

# A hitter's plate appearances are not known before the game: beside the binomial over those expected,
# this share of a Poisson with the same mean keeps a sixth hit possible.
_TAIL = 0.01
_NEWTON_STEPS, _MAX_TILT, _TOLERANCE = 60, 50.0, 1e-10
_MANY_ROWS, _LADDER_STEPS = 2000, 500  # above so many rows, tilts are interpolated between so many means
_HIGHEST_RATE = 0.95  # of a plate appearance ending in what is counted
NO_SHAPE = CountShape()
_MAX_BEND = 1.0  # of a shape's own precision, added or taken


@dataclass(frozen=True, slots=True)
class LineOdds:
    """Probabilities that a count lands over, under or exactly on a line; they add up to 1."""

    over: float
    under: float
    push: float


def count_distribution(
    family: Family,
    mean: Floats,
    max_count: int,
    trials: Floats | None = None,
    shape: CountShape = NO_SHAPE,
) -> Floats:
    """Return P(0 … max_count) for each mean, [rows, max_count + 1]; every row adds up to 1.

    bernoulli: `mean` is P(1). poisson: rate `mean`. binomial: over `trials` expected plate appearances,
    [rows]; a fraction f of a trial is a mixture of the whole numbers around it, which keeps the mean. tilted:
    `shape`, P(0 … max_count) of the usual row, tilted to the mean.

    Raises:
        ValueError: the family is binomial and `trials` is missing, or tilted and `shape` is.
    """
    means = np.atleast_1d(np.asarray(mean, dtype=np.float64))
    if family == "bernoulli":
        return np.column_stack([1 - means, means])
    if family == "poisson":
        return poisson_distribution(means, max_count)
    if family == "tilted":
        return exponential_tilt(means, shape, max_count)
    if trials is None:
        raise ValueError("binomial: expected the plate appearances of each row as `trials`, got none")
    return _hit_distribution(
        means, np.broadcast_to(np.asarray(trials, dtype=np.float64), means.shape), max_count
    )


def poisson_distribution(mean: Floats, max_count: int) -> Floats:
    """Return Poisson probabilities of 0 … max_count, the last holding the tail."""
    counts = np.arange(max_count)
    means = np.maximum(mean, 1e-9)[:, None]
    return _with_tail(np.exp(counts * np.log(means) - means - _log_factorial(max_count)[:-1]))


def binomial_distribution(trials: NDArray[np.int64], rate: Floats, max_count: int) -> Floats:
    """Return binomial probabilities of 0 … max_count, the last holding the tail."""
    counts = np.arange(max_count)
    log_factorial = _log_factorial(max(max_count, int(trials.max(initial=0))))
    n, p = trials[:, None], np.clip(rate, 1e-9, _HIGHEST_RATE)[:, None]
    left = np.maximum(n - counts, 0)
    ways = log_factorial[n] - log_factorial[counts] - log_factorial[left]
    chance = np.exp(ways + counts * np.log(p) + left * np.log1p(-p))
    return _with_tail(np.where(counts <= n, chance, 0.0))


def exponential_tilt(mean: Floats, shape: CountShape, max_count: int) -> Floats:
    """Return P(k) ~ shape[k] exp(theta k - width (k - mean)²), theta such that each row has its mean.

    Without width the exponential family through a shape: the distribution nearest to it, in Kullback and
    Leibler's sense, among all with that mean. A width slope lets the width bend with the mean: the same
    family for mean and variance.
    """
    if len(shape.chances) != max_count + 1:
        raise ValueError(
            f"tilted: expected a shape of {max_count + 1} probabilities, got {len(shape.chances)}"
        )
    target_mean = np.clip(mean, 0.01, max_count - 0.01)
    start = _interpolated_tilts(target_mean, shape) if len(target_mean) > _MANY_ROWS else 0 * target_mean
    return _tilt_to_means(_bent_shape(target_mean, shape), target_mean, start)


def _bent_shape(target_mean: Floats, shape: CountShape) -> Floats:
    """Return the logarithm of the shape whose width bends with each mean, [rows, counts], before any tilt."""
    usual = np.asarray(shape.chances, dtype=np.float64)
    counts = np.arange(len(usual), dtype=np.float64)
    log_shape: Floats = np.log(np.maximum(usual, 1e-12))
    if not shape.width_slope:
        return np.broadcast_to(log_shape, (len(target_mean), len(usual)))
    middle = usual @ counts
    bend = np.clip(shape.width_slope * np.log(target_mean / middle), -_MAX_BEND, _MAX_BEND)
    apart = (counts - target_mean[:, None]) ** 2 / (2 * (usual @ (counts - middle) ** 2))
    return np.asarray(log_shape - bend[:, None] * apart)


def _interpolated_tilts(target_mean: Floats, shape: CountShape) -> Floats:
    """Return nearly theta of each row: theta is a smooth function of the mean, solved on a ladder of them.

    Lagrange's cubic through the four steps around each mean, on the scale of its logarithm.
    """
    low, high = np.log(target_mean.min()) - 1e-6, np.log(target_mean.max()) + 1e-6
    ladder = np.linspace(low, high, _LADDER_STEPS)
    steps = np.exp(ladder)
    log_shape = _bent_shape(steps, shape)
    theta = _solve_tilts(log_shape, steps, np.zeros_like(steps))
    place = (np.log(target_mean) - low) / (ladder[1] - low)
    first = np.clip(place.astype(np.int64) - 1, 0, _LADDER_STEPS - 4)
    x = place - first
    parts = (
        -(x - 1) * (x - 2) * (x - 3) / 6,
        x * (x - 2) * (x - 3) / 2,
        -x * (x - 1) * (x - 3) / 2,
        x * (x - 1) * (x - 2) / 6,
    )
    return np.asarray(np.sum([part * theta[first + ahead] for ahead, part in enumerate(parts)], axis=0))


def _tilt_to_means(log_shape: Floats, target_mean: Floats, start: Floats) -> Floats:
    """Return each row as tilted to its mean; where the start is not near enough, theta is solved from it."""
    chances = _apply_tilt(log_shape, start)
    far = np.abs(chances @ np.arange(chances.shape[1]) - target_mean) >= _TOLERANCE
    if far.any():
        theta = _solve_tilts(log_shape[far], target_mean[far], start[far])
        chances[far] = _apply_tilt(log_shape[far], theta)
    return chances


def _solve_tilts(log_shape: Floats, target_mean: Floats, theta: Floats) -> Floats:
    """Return theta of each row; means rise with it, so a step of Newton's out of the bracket halves it."""
    counts = np.arange(log_shape.shape[1], dtype=np.float64)
    low, high = np.full_like(theta, -_MAX_TILT), np.full_like(theta, _MAX_TILT)
    for _ in range(_NEWTON_STEPS):
        chances = _apply_tilt(log_shape, theta)
        found = chances @ counts
        is_near = np.abs(target_mean - found) < _TOLERANCE
        if is_near.all():
            break
        low, high = np.where(found < target_mean, theta, low), np.where(found < target_mean, high, theta)
        spread = np.maximum(chances @ counts**2 - found**2, 1e-3)
        step = theta + (target_mean - found) / spread
        inside = np.where((step > low) & (step < high), step, (low + high) / 2)
        theta = np.where(is_near, theta, inside)
    return theta


def _apply_tilt(log_shape: Floats, theta: Floats) -> Floats:
    weights = theta[:, None] * np.arange(log_shape.shape[1])
    weights += log_shape
    weights -= weights.max(axis=1, keepdims=True)
    np.exp(weights, out=weights)
    weights /= weights.sum(axis=1, keepdims=True)
    return weights


def central_interval(chances: Floats, coverage: float = 0.8) -> tuple[int, int]:
    """Return the lowest and highest count of the central interval that holds at least `coverage`."""
    return count_interval(chances.tolist(), coverage)


def line_odds(chances: Floats, line: float) -> LineOdds:
    """Return the probabilities over, under and exactly on `line`; only a whole number can be pushed."""
    fewer, upto = ceil(line), floor(line) + 1  # counts under the line, and counts not over it
    return LineOdds(
        float(chances[upto:].sum()), float(chances[:fewer].sum()), float(chances[fewer:upto].sum())
    )


def _hit_distribution(mean: Floats, trials: Floats, max_count: int) -> Floats:
    expected = np.clip(trials, 1.0, None)
    fewer = np.floor(expected).astype(np.int64)
    share, rate = (expected - fewer)[:, None], mean / expected
    few, many = (
        binomial_distribution(fewer, rate, max_count),
        binomial_distribution(fewer + 1, rate, max_count),
    )
    known = (1 - share) * few + share * many
    return np.asarray((1 - _TAIL) * known + _TAIL * poisson_distribution(mean, max_count))


def _with_tail(chances: Floats) -> Floats:
    return np.column_stack([chances, np.maximum(0.0, 1.0 - chances.sum(axis=1))])


def _log_factorial(largest: int) -> Floats:
    return np.array([lgamma(count + 1) for count in range(largest + 1)])
