"""What weather and umpires do to games, in numbers for real and simulated seasons alike."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from evaluation.seasons import RealSeason
from shared.sports.mlb.matchup.game_conditions import game_conditions
from shared.sports.mlb.states.entities import Floats

_UNIT = 10.0  # degrees Fahrenheit, miles an hour
_WALKS = ("walk", "intent_walk", "hit_by_pitch")


def condition_statistics(seasons: Sequence[RealSeason]) -> dict[str, float]:
    """Return slopes on temperature and wind of games outdoors, and how far umpires stand apart.

    Slopes are least squares within each park and season, a game counting once: home runs a contact and runs
    of both clubs, for 10 °F and for 10 mph towards center field. An umpire's spread is the standard deviation
    of the strikeouts (walks and hit batters) a plate appearance that his games have beyond those of the
    park's season: the root of the covariance of any two games of his.
    """
    games = pl.concat(_game_conditions(season) for season in seasons)
    return _weather_slopes(games.filter(~pl.col("roofed"))) | _umpire_spreads(games)


def _game_conditions(season: RealSeason) -> pl.DataFrame:
    outcome, weather = pl.col("outcome"), game_conditions(season.games)
    counted = (
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
        roofed=pl.Series(weather["is_roofed"]) > 0,
        runs=(pl.col("home_score") + pl.col("away_score")).cast(pl.Float64),
    ).filter(pl.col("temperature_f").is_not_null())
    return games.join(counted, on="game_pk").sort("game_pk").select(
        "game_pk", "season", "venue_id", "home_plate_umpire_id", "heat", "wind_out", "roofed", "runs",
        "strikeout", "walk", home_run=pl.col("homers") / pl.col("contacts"),
    )  # fmt: skip


def _weather_slopes(games: pl.DataFrame) -> dict[str, float]:
    causes = _park_season_deviations(games, "heat", "wind_out")
    found: dict[str, float] = {}
    for name in ("home_run", "runs"):
        slopes, *_ = np.linalg.lstsq(causes, _park_season_deviations(games, name), rcond=None)
        found |= {f"{name}_by_heat": float(slopes[0, 0]), f"{name}_by_wind": float(slopes[1, 0])}
    return found


def _umpire_spreads(games: pl.DataFrame) -> dict[str, float]:
    umpire = pl.col("home_plate_umpire_id")
    rates = pl.DataFrame(_park_season_deviations(games, "strikeout", "walk"), schema=["strikeout", "walk"])
    deviations = rates.with_columns(games["home_plate_umpire_id"]).filter(umpire.is_not_null())
    found = {}
    for name in rates.columns:
        sums = deviations.group_by(umpire).agg(
            games=pl.len(), total=pl.col(name).sum(), squares=(pl.col(name) ** 2).sum()
        )
        often = sums.filter(pl.col("games") > 1)
        pairs = (pl.col("total") ** 2 - pl.col("squares")) / (pl.col("games") - 1)
        shared = often.select(pairs.sum() / pl.col("games").sum()).item()
        found[f"umpire_{name}_spread"] = float(np.sqrt(max(shared, 0.0)))
    return found


def _park_season_deviations(games: pl.DataFrame, *columns: str) -> Floats:
    """Return columns less their means in the park's season: (games, columns)."""
    return games.select(
        pl.col(name) - pl.col(name).mean().over("season", "venue_id") for name in columns
    ).to_numpy()
