"""A snapshot made before today's layout of states, as today's formulas can read it.

A column that the snapshot lacks is zero, and so are the others of its component: no data.
"""

import re
from collections.abc import Mapping

import polars as pl

from shared.sports.mlb.states import CLUB, LAYOUTS, Entities, Layout

_COUNTER_SUFFIX = re.compile(r"_(trials|expected)(?=_|$)(?!.*_that_day)")


def upgrade_tables(tables: Mapping[str, pl.DataFrame]) -> tuple[dict[str, pl.DataFrame], tuple[str, ...]]:
    """Return a snapshot's tables with every column of every state, and the tables that lacked some."""
    outdated = tuple(layout.table for layout in LAYOUTS if _is_outdated(layout, tables))
    filled = {layout.table: _fill_columns(layout, tables) for layout in LAYOUTS if layout.table in outdated}
    tables = {**tables, **filled}
    tables[CLUB.table] = _without_zero_places(tables[CLUB.table])
    return {**tables, "recent_lineups": _add_replacement_column(tables["recent_lineups"])}, outdated


def _add_replacement_column(recent: pl.DataFrame) -> pl.DataFrame:
    """Return projected line-ups with the replaced player: earlier versions replaced none."""
    if "in_place_of" in recent.columns:
        return recent
    return recent.with_columns(in_place_of=pl.lit(None, pl.Int64))


def _without_zero_places(clubs: pl.DataFrame) -> pl.DataFrame:
    """Return club states in which an unknown place is null: earlier versions wrote a latitude of 0."""
    unknown = (pl.col("last_latitude") == 0) & (pl.col("last_longitude") == 0)
    return clubs.with_columns(
        pl.when(unknown).then(None).otherwise(pl.col(name)).alias(name)
        for name in ("last_latitude", "last_longitude")
    )


def _is_outdated(layout: Layout, tables: Mapping[str, pl.DataFrame]) -> bool:
    return layout.table not in tables or not {*layout.column_names} <= {*tables[layout.table].columns}


def _fill_columns(layout: Layout, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    if layout.table not in tables:
        return Entities.empty(layout).to_frame()
    rows = tables[layout.table]
    incomplete = {_counter_component(name) for name in layout.column_names if name not in rows.columns}
    unknown = [name for name in layout.column_names if _counter_component(name) in incomplete]
    return rows.with_columns(pl.lit(0.0).alias(name) for name in unknown)


def _counter_component(name: str) -> str:
    """Return a column's component and place: its events, trials and expected events share them."""
    return _COUNTER_SUFFIX.sub("", name)
