"""A snapshot made before today's layout of states, as today's formulas can read it.

Of a number that nobody counted then nothing is known: it is zero, and so are the others of its component.
"""

import re
from collections.abc import Mapping

import polars as pl

from shared.sports.mlb.states import LAYOUTS, Entities, Layout

_PART = re.compile(r"_(trials|expected)(?=_|$)(?!.*_that_day)")


def readable(tables: Mapping[str, pl.DataFrame]) -> tuple[dict[str, pl.DataFrame], tuple[str, ...]]:
    """Return a snapshot's tables with every column of every state, and the tables that lacked some."""
    lacking = tuple(layout.table for layout in LAYOUTS if _lacks(layout, tables))
    filled = {layout.table: _filled(layout, tables) for layout in LAYOUTS if layout.table in lacking}
    return {**tables, **filled, "recent_lineups": _with_replacements(tables["recent_lineups"])}, lacking


def _with_replacements(recent: pl.DataFrame) -> pl.DataFrame:
    """Return projected line-ups that say who replaces whom: earlier versions replaced nobody."""
    if "in_place_of" in recent.columns:
        return recent
    return recent.with_columns(in_place_of=pl.lit(None, pl.Int64))


def _lacks(layout: Layout, tables: Mapping[str, pl.DataFrame]) -> bool:
    return layout.table not in tables or not {*layout.names} <= {*tables[layout.table].columns}


def _filled(layout: Layout, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    if layout.table not in tables:
        return Entities.none(layout).rows()
    rows = tables[layout.table]
    torn = {_component(name) for name in layout.names if name not in rows.columns}
    unknown = [name for name in layout.names if _component(name) in torn]
    return rows.with_columns(pl.lit(0.0).alias(name) for name in unknown)


def _component(name: str) -> str:
    """Return a column's component and place: its events, trials and expected events share them."""
    return _PART.sub("", name)
