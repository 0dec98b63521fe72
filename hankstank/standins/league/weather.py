"""Weather at first pitch, by season, latitude and elevation."""

import math
from datetime import date
from random import Random

from hankstank.standins.scorebook import Venue, Weather

_CONDITIONS = ("Sunny", "Clear", "Partly Cloudy", "Cloudy", "Overcast", "Drizzle")
_DIRECTIONS = (
    "Out To CF",
    "Out To LF",
    "Out To RF",
    "In From CF",
    "In From LF",
    "L To R",
    "R To L",
    "Varies",
)
_CLOSED = Weather("Roof Closed", 72, "0 mph, None")


def weather(venue: Venue, on: date, day_night: str, rng: Random) -> Weather:
    """Draw the weather of a game; under a roof it is always the same."""
    if venue.roof_type == "Dome" or (venue.roof_type == "Retractable" and rng.random() < 0.6):
        return _CLOSED
    summer = math.cos((on.timetuple().tm_yday - 205) / 365 * 2 * math.pi)
    mean = (
        64
        + 17 * summer
        - 0.8 * (venue.latitude - 39)
        - venue.elevation / 1500
        + (5 if day_night == "day" else 0)
    )
    wind = f"{rng.randint(0, 16)} mph, {rng.choice(_DIRECTIONS)}"
    condition = rng.choice(_CONDITIONS)
    if condition == "Sunny" and day_night == "night":
        condition = "Clear"
    return Weather(condition, round(min(max(rng.gauss(mean, 6), 36), 104)), wind)
