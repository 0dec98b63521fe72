"""What one does against one hand goes beyond what he does against both, and no further than his trials allow."""

import numpy as np
import pytest

from shared.modeling.manifest import Margin
from shared.modeling.model import base_margin
from shared.sports.mlb.states.talent import BATTER_PRIOR, BATTER_SPLIT_PRIOR, overall_shift, split_shift

STRIKEOUT = 0


def sums(left, right):
    """Return 30 sums with strikeouts (events, trials, expected) against left and right, nothing else."""
    found = np.zeros(30)
    found[0:3], found[15:18] = left, right
    return found


def split(left, right):
    overall = overall_shift(sums(left, right), BATTER_PRIOR)
    return split_shift(sums(left, right), overall, BATTER_SPLIT_PRIOR)[:, STRIKEOUT]


def test_no_trials_no_split():
    assert split((0, 0, 0), (0, 0, 0)) == pytest.approx([0, 0, 0])


def test_split_goes_opposite_ways():
    against_left, against_right, unknown = split((60, 200, 40), (20, 200, 40))
    assert against_left > 0 > against_right
    assert unknown == 0


def test_few_trials_say_little():
    assert 0 < split((6, 20, 4), (2, 20, 4))[0] < split((60, 200, 40), (20, 200, 40))[0]


def test_terms_are_added_to_the_formula():
    margin = Margin("x", "logit", is_linked=True, intercept=0.1, slope=2.0, terms=(("y", 0.5),))
    assert base_margin(np.array([[1.0, 4.0], [1.0, np.nan]]), margin) == pytest.approx([4.1, 2.1])
