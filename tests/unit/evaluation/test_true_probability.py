"""The divergence from the true probability is 0 for the truth itself, and sampling bias is removed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.true_probability import kl_divergence, ratio_error, sampling_bias

chances = st.floats(0.2, 0.8)


@given(chances)
def test_truth_has_no_divergence_from_itself(chance):
    exact = kl_divergence(np.array([chance]), np.array([chance]), 10**9)
    assert exact[0] == pytest.approx(0, abs=1e-8)


@given(chances, chances)
def test_divergence_is_never_below_the_sampling_bias(truth, forecast):
    assert kl_divergence(np.array([truth]), np.array([forecast]), 4000)[0] >= -sampling_bias(4000) - 1e-12


def test_subtracts_the_sampling_bias():
    replays, truth = 1000, 0.55
    shares = np.random.default_rng(5).binomial(replays, truth, 200_000) / replays
    divergences = kl_divergence(shares, np.full(len(shares), truth), replays)
    assert divergences.mean() == pytest.approx(0, abs=1e-5)


def test_is_finite_for_games_that_one_side_always_wins():
    assert np.isfinite(kl_divergence(np.array([0.0, 1.0]), np.array([0.5, 0.5]), 100)).all()


def test_a_steady_ratio_has_no_error():
    elo = np.array([0.01, 0.02, 0.03])
    assert ratio_error(elo / 3, elo) == pytest.approx(0, abs=1e-12)
