"""Effects of weather and umpires on real or simulated seasons."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from evaluation.seasons import RealSeason
from shared.sports.mlb.matchup.game_conditions import game_conditions
from shared.sports.mlb.states.entities import Floats

_UNIT = 10.0  # degrees Fahrenheit, miles an hour
_WALKS = ("walk", "intent_walk", "hit_by_pitch")


def condition_statistics(seasons: Sequence[RealSeason]) -> dict[str, float]:
    """Return slopes of outdoor games on temperature and wind, and the spread of umpires' effects.

    Slopes are least squares within each park and season, each game with weight 1: of home runs per contact
    and of both clubs' runs, on 10 °F and on 10 mph towards center field. The spread is the standard deviation
    between umpires of strikeouts (walks and hit batters) per plate appearance beyond those of the park's
    season, estimated by the root of the covariance of two games of one umpire.
    """
    games = pl.concat(_game_conditions(season) for season in seasons)
    return _weather_slopes(games.filter(~pl.col("roofed"))) | _umpire_spreads(games)


def _game_conditions(season: RealSeason) -> pl.DataFrame:
    outcome, weather = pl.col("outcome"), game_conditions(season.games)
    rates = (
        season.plays.filter("is_plate_appearance")
        .group_by("game_pk")
        .agg(
            strikeout=(outcome == "strikeout").mean(),
            walk=outcome.is_in(_WALKS).mean(),
            homers=(outcome == "home_run").sum(),
            contacts=(~outcome.is_in([*_WALKS, "strikeout"])).sum(),
        )
    )
    games = season.games.with_columns(
        heat=pl.Series(weather["temperature"]) / _UNIT,
        wind_out=pl.Series(weather["wind_out"]) / _UNIT,
        roofed=pl.Series(weather["roof_closed"]) > 0,
        runs=(pl.col("home_score") + pl.col("away_score")).cast(pl.Float64),
    ).filter(pl.col("temperature_f").is_not_null())
    return games.join(rates, on="game_pk").sort("game_pk").select(
        "game_pk", "season", "venue_id", "home_plate_umpire_id", "heat", "wind_out", "roofed", "runs",
        "strikeout", "walk", home_run=pl.col("homers") / pl.col("contacts"),
    )  # fmt: skip


def _weather_slopes(games: pl.DataFrame) -> dict[str, float]:
    causes = _park_season_deviations(games, "heat", "wind_out")
    effects: dict[str, float] = {}
    for name in ("home_run", "runs"):
        slopes, *_ = np.linalg.lstsq(causes, _park_season_deviations(games, name), rcond=None)
        effects |= {f"{name}_by_heat": float(slopes[0, 0]), f"{name}_by_wind": float(slopes[1, 0])}
    return effects


def _umpire_spreads(games: pl.DataFrame) -> dict[str, float]:
    umpire = pl.col("home_plate_umpire_id")
    rates = pl.DataFrame(_park_season_deviations(games, "strikeout", "walk"), schema=["strikeout", "walk"])
    deviations = rates.with_columns(games["home_plate_umpire_id"]).filter(umpire.is_not_null())
    spreads = {}
    for name in rates.columns:
        sums = deviations.group_by(umpire).agg(
            games=pl.len(), total=pl.col(name).sum(), squares=(pl.col(name) ** 2).sum()
        )
        repeated = sums.filter(pl.col("games") > 1)
        # The sum of products of all pairs of an umpire's games, from the square of the total
        pairs = (pl.col("total") ** 2 - pl.col("squares")) / (pl.col("games") - 1)
        covariance = repeated.select(pairs.sum() / pl.col("games").sum()).item()
        spreads[f"umpire_{name}_spread"] = float(np.sqrt(max(covariance, 0.0)))
    return spreads


def _park_season_deviations(games: pl.DataFrame, *columns: str) -> Floats:
    """Return columns minus their means over the park's season: (games, columns)."""
    return games.select(
        pl.col(name) - pl.col(name).mean().over("season", "venue_id") for name in columns
    ).to_numpy()
