"""Entities' sums as arrays: found by id, decayed to a day, and taken to and from table rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.sports.mlb.states.column import Layout
from shared.sports.mlb.states.layout import LAYOUTS

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Return days since 1970-01-01."""
    return (day - EPOCH).days


@dataclass(frozen=True)
class Entities:
    """All entities of one kind, sorted by id: last day updated, season, and one row of sums each."""

    layout: Layout
    ids: Integers  # (n,), ascending
    days: Integers  # (n,), days since 1970-01-01
    seasons: Integers  # (n,)
    sums: Floats  # (n, columns), as of each one's own last day

    @classmethod
    def empty(cls, layout: Layout) -> Self:
        """Return no entities."""
        empty = np.empty(0, np.int64)
        return cls(layout, empty, empty, empty, np.empty((0, len(layout.columns))))

    @classmethod
    def from_rows(cls, layout: Layout, rows: pl.DataFrame) -> Self:
        """Return the entities of one row each: as_of, key, season and the layout's columns."""
        rows = rows.sort(layout.key)
        days = rows["as_of"].cast(pl.Int32).cast(pl.Int64).to_numpy()
        sums = rows.select(layout.column_names).to_numpy().astype(np.float64, order="C")
        return cls(layout, rows[layout.key].to_numpy(), days, rows["season"].to_numpy(), sums)

    @classmethod
    def concat(cls, parts: Sequence[Self]) -> Self:
        """Return the entities of all parts, in order: for table rows, where an id may come once a day."""
        arrays = ("ids", "days", "seasons", "sums")
        joined = (np.concatenate([getattr(part, name) for part in parts]) for name in arrays)
        return cls(parts[0].layout, *joined)

    def to_frame(self) -> pl.DataFrame:
        """Return one table row per entity."""
        head = pl.DataFrame(
            {
                "as_of": pl.Series(self.days, dtype=pl.Int64).cast(pl.Int32).cast(pl.Date),
                self.layout.key: self.ids,
                "season": self.seasons,
            }
        )
        sums = pl.DataFrame(self.sums, schema=list(self.layout.column_names))
        nullable = [self.layout.column_names[position] for position in self.layout.nullable_columns]
        return head.hstack(sums.with_columns(pl.col(nullable).fill_nan(None)))

    def updated_on(self, day: date) -> Self:
        """Return the entities that were last updated on `day`."""
        then = self.days == day_number(day)
        return replace(
            self, ids=self.ids[then], days=self.days[then], seasons=self.seasons[then], sums=self.sums[then]
        )

    def find_positions(self, ids: Integers) -> Integers:
        """Return the position of each id; len(self.ids) for one that is not known."""
        if not len(self.ids):
            return np.zeros(ids.shape, np.int64)
        found = np.searchsorted(self.ids, ids)
        known = self.ids[np.minimum(found, len(self.ids) - 1)] == ids
        return np.where(known, found, len(self.ids))

    def _with_ids(self, ids: Integers) -> Self:
        new = np.setdiff1d(ids, self.ids)
        if not len(new):
            return self
        order = np.argsort(np.concatenate([self.ids, new]), kind="stable")
        blank = np.zeros(len(new), np.int64)
        return replace(
            self,
            ids=np.concatenate([self.ids, new])[order],
            days=np.concatenate([self.days, blank])[order],
            seasons=np.concatenate([self.seasons, blank])[order],
            sums=np.concatenate([self.sums, np.zeros((len(new), self.sums.shape[1]))])[order],
        )

    def sums_at(self, ids: Integers, day: Integers | int, season: Integers | int) -> Floats:
        """Return the sums of `ids` as they are on `day` (days since 1970-01-01) of `season`.

        Shape (*ids.shape, columns); the layout's initial sums for an id that is not known; `day` and `season`
        broadcast.
        """
        if not len(self.ids):
            return np.tile(self.layout.initial_sums, (*ids.shape, 1))
        where = self.find_positions(ids)
        known = where < len(self.ids)
        found = np.where(known, where, 0)
        left = decay_factors(self.layout, self.days[found], self.seasons[found], day, season)
        sums = np.asarray(self.sums[found] * left * known[..., None])
        for position in self.layout.nullable_columns:
            sums[..., position] = np.where(known, sums[..., position], np.nan)
        return sums

    def last_days(self, ids: Integers) -> Integers:
        """Return the day each of `ids` was last updated, in days since 1970-01-01; 0: never."""
        return np.append(self.days, 0)[self.find_positions(ids)]

    def with_sums(self, ids: Integers, day: date, season: int, sums: Floats) -> Self:
        """Return the entities with the sums of `ids` as they are after `day`; new ids are added."""
        return self._with_ids(ids)._set_sums(ids, day, season, sums)

    def _set_sums(self, ids: Integers, day: date, season: int, sums: Floats) -> Self:
        where = self.find_positions(ids)
        days, seasons, all_sums = self.days.copy(), self.seasons.copy(), self.sums.copy()
        days[where], seasons[where], all_sums[where] = day_number(day), season, sums
        return replace(self, days=days, seasons=seasons, sums=all_sums)


def decay_factors(
    layout: Layout, days: Integers, seasons: Integers, day: Integers | int, season: Integers | int
) -> Floats:
    """Return what is left of each sum: 2^(-days between / half-life), and the share a new season keeps."""
    passed = np.maximum(day - days, 0)  # for a day before its last, a sum is not decayed
    left = np.exp2(-np.asarray(passed)[..., None] / layout.half_lives)
    return np.where(np.asarray(seasons != season)[..., None], left * layout.season_carryover, left)


@dataclass(frozen=True)
class States:
    """Everybody's sums as of the end of a day."""

    as_of: date
    batters: Entities
    pitchers: Entities
    clubs: Entities
    parks: Entities
    catchers: Entities
    umpires: Entities
    series: Entities
    leagues: Entities

    @classmethod
    def empty(cls, before: date) -> Self:
        """Return states that know nothing, as of the day before `before`."""
        kinds = (Entities.empty(layout) for layout in LAYOUTS)
        return cls(before - timedelta(days=1), *kinds)

    @classmethod
    def from_tables(cls, as_of: date, tables: Mapping[str, pl.DataFrame]) -> Self:
        """Return the states of tables that hold the latest row of each entity."""
        return cls(as_of, *(Entities.from_rows(layout, tables[layout.table]) for layout in LAYOUTS))

    @property
    def all_entities(self) -> tuple[Entities, ...]:
        """Return the entities of every kind."""
        return (
            self.batters,
            self.pitchers,
            self.clubs,
            self.parks,
            self.catchers,
            self.umpires,
            self.series,
            self.leagues,
        )

    def to_tables(self) -> dict[str, pl.DataFrame]:
        """Return the rows of every entity by table."""
        return {kind.layout.table: kind.to_frame() for kind in self.all_entities}
