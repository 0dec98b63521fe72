"""What a benchmark tells: a figure with its unit, how it was measured and what it should be."""

import gc
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

MILLISECONDS = 1000.0


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. `target` is what the project asks of it; empty where it asks nothing."""

    bench: str
    what: str
    value: float
    unit: str
    how: str
    target: str = ""


def side_by_side(candidates: Mapping[str, Callable[[], Any]], repetitions: int) -> dict[str, float]:
    """Return each candidate's median seconds.

    They take turns, so that what else the machine does slows all of them; the garbage of one is not
    collected at the cost of another.
    """
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(repetitions):
        for name, work in candidates.items():
            gc.collect()
            begun = perf_counter()
            work()
            seconds[name].append(perf_counter() - begun)
    return {name: median(taken) for name, taken in seconds.items()}


def compared(
    bench: str, seconds: Mapping[str, float], how: str, per: float = 1.0, unit: str = "ms"
) -> Iterator[Figure]:
    """Yield each candidate's milliseconds for one of `per` pieces, and how many times the first beats the others."""
    first, *others = seconds
    for name, taken in seconds.items():
        yield Figure(bench, name, taken / per * MILLISECONDS, unit, how)
    for name in others:
        yield Figure(bench, f"{name} : {first}", seconds[name] / seconds[first], "times", how)
