"""Distributions add up, keep their mean, and answer lines and intervals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.modeling.distribution import central_interval, count_distribution, line_odds

means = st.floats(0.01, 12)


@given(mean=means)
def test_poisson_adds_up_and_keeps_the_mean(mean):
    chances = count_distribution("poisson", np.array([mean]), 40)[0]
    assert chances.sum() == pytest.approx(1)
    assert chances @ np.arange(41) == pytest.approx(mean)


@given(trials=st.floats(1, 6), rate=st.floats(0.001, 0.9))
def test_binomial_adds_up_and_keeps_the_mean(trials, rate):
    chances = count_distribution("binomial", np.array([trials * rate]), 30, np.array([trials]))[0]
    assert chances.sum() == pytest.approx(1)
    assert chances @ np.arange(31) == pytest.approx(trials * rate, rel=1e-4)


def test_whole_trials_give_the_textbook_binomial():
    chances = count_distribution("binomial", np.array([1.0]), 8, np.array([4.0]))[0]
    assert chances[0] == pytest.approx(0.99 * 0.75**4 + 0.01 * np.exp(-1))


def test_a_sixth_hit_stays_possible():
    assert count_distribution("binomial", np.array([1.1]), 8, np.array([4.2]))[0, 6] > 0


def test_last_count_holds_the_tail():
    assert count_distribution("poisson", np.array([9.0]), 3)[0, 3] == pytest.approx(0.99377, abs=1e-5)


def test_bernoulli_is_the_probability_and_its_rest():
    assert count_distribution("bernoulli", np.array([0.54]), 1).tolist() == [pytest.approx([0.46, 0.54])]


def test_binomial_without_trials_is_refused():
    with pytest.raises(ValueError, match="plate appearances"):
        count_distribution("binomial", np.array([1.0]), 8)


@given(mean=means, coverage=st.floats(0.5, 0.95))
def test_interval_holds_its_coverage(mean, coverage):
    chances = count_distribution("poisson", np.array([mean]), 40)[0]
    low, high = central_interval(chances, coverage)
    assert chances[low : high + 1].sum() >= coverage - 1e-9


def test_interval_of_a_known_poisson():
    assert central_interval(count_distribution("poisson", np.array([6.0]), 25)[0], 0.8) == (3, 9)


@given(mean=means, halves=st.integers(0, 30))
def test_over_under_and_push_add_up(mean, halves):
    odds = line_odds(count_distribution("poisson", np.array([mean]), 40)[0], halves / 2)
    assert odds.over + odds.under + odds.push == pytest.approx(1)


def test_half_a_line_cannot_be_pushed():
    assert line_odds(np.array([0.2, 0.3, 0.5]), 0.5).push == pytest.approx(0)


def test_whole_line_hit_exactly_is_a_push():
    odds = line_odds(np.array([0.2, 0.3, 0.5]), 1)
    assert (odds.over, odds.under, odds.push) == pytest.approx((0.5, 0.2, 0.3))
