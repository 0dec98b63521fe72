"""The service's queries to the warehouse, and how its rows are merged."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from shared.ports import MergeResult, Warehouse
from shared.sports.mlb.states import LAYOUTS, LEAGUE, Layout, States
from shared.storage import tables

_SQL = Path(__file__).with_name("sql")
_READ = (
    "games_historical",
    "plate_appearances",
    "lineups_historical",
    "people",
    "player_stats_historical",
    "team_stats_historical",
    "teams_historical",
    "transactions_historical",
    "statcast_pitches",
    "venues",
    "weather_forecasts",
    "grades",
)


def ensure_tables(warehouse: Warehouse) -> None:
    """Create the tables that are read and written where they are missing."""
    for name in (*_READ, *tables.list_tables("mlb_features")):
        warehouse.ensure_table(tables.get_table(name))


def query_named(warehouse: Warehouse, name: str, **parameters: Any) -> pl.DataFrame:
    """Run `sql/<name>.sql`."""
    return warehouse.query_rows((_SQL / f"{name}.sql").read_text(), **parameters)


def query_template(
    warehouse: Warehouse, name: str, columns: Iterable[str], places: Mapping[str, str], **parameters: Any
) -> pl.DataFrame:
    """Run `sql/<name>.sql` with its {columns} and other {places} filled in."""
    sql = (_SQL / f"{name}.sql").read_text()
    for place, text in {**places, "columns": ", ".join(columns)}.items():
        sql = sql.replace(f"{{{place}}}", text)
    return warehouse.query_rows(sql, **parameters)


def states_before(warehouse: Warehouse, day: date) -> States:
    """Return the states as they were when `day` began, from the latest row of every entity."""
    return states_of(warehouse, day, {}) or States.empty(day)


def states_of(warehouse: Warehouse, day: date, who: Mapping[str, list[int]]) -> States | None:
    """Return the states of some entities as they were when `day` began; None: no earlier day is stored.

    Args:
        warehouse: where the states are kept.
        day: the day.
        who: ids by key, such as batter_id; of a key that is not there, everybody.
    """
    found = {layout.table: _latest_states(warehouse, layout, day, who.get(layout.key)) for layout in LAYOUTS}
    leagues = found["league_states"]
    return None if leagues.is_empty() else States.from_tables(leagues["as_of"].item(), found)


def _latest_states(warehouse: Warehouse, layout: Layout, day: date, ids: list[int] | None) -> pl.DataFrame:
    columns = ("as_of", layout.key, "season", *layout.column_names)
    places = {"table": layout.table, "key": layout.key}
    if ids is None:
        return query_template(warehouse, "latest_states", columns, places, day=day)
    return query_template(warehouse, "states_of", columns, places, day=day, ids=ids)


def leagues_before(warehouse: Warehouse, day: date) -> pl.DataFrame:
    """Return league_states of every day before `day`."""
    columns = (field.name for field in tables.get_table(LEAGUE.table).fields)
    return query_template(warehouse, "league_history", columns, {}, day=day)


def read_expectations(
    warehouse: Warehouse, layout: Layout, columns: Sequence[str], ids: list[int], since: date, day: date
) -> pl.DataFrame:
    """Return `columns` of the states of some entities on every one of their days between two."""
    places = {"table": layout.table, "key": layout.key}
    return query_template(warehouse, "day_expectations", columns, places, since=since, day=day, ids=ids)


def rows_between(warehouse: Warehouse, first: date, last: date) -> dict[str, pl.DataFrame]:
    """Return the rows of games between two days as stored, by table."""
    queries = {"game_features_daily": "stored_games", "player_features_daily": "stored_players"}
    return {table: query_named(warehouse, name, first=first, last=last) for table, name in queries.items()}


class BuildRun(Protocol):
    """The run that computed rows, and when."""

    run_id: str
    now: datetime


def merge_days(
    warehouse: Warehouse, table: str, rows: pl.DataFrame, days: list[date], by: BuildRun
) -> MergeResult:
    """Replace the rows of whole days; a day without rows is emptied."""
    definition = tables.get_table(table)
    made_by = {"source": pl.lit("features"), "run_id": pl.lit(by.run_id), "collected_at": pl.lit(by.now)}
    columns = {name: pl.col(name) for name in rows.columns} | made_by
    fits = {name for name, dtype in rows.schema.items() if definition.schema.get(name) == dtype}
    complete = rows.select(
        columns[name]
        if name in fits - made_by.keys()
        else columns.get(name, pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in definition.schema.items()
    )
    scopes = pl.DataFrame({definition.scope[0]: days}).with_columns(
        collected_at=pl.lit(by.now).cast(definition.schema["collected_at"])
    )
    return warehouse.merge_rows(definition, complete, scopes)
