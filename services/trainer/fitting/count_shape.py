"""The shape of a tilted count: how often each count happens, and how its width bends with the mean."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import sqrt
from typing import Self

import numpy as np

from services.trainer.dataset import Sample
from shared.modeling.distribution import NO_SHAPE, Floats, exponential_tilt
from shared.modeling.manifest import CountShape
from shared.modeling.target import Target

_STEPS, _FEW_STEPS, _GROUPS, _LADDER_STEPS = 8, 3, 50, 200
_SLOPES, _SLOPE_SPREAD = range(-3, 4), 1.0  # where a slope is sought, and how firmly it is held to none
_SEARCH_STEPS = 8  # to within two hundredths
_GOLDEN = (sqrt(5) - 1) / 2
_MIN_PROBABILITY = 1e-12


@dataclass(frozen=True)
class _MeanGroups:
    """Rows of like means together: their mean [groups], and how often each count was [groups, counts]."""

    means: Floats
    observed: Floats

    @classmethod
    def from_rows(cls, means: Floats, rows: Sample, most: int) -> Self:
        order = np.array_split(np.argsort(means, kind="stable"), min(_GROUPS, len(means)))
        counts = rows.clipped_counts(most)
        weighed = [np.bincount(counts[part], rows.weight[part], minlength=most + 1) for part in order]
        return cls(np.array([means[part].mean() for part in order]), np.array(weighed))

    def fit_frequencies(self, slope: float, start: CountShape = NO_SHAPE, steps: int = _STEPS) -> CountShape:
        """Return the shape that makes every count as frequent as it was: iterative proportional fitting."""
        share = self.observed.sum(axis=1) / self.observed.sum()
        frequent = self.observed.sum(axis=0) + 0.01
        frequent = frequent / frequent.sum()
        chances = np.array(start.chances or frequent)
        for _ in range(steps):
            forecast = share @ exponential_tilt(
                self.means, CountShape(tuple(chances), slope), len(chances) - 1
            )
            chances = chances * frequent / np.maximum(forecast, _MIN_PROBABILITY)
            chances = chances / chances.sum()
        return CountShape(tuple(map(float, chances)), slope)

    def negative_log_posterior(self, slope: float, start: CountShape) -> float:
        """Return minus the log likelihood of what happened, and of the slope under its prior."""
        shape = self.fit_frequencies(slope, start, _FEW_STEPS)
        chances = exponential_tilt(self.means, shape, self.observed.shape[1] - 1)
        log_likelihood = float((self.observed * np.log(np.maximum(chances, _MIN_PROBABILITY))).sum())
        return (slope / _SLOPE_SPREAD) ** 2 / 2 - log_likelihood


@dataclass(frozen=True)
class LossLookup:
    """Log losses of a tilted target's counts on a ladder of means, [steps, counts], to look up."""

    ladder: Floats  # logarithms of means, ascending
    losses: Floats

    @classmethod
    def from_rows(cls, target: Target, means: Floats, rows: Sample) -> Self:
        """Return the losses of the shape that suits rows of these means."""
        lowest, highest = means.min() / 2, min(2 * means.max(), target.max_count)
        ladder = np.geomspace(lowest, highest, _LADDER_STEPS)
        chances = exponential_tilt(ladder, fit_shape(target, means, rows), target.max_count)
        return cls(np.log(ladder), -np.log(np.maximum(chances, _MIN_PROBABILITY)))

    def mean_loss(self, means: Floats, rows: Sample) -> float:
        """Return the mean loss of rows whose forecasts are `means`."""
        counts = rows.clipped_counts(self.losses.shape[1] - 1)
        step = np.interp(np.log(means), self.ladder, np.arange(len(self.ladder)))
        below = np.minimum(step.astype(np.int64), len(self.ladder) - 2)
        share = step - below
        interpolated = (1 - share) * self.losses[below, counts] + share * self.losses[below + 1, counts]
        return float(np.average(interpolated, weights=rows.weight))


def fit_shape(target: Target, means: Floats, rows: Sample, width_slope: float | None = None) -> CountShape:
    """Return the shape and width that suit rows of these means; none for a family that is not tilted.

    The slope of the width is the likeliest, with a normal prior around none: few rows leave the width to the
    tilt alone. A coarse search comes first: what happened can be likely at two slopes far apart. A known
    `width_slope` is kept, which saves nearly all of the time.
    """
    if target.family != "tilted":
        return NO_SHAPE
    groups = _MeanGroups.from_rows(means, rows, target.max_count)
    if width_slope is not None:
        return groups.fit_frequencies(width_slope)
    loss = partial(groups.negative_log_posterior, start=groups.fit_frequencies(0.0))
    around = min(_SLOPES, key=loss)
    return groups.fit_frequencies(_golden_section_minimum(loss, around - 1, around + 1))


def _golden_section_minimum(loss: Callable[[float], float], low: float, high: float) -> float:
    """Return where the loss is least between two numbers, by golden section."""
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = loss(left), loss(right)
    for _ in range(_SEARCH_STEPS):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = loss(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = loss(right)
    return (low + high) / 2
