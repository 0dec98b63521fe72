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
