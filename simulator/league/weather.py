"""Weather at first pitch, close to that hour's forecast, and its effect on batted balls."""

from collections.abc import Mapping
from datetime import datetime
from math import cos, radians
from random import Random
from typing import NamedTuple

import numpy as np

from simulator.game_record import Venue, Weather
from simulator.league.outcomes import Logits
from simulator.wire.weather import expected_weather

_CONDITIONS = ("Sunny", "Clear", "Partly Cloudy", "Cloudy", "Overcast", "Drizzle")
_WINDS = ("Out To CF", "Out To RF", "L To R", "In From LF", "In From CF", "In From RF", "R To L", "Out To LF")
_STEP_DEGREES = 360 / len(_WINDS)  # clockwise, from center field on
_CLOSED_ROOF = 0.6  # of games where it can be closed
_TEMPERATURE_MISSES, _WIND_MISSES, _DIRECTION_MISSES = 2.5, 2.0, 25.0

# Effects of 10 °F more, and of 10 mph more towards center field, in logits: close to least squares within
# each park and season over Retrosheet 2010–2016, outdoors; heat a little weaker, to match the rise in runs
_HEAT = np.array([-0.011, -0.034, 0.068, 0.014, 0.005])
_WIND = np.array([-0.009, -0.022, 0.058, 0.004, 0.008])
_UNIT, _USUAL_HEAT, _USUAL_WIND = 10.0, 73.0, 1.0


class WeatherEffect(NamedTuple):
    """The weather as reported, and its shift of each component in logits."""

    weather: Weather
    shift: Logits


_INDOORS = WeatherEffect(Weather("Roof Closed", 72, "0 mph, None"), np.zeros(5))


def draw_weather(venue: Venue, start: datetime, day_night: str, rng: Random) -> WeatherEffect:
    """Draw the weather of a game that starts at an instant (UTC); it is constant under a roof."""
    if venue.roof_type == "Dome" or (venue.roof_type == "Retractable" and rng.random() < _CLOSED_ROOF):
        return _INDOORS
    hour = start.replace(minute=0, tzinfo=None)
    forecast: Mapping[str, float] = expected_weather((venue.latitude, venue.longitude), hour)
    degrees = round(min(max(rng.gauss(forecast["temperature_2m"], _TEMPERATURE_MISSES), 33), 106))
    speed = max(0, round(rng.gauss(forecast["wind_speed_10m"], _WIND_MISSES)))
    direction = forecast["wind_direction_10m"] + 180 - venue.azimuth + rng.gauss(0, _DIRECTION_MISSES)
    wind = round(direction / _STEP_DEGREES) % len(_WINDS)
    condition = rng.choice(_CONDITIONS)
    if condition == "Sunny" and day_night == "night":
        condition = "Clear"
    wind_out = speed * cos(radians(wind * _STEP_DEGREES))
    shift = _HEAT * (degrees - _USUAL_HEAT) / _UNIT + _WIND * (wind_out - _USUAL_WIND) / _UNIT
    return WeatherEffect(Weather(condition, degrees, f"{speed} mph, {_WINDS[wind]}"), shift)
