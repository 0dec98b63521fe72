"""A day's games and turns at hand, and how they are added up by whoever took part."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from shared.sports.mlb.states.column import COMPONENTS, Layout
from shared.sports.mlb.states.entities import Floats, Integers
from shared.sports.mlb.states.expected import Expected
from shared.sports.mlb.states.plate_appearances import Flags, Turns

PER_HAND = 3 * len(COMPONENTS)


@dataclass(frozen=True)
class Today:
    """A day that is about to be remembered."""

    day: date
    number: int  # days since 1970-01-01
    season: int
    games: pl.DataFrame  # sorted by game_pk
    turns: Turns
    expected: Expected  # as of yesterday


def add(
    sums: Floats, layout: Layout, where: Integers, values: Floats | Flags | Integers, *names: str
) -> None:
    """Add values to the columns `names` of the entities at `where`."""
    added = np.bincount(where, weights=values, minlength=len(sums))
    for position in layout.at(*names):
        sums[:, position] += added


def component_sums(
    turns: Turns,
    expected: Floats,
    where: Integers,
    entities: int,
    group: Integers | None = None,
    groups: int = 1,
    among: Flags | None = None,
) -> Floats:
    """Return (entities, groups x 5 components x (events, trials, expected)), each sum in order of play."""
    chosen = slice(None) if among is None else among
    parts = (turns.events[chosen], turns.trials[chosen], expected[chosen])
    grouped = where * groups + (0 if group is None else group)
    count = len(COMPONENTS)
    cell = (grouped[chosen, None] * count + np.arange(count)).ravel()
    size = entities * groups * count
    columns = [np.bincount(cell, weights=part.ravel(), minlength=size) for part in parts]
    return np.asarray(np.column_stack(columns).reshape(entities, groups * PER_HAND), np.float64)


def expectations(component_sums: Floats) -> Floats:
    """Return the expected events alone of what `component_sums` returned: (entities, components)."""
    return component_sums[:, 2::3]


def first_turn(turns: Turns, who: Integers, among: Flags) -> Flags:
    """Return each man's first turn of a game among those flagged: counts games, not turns."""
    positions = np.flatnonzero(among)
    pairs = turns.game[positions] * (int(who.max(initial=0)) + 1) + who[positions]
    _, first = np.unique(pairs, return_index=True)
    flags = np.zeros(len(turns), bool)
    flags[positions[first]] = True
    return flags
