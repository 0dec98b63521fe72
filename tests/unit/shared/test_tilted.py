"""The tilted family keeps its mean, and runs of both clubs agree with the chance to win."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.distribution import distribution, joint_runs, tilted

SHAPE = tuple(np.array([5.0, 4, 3, 2, 1, 1, 0.5, 0.5]) / 17)


@given(st.floats(0.05, 6.5))
def test_tilted_keeps_the_mean(mean):
    chances = tilted(np.array([mean]), SHAPE, 7)[0]
    assert chances @ np.arange(8) == pytest.approx(mean, abs=1e-3)
    assert chances.sum() == pytest.approx(1)


def test_own_mean_leaves_the_shape():
    mean = np.array(SHAPE) @ np.arange(8)
    assert tilted(np.array([mean]), SHAPE, 7)[0] == pytest.approx(SHAPE)


def test_shape_of_another_length_is_refused():
    with pytest.raises(ValueError, match="shape of 4 probabilities, got 8"):
        distribution("tilted", np.array([1.0]), 3, shape=SHAPE)


@given(st.floats(0.05, 0.95), st.floats(2, 7), st.floats(2, 7))
def test_runs_agree_with_the_chance_to_win(home_win, home, away):
    joint = joint_runs(*distribution("poisson", np.array([home, away]), 20), home_win)
    assert np.tril(joint, -1).sum() == pytest.approx(home_win)
    assert joint.sum() == pytest.approx(1)
    assert np.trace(joint) == 0
