"""Numbers of a state as data: what each means, how fast it is forgotten, and how a kind of entity lists them.

A component is an event and the trials it could have happened in. For each, a state keeps decayed sums of
events, trials, and the events one would have expected on those same trials.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import inf

import numpy as np
from numpy.typing import NDArray

COMPONENTS = ("strikeout", "walk", "home_run", "single", "extra_base")
TRIALS = {
    "strikeout": "plate appearances",
    "walk": "plate appearances",
    "home_run": "contacts",
    "single": "balls in play",
    "extra_base": "balls in play",
}
SIDES = ("left", "right")
A_DAY = 1e-4  # half-life of what is gone the day after


@dataclass(frozen=True, slots=True)
class Column:
    """One number of a state: days to half of it (inf: never), and the share a new season keeps."""

    name: str
    description: str
    half_life: float = inf
    kept: float = 1.0


@dataclass(frozen=True)
class Layout:
    """A kind of entity: its table, its key column, and its numbers in order."""

    table: str
    key: str
    columns: tuple[Column, ...]

    @cached_property
    def half_lives(self) -> NDArray[np.float64]:
        """Return days to half, one per column."""
        return np.array([column.half_life for column in self.columns])

    @cached_property
    def kept(self) -> NDArray[np.float64]:
        """Return the share a new season keeps, one per column."""
        return np.array([column.kept for column in self.columns])

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the columns' names in order."""
        return tuple(column.name for column in self.columns)

    def at(self, *names: str) -> list[int]:
        """Return the positions of columns."""
        return [self.names.index(name) for name in names]

    def block(self, first: str, components: int = len(COMPONENTS)) -> slice:
        """Return where the events, trials and expected events of components begin and end."""
        start = self.names.index(first)
        return slice(start, start + 3 * components)

    @cached_property
    def of_the_day(self) -> tuple[str, ...]:
        """Return the columns that hold the expectations of one day alone."""
        return tuple(column.name for column in self.columns if column.half_life == A_DAY)


def sums(
    events: tuple[str, ...], suffix: str, where: str, half_life: Mapping[str, float] | float, by: str
) -> Iterator[Column]:
    """Yield events, trials and expected events of some components; `by` says who expected them."""
    for event in events:
        name, days = (
            event.replace("_", " "),
            half_life[event] if isinstance(half_life, Mapping) else half_life,
        )
        decay = f"decayed, half-life {days:g} d"
        yield Column(f"{event}{suffix}", f"{name} events {where}, {decay}", days)
        yield Column(f"{event}_trials{suffix}", f"{TRIALS[event]} {where}, {decay}", days)
        yield Column(f"{event}_expected{suffix}", f"{name} events that {by} expect {where}, {decay}", days)


def of_the_day(events: tuple[str, ...], suffix: str, where: str) -> Iterator[Column]:
    """Yield the expected events of the last day alone: what a day added, for it to be counted again."""
    for event in events:
        meaning = f"{event.replace('_', ' ')} events expected {where} on that day alone"
        yield Column(f"{event}_expected{suffix}_that_day", meaning, A_DAY)


def platoon(half_life: Mapping[str, float], other: str) -> tuple[Column, ...]:
    """Return a player's components against either hand; he is expected what park and opponent allow."""
    by = "the league's cells, the park and the opponents"
    places = {f"_vs_{side}": f"against {side}-handed {other}" for side in SIDES}
    return tuple(c for place in places.items() for c in sums(COMPONENTS, *place, half_life, by))


def platoon_of_the_day(other: str) -> tuple[Column, ...]:
    """Return what was expected of a player against either hand on his last day."""
    return tuple(
        column
        for side in SIDES
        for column in of_the_day(COMPONENTS, f"_vs_{side}", f"against {side}-handed {other}")
    )


def decayed(half_life: float, **columns: str) -> tuple[Column, ...]:
    """Return sums that forget at one pace."""
    return tuple(
        Column(name, f"{meaning}, decayed, half-life {half_life:g} d", half_life)
        for name, meaning in columns.items()
    )


def season(**columns: str) -> tuple[Column, ...]:
    """Return sums that begin anew each season."""
    return tuple(
        Column(f"season_{name}", f"{meaning}, season to date", kept=0.0) for name, meaning in columns.items()
    )
