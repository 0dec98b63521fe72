"""What surrounds a game: weather as it was forecast, roof, hour, weekday, and the way the clubs came.

A forecast made before the game goes first. Where none was kept, the scoreboard at first pitch
replaces it: in every season before forecasts were collected, rows know a little more than they could.
"""

import json
from pathlib import Path

import numpy as np
import polars as pl

from shared.sports.mlb.states.entities import Floats

USUAL_TEMPERATURE = 72.0  # degrees Fahrenheit, also under a roof
EARTH_RADIUS_KM = 6371.0
DEGREES_AN_HOUR = 15.0  # of longitude, for one hour of the sun
WEATHER = {
    "temperature_f": pl.Float64,
    "wind": pl.String,
    "weather_condition": pl.String,
    "forecast_temperature_f": pl.Float64,
    "forecast_wind_mph": pl.Float64,
    "forecast_wind_from": pl.Float64,
}  # the weather columns of a game's row
_COLUMNS = WEATHER | {
    "azimuth": pl.Float64,
    "roof_type": pl.String,
    "day_night": pl.String,
    "latitude": pl.Float64,
    "longitude": pl.Float64,
}
_WORDS = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))


def game_conditions(games: pl.DataFrame) -> dict[str, Floats]:
    """Return weather and time of each game: (games,) each; what is not known is as usual."""
    conditions = _condition_columns(games)
    closed = (pl.col("weather_condition").is_in(_WORDS["roofed"]), pl.col("roof_type") == "Dome")
    roofed = (
        conditions.select(pl.any_horizontal(part.fill_null(value=False) for part in closed))
        .to_series()
        .to_numpy()
    )
    out, cross = _wind_components(conditions)
    degrees = conditions.select(
        pl.coalesce("forecast_temperature_f", "temperature_f").fill_null(USUAL_TEMPERATURE)
    )
    return {
        "temperature": np.where(roofed, USUAL_TEMPERATURE, degrees.to_series().to_numpy()),
        "wind_out": np.where(roofed, 0.0, out),
        "wind_cross": np.where(roofed, 0.0, cross),
        "roof_closed": roofed.astype(np.float64),
        "is_day_game": (conditions["day_night"] == "day").fill_null(value=False).cast(pl.Float64).to_numpy(),
        "weekday": games["game_date"].dt.weekday().cast(pl.Float64).to_numpy(),
    }


def travel_features(games: pl.DataFrame, latitude: Floats, longitude: Floats) -> dict[str, Floats]:
    """Return what lies between where clubs last played and the park: (games, clubs) each.

    Args:
        games: with latitude and longitude of the park, degrees; without them nobody travelled.
        latitude: (games, clubs) of the last game; NaN is unknown.
        longitude: as latitude.

    Great circles by the haversine formula; hours are the sun's, eastward above 0.
    """
    conditions = _condition_columns(games)
    north, east = (conditions[name].to_numpy()[:, None] for name in ("latitude", "longitude"))
    known = ~(np.isnan(latitude + longitude) | np.isnan(north + east))
    one, other = np.radians(latitude), np.radians(north)
    turn = np.radians(east - longitude)
    half = np.sin((other - one) / 2) ** 2 + np.cos(one) * np.cos(other) * np.sin(turn / 2) ** 2
    way = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    hours = (east - longitude) / DEGREES_AN_HOUR
    return {"travel_km": np.where(known, way, 0.0), "time_zone_shift_h": np.where(known, hours, 0.0)}


def _condition_columns(games: pl.DataFrame) -> pl.DataFrame:
    """Return the columns that are read; null where they are absent."""
    filled = games.with_columns(pl.lit(None).alias(name) for name in _COLUMNS if name not in games.columns)
    return filled.select(pl.col(name).cast(dtype) for name, dtype in _COLUMNS.items())


def _wind_components(conditions: pl.DataFrame) -> tuple[Floats, Floats]:
    """Return miles an hour towards center field, and towards right field across it."""
    speed = conditions["wind"].str.extract(r"(\d+) mph").cast(pl.Float64).fill_null(0.0).to_numpy()
    words = conditions["wind"].str.extract(r"mph,\s*(.*\S)").fill_null("None")
    angle = words.replace_strict(_WORDS["winds"], default=None, return_dtype=pl.Float64)
    bearing = conditions.select(
        pl.when(pl.col("azimuth").is_not_null()).then(pl.col("forecast_wind_from") + 180 - pl.col("azimuth"))
    ).to_series()
    is_forecast = bearing.is_not_null().to_numpy()
    blown = conditions["forecast_wind_mph"].fill_null(0.0).to_numpy()
    towards = np.radians(np.where(is_forecast, bearing.fill_null(0.0), angle.fill_null(0.0)))
    known = np.where(is_forecast, blown, np.where(angle.is_not_null().to_numpy(), speed, 0.0))
    return known * np.cos(towards), known * np.sin(towards)
