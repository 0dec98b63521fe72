"""Weather, roofs and journeys as numbers."""

import numpy as np
import polars as pl
import pytest

from shared.sports.mlb.matchup.game_conditions import game_conditions, travel_features
from tests.unit.shared.sports.mlb.plays import games


def blown(**result) -> tuple[float, float]:
    found = game_conditions(games().with_columns(pl.lit(value).alias(name) for name, value in result.items()))
    return found["wind_out"][0], found["wind_cross"][0]


def test_wind_out_to_center_is_all_out():
    assert blown(wind="12 mph, Out To CF") == pytest.approx((12.0, 0.0))


def test_wind_in_from_right_goes_to_left():
    out, cross = blown(wind="10 mph, In From RF")
    assert out < 0
    assert cross < 0


def test_forecast_goes_before_the_scoreboard():
    result = {
        "wind": "12 mph, Out To CF",
        "forecast_wind_mph": 8.0,
        "forecast_wind_from": 45.0,
        "azimuth": 45.0,
    }
    assert blown(**result) == pytest.approx((-8.0, 0.0))


def test_no_wind_blows_under_a_roof():
    assert blown(wind="12 mph, Out To CF", weather_condition="Dome") == (0.0, 0.0)


def test_unknown_weather_is_usual():
    found = game_conditions(games())
    assert (found["temperature"][0], found["roof_closed"][0]) == (72.0, 0.0)


def test_quarter_of_the_globe_is_ten_thousand_km():
    park = games({"latitude": 0.001, "longitude": 90.0})
    way = travel_features(park, np.array([[0.001, np.nan]]), np.array([[0.001, np.nan]]))
    assert way["travel_km"][0] == pytest.approx([10_007, 0], abs=2)
    assert way["time_zone_shift_h"][0] == pytest.approx([6, 0], abs=0.01)
