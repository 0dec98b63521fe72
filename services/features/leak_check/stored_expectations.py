"""What the recomputation takes as stored: the league's cells, and each entity's daily expectations.

Expectations rest on the states of everybody whom one met: to count them again would be to count everybody.
Each was stored with its own day, so that no later day can have changed it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from services.features import warehouse
from shared.ports import Warehouse
from shared.sports.mlb.states import LEAGUE, Layout


@dataclass(frozen=True)
class StoredExpectations:
    """State rows as built: those of the days being proved may be at hand, all others are in the warehouse."""

    warehouse: Warehouse
    built: Mapping[str, pl.DataFrame]
    leagues: pl.DataFrame  # league_states of all days

    def leagues_before(self, day: date) -> pl.DataFrame:
        """Return league_states of the days before `day`."""
        return self.leagues.filter(pl.col("as_of") < day)

    def read_expected(self, layout: Layout, ids: list[int], since: date, day: date) -> pl.DataFrame:
        """Return what was expected of `ids` on each of their days between two: key, as_of, expectations."""
        columns = ("as_of", layout.key, *layout.same_day_columns)
        built = self.built.get(layout.table)
        if built is None:
            return warehouse.read_expectations(self.warehouse, layout, columns, ids, since, day)
        first = self.built[LEAGUE.table]["as_of"].min()
        until = first if isinstance(first, date) else day
        earlier = warehouse.read_expectations(self.warehouse, layout, columns, ids, since, until)
        between = pl.col("as_of").is_between(since, day, closed="none") & pl.col(layout.key).is_in(ids)
        return pl.concat([earlier, built.filter(between).select(columns)])
