"""Weather forecasts in Open-Meteo's format: a fixed function of place and hour."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from math import cos, pi, sin

from simulator.wire.reference_data import Body

Place = tuple[float, float]  # latitude, longitude

# °F above the curve in Florida and Arizona: mid-March normals are 68 °F in Tampa, about 66 in Phoenix
_MILD_SPRINGS = ((((24.5, -87.6), (31.0, -80.0)), 12.0), (((31.3, -114.8), (37.0, -109.0)), 15.0))
_SEASON_BEGINS = (3, 25, 12)  # month, day and hour (GMT) before the earliest opening day's first pitch
_METRIC = {"temperature_2m": "°C", "wind_speed_10m": "km/h"}
_UNITS = {
    "temperature_2m": "°F",
    "relative_humidity_2m": "%",
    "precipitation_probability": "%",
    "precipitation": "mm",
    "cloud_cover": "%",
    "wind_speed_10m": "mp/h",
    "wind_direction_10m": "°",
    "surface_pressure": "hPa",
}


def render_forecast(place: Place, hourly: Sequence[str], days: tuple[date, date], *, metric: bool) -> Body:
    """Return the body of `/v1/forecast` for every hour (GMT) of `days`, first and last included.

    Raises KeyError for an unknown hourly variable.
    """
    first, last = (datetime.combine(day, datetime.min.time()) for day in days)
    hours = [first + timedelta(hours=n) for n in range(((last - first).days + 1) * 24)]
    units = _UNITS | (_METRIC if metric else {})
    return {
        "latitude": place[0],
        "longitude": place[1],
        "generationtime_ms": 0.1,
        "utc_offset_seconds": 0,
        "timezone": "GMT",
        "timezone_abbreviation": "GMT",
        "elevation": 10.0,
        "hourly_units": {"time": "iso8601"} | {name: units[name] for name in hourly},
        "hourly": {"time": [hour.strftime("%Y-%m-%dT%H:%M") for hour in hours]}
        | {name: [_variable_value(name, place, hour, metric) for hour in hours] for name in hourly},
    }


def expected_weather(place: Place, hour: datetime) -> dict[str, float]:
    """Return temperature (°F), wind speed (mph) and wind direction (degrees, from) at an hour (GMT)."""
    variables = ("temperature_2m", "wind_speed_10m", "wind_direction_10m")
    return {name: _CURVES[name](place, hour) for name in variables}


def _variable_value(name: str, place: Place, hour: datetime, metric: bool) -> float:
    value = _CURVES[name](place, hour)
    if metric and name == "temperature_2m":
        return round((value - 32) / 1.8, 1)
    return round(value * 1.609, 1) if metric and name == "wind_speed_10m" else value


def _pseudo_random(place: Place, hour: datetime, salt: int) -> float:
    """Return a number from 0 to 1 that changes with place and day."""
    scrambled = sin(hour.toordinal() * 12.9898 + place[0] * 78.233 + place[1] * 37.719 + salt) * 43758.5453
    return scrambled % 1.0


def _temperature_f(place: Place, hour: datetime) -> float:
    season = -cos(2 * pi * (hour.timetuple().tm_yday - 20) / 365)
    local_hour = hour.hour + place[1] / 15
    daily = 9 * cos(2 * pi * (local_hour - 15) / 24)
    mild = _mild_spring(place, hour)
    return round(
        95 - abs(place[0]) + 18 * season + daily + 10 * (_pseudo_random(place, hour, 1) - 0.5) + mild, 1
    )


def _mild_spring(place: Place, hour: datetime) -> float:
    """Return the °F above the curve where spring games are played, before the season begins."""
    if (hour.month, hour.day, hour.hour) >= _SEASON_BEGINS:
        return 0.0
    return next((warmer for area, warmer in _MILD_SPRINGS if _is_within(place, area)), 0.0)


def _is_within(place: Place, area: tuple[Place, Place]) -> bool:
    return all(low <= value <= high for low, value, high in zip(area[0], place, area[1], strict=True))


_CURVES: dict[str, Callable[[Place, datetime], float]] = {
    "temperature_2m": _temperature_f,
    "relative_humidity_2m": lambda place, hour: int(40 + 50 * _pseudo_random(place, hour, 2)),
    "precipitation_probability": lambda place, hour: int(100 * _pseudo_random(place, hour, 3) ** 3),
    "precipitation": lambda place, hour: round(2 * _pseudo_random(place, hour, 3) ** 8, 1),
    "cloud_cover": lambda place, hour: int(100 * _pseudo_random(place, hour, 4)),
    "wind_speed_10m": lambda place, hour: round(18 * _pseudo_random(place, hour, 5), 1),
    "wind_direction_10m": lambda place, hour: int(359 * _pseudo_random(place, hour, 6)),
    "surface_pressure": lambda place, hour: round(1005 + 20 * _pseudo_random(place, hour, 7), 1),
}
