"""Central intervals of distributions of counts, in plain Python: services without NumPy need them too."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

_ROUNDING = 1e-12  # of the sum of probabilities


def count_interval(chances: Sequence[float], coverage: float = 0.8) -> tuple[int, int]:
    """Return the lowest and highest count of the central interval that holds at least `coverage`.

    `chances` are P(0), P(1) …

    >>> count_interval([0.05, 0.2, 0.5, 0.2, 0.05])
    (1, 3)
    """
    tail = (1 - coverage) / 2
    below = list(accumulate(chances))
    return bisect_right(below, tail), bisect_left(below, 1 - tail - _ROUNDING)
