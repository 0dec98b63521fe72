"""A day's games and turns at hand, and how they are added up by whoever took part."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from shared.sports.mlb.states.column import COMPONENTS, Layout, Tally
from shared.sports.mlb.states.entities import Floats, Integers
from shared.sports.mlb.states.expected import ExpectedEvents
from shared.sports.mlb.states.plate_appearances import Flags, PlateAppearances

PER_HAND = len(Tally) * len(COMPONENTS)


@dataclass(frozen=True)
class DayInputs:
    """A day that is about to be remembered."""

    day: date
    day_index: int  # days since 1970-01-01
    season: int
    games: pl.DataFrame  # sorted by game_pk
    plate_appearances: PlateAppearances
    expected: ExpectedEvents  # as of yesterday


def add_counts(
    sums: Floats, layout: Layout, where: Integers, values: Floats | Flags | Integers, *names: str
) -> None:
    """Add values to the columns `names` of the entities at `where`."""
    added = np.bincount(where, weights=values, minlength=len(sums))
    for position in layout.column_indexes(*names):
        sums[:, position] += added


def component_sums(
    plate_appearances: PlateAppearances,
    expected: Floats,
    where: Integers,
    entities: int,
    group: Integers | None = None,
    groups: int = 1,
    among: Flags | None = None,
) -> Floats:
    """Return (entities, groups x 5 components x (events, trials, expected)), each sum in order of play."""
    chosen = slice(None) if among is None else among
    parts = (plate_appearances.events[chosen], plate_appearances.trials[chosen], expected[chosen])
    grouped = where * groups + (0 if group is None else group)
    count = len(COMPONENTS)
    cell = (grouped[chosen, None] * count + np.arange(count)).ravel()
    size = entities * groups * count
    columns = [np.bincount(cell, weights=part.ravel(), minlength=size) for part in parts]
    return np.asarray(np.column_stack(columns).reshape(entities, groups * PER_HAND), np.float64)


def expected_counts(component_sums: Floats) -> Floats:
    """Return the expected events alone of what `component_sums` returned: (entities, components)."""
    return component_sums[:, Tally.EXPECTED :: len(Tally)]


def first_plate_appearance(plate_appearances: PlateAppearances, who: Integers, among: Flags) -> Flags:
    """Return each player's first plate appearance of a game among those flagged, to count games."""
    positions = np.flatnonzero(among)
    pairs = plate_appearances.game[positions] * (int(who.max(initial=0)) + 1) + who[positions]
    _, first = np.unique(pairs, return_index=True)
    flags = np.zeros(len(plate_appearances), bool)
    flags[positions[first]] = True
    return flags
