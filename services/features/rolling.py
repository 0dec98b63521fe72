"""Sums of a club's last 7, 14, 30 and 60 days, strictly before the day."""

from datetime import date

import polars as pl

WINDOWS = (7, 14, 30, 60)


def team_windows(club_games: pl.DataFrame, days: list[date]) -> pl.DataFrame:
    """Return a row of team_rolling_features for each club and each of `days` it played.

    Args:
        club_games: day, team_id, runs_for, runs_against, hits, walks, hit_by_pitch, plate_appearances,
            total_bases, at_bats: one row per club and game, from 60 days before the first of `days`.
        days: days to state.
    """
    daily = (
        club_games.with_columns(games=1, wins=(pl.col("runs_for") > pl.col("runs_against")).cast(pl.Int64))
        .group_by("team_id", "day")
        .agg(pl.all().exclude("team_id", "day").sum())
        .sort("team_id", "day")
    )
    counted = [name for name in daily.columns if name not in {"team_id", "day"}]
    sums = [
        pl.col(name)
        .rolling_sum_by("day", f"{window}d", closed="left", min_samples=0)
        .over("team_id")
        .alias(f"{name}_{window}")
        for window in WINDOWS
        for name in counted
    ]
    chosen = daily.with_columns(sums).filter(pl.col("day").is_in(days))
    shown = [column for window in WINDOWS for column in _shown(window)]
    return chosen.select(pl.col("day").alias("as_of"), "team_id", *shown)


def _shown(window: int) -> tuple[pl.Expr, ...]:
    def total(name: str) -> pl.Expr:
        return pl.col(f"{name}_{window}").cast(pl.Float64).fill_null(0.0)

    on_base = total("hits") + total("walks") + total("hit_by_pitch")
    reached = _ratio(on_base, total("plate_appearances"))
    slugging = _ratio(total("total_bases"), total("at_bats"))
    return (
        total("games").alias(f"games_{window}"),
        total("wins").alias(f"wins_{window}"),
        _ratio(total("runs_for"), total("games")).alias(f"runs_for_{window}"),
        _ratio(total("runs_against"), total("games")).alias(f"runs_against_{window}"),
        (reached + slugging).alias(f"on_base_plus_slugging_{window}"),
    )


def _ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(part / whole).otherwise(0.0)
