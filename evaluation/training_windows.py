"""Rolling-window features for the ablation, computed from the rows' own outcomes on earlier days.

They average residuals: a count minus the formula's expectation, or a club's runs minus those it allowed. A
result that became known after its day (a suspended game) is ignored.
"""

import polars as pl

from shared.modeling.target import Rows, Target

WINDOWS = (7, 14, 30, 60)  # days
ALL_DAYS = 36500
PRIOR_GAMES = 10.0  # games with residual 0, added to every mean
LONGEST_AWAY = 60  # days; longer absences count as this many
_PLAYER_FAMILIES = {
    "rolling windows": tuple(f"beyond_{days}_days" for days in WINDOWS),
    "against this opponent": ("beyond_met", "times_met"),
    "days away": ("days_away",),
}
FAMILIES: dict[Rows, dict[str, tuple[str, ...]]] = {
    "game": {
        "rolling windows": tuple(
            f"{side}_beyond_{days}_days" for side in ("home", "away") for days in WINDOWS
        )
    },
    "batter": _PLAYER_FAMILIES,
    "starter": _PLAYER_FAMILIES,
}
_OPPONENT_COLUMNS = {"batter": "opposing_starter_id", "starter": "opponent_id"}


def with_histories(target: Target, frame: pl.DataFrame) -> pl.DataFrame:
    """Return a target's labelled rows with the columns of FAMILIES."""
    if target.rows == "game":
        return _with_club_histories(frame)
    residual = pl.col(target.label) - pl.col(target.margin.column)
    rows = frame.sort("game_date", "game_pk", "player_id").with_columns(_residual_columns(residual))
    met = ["player_id", _OPPONENT_COLUMNS[target.rows]]
    return rows.with_columns(
        *(_shrunk_mean(days, ["player_id"]).alias(f"beyond_{days}_days") for days in WINDOWS),
        _shrunk_mean(ALL_DAYS, met).alias("beyond_met"),
        _game_count(ALL_DAYS, met).alias("times_met"),
        _days_away().alias("days_away"),
    ).drop("_beyond", "_counts")


def _with_club_histories(games: pl.DataFrame) -> pl.DataFrame:
    margin = pl.col("home_score") - pl.col("away_score")
    sides = pl.concat(
        games.select("game_pk", "game_date", "known_date", club=f"{side}_team_id", margin=sign * margin)
        for side, sign in (("home", 1), ("away", -1))
    )
    rows = sides.sort("game_date", "game_pk", "club").with_columns(_residual_columns(pl.col("margin")))
    windows = [f"beyond_{days}_days" for days in WINDOWS]
    known = rows.select(
        "game_pk",
        "club",
        **{name: _shrunk_mean(days, ["club"]) for name, days in zip(windows, WINDOWS, strict=True)},
    )
    for side in ("home", "away"):
        of_side = known.rename({name: f"{side}_{name}" for name in windows} | {"club": f"{side}_team_id"})
        games = games.join(of_side, on=["game_pk", f"{side}_team_id"], how="left", maintain_order="left")
    return games


def _residual_columns(residual: pl.Expr) -> list[pl.Expr]:
    in_time = (pl.col("known_date") == pl.col("game_date")) & residual.is_not_null()
    return [
        pl.when(in_time).then(residual.cast(pl.Float64)).otherwise(0.0).alias("_beyond"),
        in_time.cast(pl.Float64).alias("_counts"),
    ]


def _shrunk_mean(days: int, group: list[str]) -> pl.Expr:
    return _rolling_sum("_beyond", days, group) / (_game_count(days, group) + PRIOR_GAMES)


def _game_count(days: int, group: list[str]) -> pl.Expr:
    return _rolling_sum("_counts", days, group)


def _rolling_sum(name: str, days: int, group: list[str]) -> pl.Expr:
    """Return the sum over a number of days that end with the day before."""
    window = pl.col(name).rolling_sum_by("game_date", window_size=f"{days}d", closed="left")
    return window.over(group).fill_null(0.0)


def _days_away() -> pl.Expr:
    last = pl.col("game_date").shift(1).over("player_id")
    away = (pl.col("game_date") - last).dt.total_days().cast(pl.Float64)
    return pl.min_horizontal(away, pl.lit(float(LONGEST_AWAY))).fill_null(float(LONGEST_AWAY))
