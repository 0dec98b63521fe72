"""The tilted family keeps its mean."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.modeling.distribution import count_distribution, exponential_tilt
from shared.modeling.manifest import CountShape

SHAPE = CountShape(tuple(np.array([5.0, 4, 3, 2, 1, 1, 0.5, 0.5]) / 17))


@given(st.floats(0.05, 6.5))
def test_tilted_keeps_the_mean(mean):
    chances = exponential_tilt(np.array([mean]), SHAPE, 7)[0]
    assert chances @ np.arange(8) == pytest.approx(mean, abs=1e-3)
    assert chances.sum() == pytest.approx(1)


@given(st.floats(0.05, 6.5), st.floats(-4, 4))
def test_bent_width_keeps_the_mean(mean, slope):
    bent = CountShape(SHAPE.chances, slope)
    assert exponential_tilt(np.array([mean]), bent, 7)[0] @ np.arange(8) == pytest.approx(mean, abs=1e-3)


def test_own_mean_leaves_the_shape():
    mean = np.array(SHAPE.chances) @ np.arange(8)
    assert exponential_tilt(np.array([mean]), SHAPE, 7)[0] == pytest.approx(SHAPE.chances)


def test_shape_of_another_length_is_refused():
    with pytest.raises(ValueError, match="shape of 4 probabilities, got 8"):
        count_distribution("tilted", np.array([1.0]), 3, shape=SHAPE)


def bisected_tilt(mean, shape, bend):
    """Return the tilted row of one mean by bisection on theta, to the last digits of a float."""
    counts = np.arange(len(shape))
    middle = counts @ shape
    apart = (counts - mean) ** 2 / (2 * (shape @ (counts - middle) ** 2))
    logs = np.log(shape) - bend * apart
    low, high = -60.0, 60.0
    for _ in range(200):
        theta = (low + high) / 2
        weights = np.exp(logs + theta * counts - (logs + theta * counts).max())
        low, high = (theta, high) if weights @ counts / weights.sum() < mean else (low, theta)
    return weights / weights.sum()


@pytest.mark.parametrize("slope", [0.0, 0.6, -2.0])
@pytest.mark.parametrize("rows", [10, 20_000])
def test_tilts_of_many_rows_are_those_of_a_bisection(rows, slope):
    """So many rows are interpolated between a ladder of means, where the bend of the width has its kinks too."""
    shape = np.array([0.3, 0.25, 0.2, 0.1, 0.08, 0.04, 0.02, 0.01])
    means = np.random.default_rng(8).uniform(0.05, 6, rows)
    found = count_distribution("tilted", means, 7, shape=CountShape(tuple(shape), slope))
    for row in range(0, rows, max(1, rows // 40)):
        bend = np.clip(slope * np.log(means[row] / (np.arange(8) @ shape)), -1, 1)
        assert found[row] == pytest.approx(bisected_tilt(means[row], shape, bend), abs=1e-9)
