"""Numbers of a state as data: what each means, how fast it is forgotten, and how a kind of entity lists them.

A component is an event and the trials it could have happened in. For each, a state keeps decayed sums of
events, trials, and the events one would have expected on those same trials.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from math import inf, nan

import numpy as np
from numpy.typing import NDArray


class Component(IntEnum):
    """The position of a component in every array whose last axis has one entry per component."""

    STRIKEOUT = 0
    WALK = 1
    HOME_RUN = 2
    SINGLE = 3
    EXTRA_BASE = 4


class Tally(IntEnum):
    """The position of each of the three sums that a state keeps of a component."""

    EVENTS = 0
    TRIALS = 1
    EXPECTED = 2


COMPONENTS = tuple(component.name.lower() for component in Component)
TRIALS = {
    "strikeout": "plate appearances",
    "walk": "plate appearances",
    "home_run": "contacts",
    "single": "balls in play",
    "extra_base": "balls in play",
}
SIDES = ("left", "right")
ONE_DAY_HALF_LIFE = 1e-4  # half-life of what is gone the day after


@dataclass(frozen=True, slots=True)
class StateColumn:
    """One number of a state: days to half of it (inf: never), and the share a new season keeps.

    A nullable number is null in the tables, and NaN in arrays, until it is known; others begin at 0.
    """

    name: str
    description: str
    half_life: float = inf
    season_carryover: float = 1.0
    is_nullable: bool = False


@dataclass(frozen=True)
class Layout:
    """A kind of entity: its table, its key column, and its numbers in order."""

    table: str
    key: str
    columns: tuple[StateColumn, ...]

    @cached_property
    def half_lives(self) -> NDArray[np.float64]:
        """Return days to half, one per column."""
        return np.array([column.half_life for column in self.columns])

    @cached_property
    def season_carryover(self) -> NDArray[np.float64]:
        """Return the share a new season keeps, one per column."""
        return np.array([column.season_carryover for column in self.columns])

    @cached_property
    def initial_sums(self) -> NDArray[np.float64]:
        """Return what an unknown entity has, one per column: 0, or NaN where it is nullable."""
        return np.array([nan if column.is_nullable else 0.0 for column in self.columns])

    @cached_property
    def nullable_columns(self) -> list[int]:
        """Return the positions of nullable columns."""
        return [position for position, column in enumerate(self.columns) if column.is_nullable]

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """Return the columns' names in order."""
        return tuple(column.name for column in self.columns)

    def column_indexes(self, *names: str) -> list[int]:
        """Return the positions of columns."""
        return [self.column_names.index(name) for name in names]

    def component_slice(self, first: str, components: int = len(COMPONENTS)) -> slice:
        """Return where the events, trials and expected events of components begin and end."""
        start = self.column_names.index(first)
        return slice(start, start + len(Tally) * components)

    @cached_property
    def same_day_columns(self) -> tuple[str, ...]:
        """Return the columns that hold the expectations of one day alone."""
        return tuple(column.name for column in self.columns if column.half_life == ONE_DAY_HALF_LIFE)


def component_columns(
    events: tuple[str, ...], suffix: str, where: str, half_life: Mapping[str, float] | float, by: str
) -> Iterator[StateColumn]:
    """Yield events, trials and expected events of some components; `by` says who expected them."""
    for event in events:
        name, days = (
            event.replace("_", " "),
            half_life[event] if isinstance(half_life, Mapping) else half_life,
        )
        decay = f"decayed, half-life {days:g} d"
        yield StateColumn(f"{event}{suffix}", f"{name} events {where}, {decay}", days)
        yield StateColumn(f"{event}_trials{suffix}", f"{TRIALS[event]} {where}, {decay}", days)
        yield StateColumn(
            f"{event}_expected{suffix}", f"{name} events that {by} expect {where}, {decay}", days
        )


def same_day_expected(events: tuple[str, ...], suffix: str, where: str) -> Iterator[StateColumn]:
    """Yield the expected events of the last day alone: what a day added, so that it can be recomputed."""
    for event in events:
        meaning = f"{event.replace('_', ' ')} events expected {where} on that day alone"
        yield StateColumn(f"{event}_expected{suffix}_that_day", meaning, ONE_DAY_HALF_LIFE)


def platoon_columns(half_life: Mapping[str, float], other: str) -> tuple[StateColumn, ...]:
    """Return a player's components against either hand; expected events depend on park and opponents."""
    by = "the league's cells, the park and the opponents"
    places = {f"_vs_{side}": f"against {side}-handed {other}" for side in SIDES}
    return tuple(c for place in places.items() for c in component_columns(COMPONENTS, *place, half_life, by))


def platoon_same_day_expected(other: str) -> tuple[StateColumn, ...]:
    """Return what was expected of a player against either hand on their last day."""
    return tuple(
        column
        for side in SIDES
        for column in same_day_expected(COMPONENTS, f"_vs_{side}", f"against {side}-handed {other}")
    )


def decayed_columns(half_life: float, **columns: str) -> tuple[StateColumn, ...]:
    """Return sums that forget at one pace."""
    return tuple(
        StateColumn(name, f"{meaning}, decayed, half-life {half_life:g} d", half_life)
        for name, meaning in columns.items()
    )


def season_columns(**columns: str) -> tuple[StateColumn, ...]:
    """Return sums that begin at 0 each season."""
    return tuple(
        StateColumn(f"season_{name}", f"{meaning}, season to date", season_carryover=0.0)
        for name, meaning in columns.items()
    )
