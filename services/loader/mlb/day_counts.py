"""Counts what the warehouse has of each day, and which of it a day with games must have."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from services.loader.mlb.outcomes import outcomes_query
from shared.ports import Warehouse
from shared.sports.mlb import game_types
from shared.storage.sql_template import fill_template
from shared.storage.tables import Table, get_table, list_tables

_SQL = Path(__file__).parents[1] / "sql"
GAME_ROWS_SQL = (_SQL / "day_games.sql").read_text()
_BY_GAME = (
    *("games_historical", "team_stats_historical", "player_stats_historical", "plate_appearances"),
    *("statcast_pitches", "forecasts"),
)
# Tables with rows on every day with finished games of which forecasts are made, whatever was collected of it.
DAILY_FEATURES = frozenset({"league_states", "game_features_daily"})
# Tables with rows on every day on which a game that counts for states was completed.
DAILY_STATES = frozenset({"club_states", "batter_states", "pitcher_states"})


@dataclass(frozen=True, slots=True)
class StoredGame:
    """A game as the warehouse has it, with the number of its rows by kind."""

    game_pk: int
    game_date: date
    completed_date: date | None
    game_type: str
    status: str
    is_called_off: bool
    scheduled_start: datetime
    plays_expected: bool
    clubs: int
    players: int
    plays: int
    pitches: int
    in_time: bool

    @property
    def is_final(self) -> bool:
        """Return whether it was played to its end."""
        return self.status == "Final" and not self.is_called_off

    @property
    def has_lines(self) -> bool:
        """Return whether both clubs' lines and players' lines are stored."""
        return not self.plays_expected or (self.clubs >= 2 and self.players > 0)

    @property
    def has_plays(self) -> bool:
        """Return whether its plays and pitches are stored."""
        has_pitches = self.pitches > 0 or self.game_type in game_types.WITHOUT_PITCHES
        return not self.plays_expected or (self.plays > 0 and has_pitches)

    @property
    def is_forecast(self) -> bool:
        """Return whether features and forecasts are made of games of its type."""
        return self.game_type in game_types.FORECAST

    @property
    def is_counted(self) -> bool:
        """Return whether the states of clubs and players are made of games of its type."""
        return self.game_type in game_types.COUNTED


@dataclass(frozen=True)
class DayCounts:
    """The stored games of a range of days, the rows of each table by day, and forecasts with an outcome."""

    games: tuple[StoredGame, ...]
    rows: dict[str, Counter[date]]
    grades_due: Counter[date]

    def games_of(self, day: date) -> list[StoredGame]:
        """Return the games that count for a day."""
        return [game for game in self.games if game.game_date == day]


def count_days(warehouse: Warehouse, days: Sequence[date]) -> DayCounts:
    """Return the counts of days in order, from three statements whatever the number of days."""
    first, last = days[0], days[-1]
    for table in (*map(get_table, _BY_GAME), *_counted_tables()):
        warehouse.ensure_table(table)
    games = warehouse.query_rows(GAME_ROWS_SQL, first=first, last=last)
    rows: dict[str, Counter[date]] = {table.name: Counter() for table in _counted_tables()}
    for name, day, number in warehouse.query_rows(day_rows_query(), first=first, last=last).iter_rows():
        rows[name][day] = number
    due = warehouse.query_rows(grades_due_query(), dates=list(days))
    return DayCounts(
        tuple(StoredGame(**row) for row in games.to_dicts()), rows, Counter(dict(due.iter_rows()))
    )


@cache
def _counted_tables() -> tuple[Table, ...]:
    """Return the tables that are counted by day; the rows of games are counted by game, but for line-ups."""
    datasets = ("mlb_historical_data", "mlb_features")
    every = [get_table(name) for dataset in datasets for name in list_tables(dataset)]
    by_day = (table for table in every if table.partition and table.name not in _BY_GAME)
    return (*by_day, get_table("grades"))


@cache
def day_rows_query() -> str:
    """Return the statement that counts the rows of every table with days."""
    text = (_SQL / "day_rows.sql").read_text()
    parts = (
        fill_template(
            text,
            table=table.name,
            dataset=table.dataset,
            day=str(table.partition),
            which="variant = 'confirmed'" if "variant" in table.key else "true",
        )
        for table in _counted_tables()
    )
    return "union all\n".join(parts) + "order by name, day\n"


@cache
def grades_due_query() -> str:
    """Return the statement that counts the forecasts of a day that have an outcome."""
    return fill_template((_SQL / "grades_due.sql").read_text(), outcomes=outcomes_query())


def day_table_names() -> tuple[str, ...]:
    """Return the tables whose rows of a day with games are never all deleted: rosters, line-ups, features."""
    return tuple(table.name for table in _counted_tables() if table.name != "grades")
