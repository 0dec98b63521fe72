"""Stores of a made-up season: games, and starters' rows with what was known before each start."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.storage.tables import get_table
from tests.unit.evaluation.strikeout_starts import made_up_starts

NOW = datetime(2024, 10, 1, tzinfo=UTC)
SEASON, FIRST, DAYS = 2024, date(2024, 4, 1), 60


def fill_stores(home: Path) -> None:
    """Store sixty days of games and their starts in `home`."""
    starts = made_up_starts(FIRST, DAYS).with_columns(
        season=pl.lit(SEASON),
        as_of="game_date",
        role=pl.lit("starter"),
        lineup_status=pl.lit("confirmed"),
        variant=pl.lit("confirmed"),
        is_home=pl.col("player_id").cast(pl.Int64) % 2 == 0,
        team_id=1 + pl.col("player_id") % 2,
        opponent_id=2 - pl.col("player_id") % 2,
    )
    games = starts.unique("game_pk").select(
        "game_pk",
        "game_date",
        "season",
        "game_type",
        completed_date="game_date",
        scheduled_start=pl.col("game_date").cast(pl.Datetime("us", "UTC")),
        game_number=pl.lit(1),
        double_header=pl.lit("N"),
        status=pl.lit("Final"),
        detailed_state=pl.lit("Final"),
        home_team_id=pl.lit(1),
        away_team_id=pl.lit(2),
        home_score=pl.lit(3),
        away_score=pl.lit(2),
    )
    vectors = starts.rename({"player_id": "pitcher_id"})
    warehouse = DuckDbWarehouse(home / "warehouse.duckdb", clock=lambda: NOW)
    try:
        for name, rows in {
            "games_historical": games,
            "player_features_daily": starts,
            "strikeouts_v1": vectors,
        }.items():
            store_rows(warehouse, name, rows)
    finally:
        warehouse.close()


def store_rows(warehouse: DuckDbWarehouse, name: str, rows: pl.DataFrame) -> None:
    """Merge rows into a table: the columns that it knows; flags that the rows lack are false."""
    table = get_table(name)
    flags = {one.name: pl.lit(value=False) for one in table.fields if one.name.startswith("has_")}
    flagged = rows.with_columns(**{one: flag for one, flag in flags.items() if one not in rows.columns})
    known = flagged.select(
        pl.col(one).cast(dtype) for one, dtype in table.schema.items() if one in flagged.columns
    )
    lineage = {"source": pl.lit("features"), "run_id": pl.lit("run-1"), "collected_at": pl.lit(NOW)}
    warehouse.ensure_table(table)
    warehouse.merge_rows(table, known.with_columns(**lineage))
