"""What a recount takes as it stands: the league's cells, and what was expected of each entity on each day.

Expectations rest on the states of everybody whom one met: to count them again would be to count everybody.
Each was stored with its own day, so that no later day can have changed it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from services.features import warehouse
from shared.ports import Warehouse
from shared.states import Layout


@dataclass(frozen=True)
class Stored:
    """State rows as built: those of the days being proved are at hand, earlier ones in the warehouse."""

    warehouse: Warehouse
    built: Mapping[str, pl.DataFrame]
    leagues: pl.DataFrame  # league_states of all days

    def leagues_before(self, day: date) -> pl.DataFrame:
        """Return league_states of the days before `day`."""
        return self.leagues.filter(pl.col("as_of") < day)

    def expected(self, layout: Layout, ids: list[int], day: date) -> pl.DataFrame:
        """Return what was expected of `ids` on each of their days before `day`: key, as_of, expectations."""
        columns = ("as_of", layout.key, *layout.of_the_day)
        built = self.built[layout.table].select(columns).filter(pl.col(layout.key).is_in(ids))
        first = self.built["league_states"]["as_of"].min()
        earlier = warehouse.expectations_before(self.warehouse, layout, columns, ids, first)
        return pl.concat([earlier, built]).filter(pl.col("as_of") < day)
