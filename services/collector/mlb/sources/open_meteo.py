"""Open-Meteo: the forecast for a ballpark at the hour of a game."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from services.collector.errors import InvalidBody
from services.collector.http_source import FetchedResponse, HttpSource
from services.collector.mlb.wire.decoding import decode_json
from services.collector.mlb.wire.misc import Forecast
from services.collector.rows import Row

FIELDS = {
    "temperature_f": "temperature_2m",
    "humidity": "relative_humidity_2m",
    "precipitation_probability": "precipitation_probability",
    "wind_speed_mph": "wind_speed_10m",
    "wind_direction": "wind_direction_10m",
    "surface_pressure_hpa": "surface_pressure",
}
_DECODER = msgspec.json.Decoder(Forecast)


class OpenMeteo:
    """Client of Open-Meteo: one forecast a ballpark."""

    def __init__(self, http: HttpSource) -> None:
        self._http = http

    def fetch_forecast(self, latitude: float, longitude: float) -> FetchedResponse[Forecast]:
        """Return three days of hours, UTC, in Fahrenheit and miles an hour; raises SourceUnavailable."""
        params: dict[str, Any] = {
            "latitude": latitude,
            "longitude": longitude,
            "hourly": ",".join(FIELDS.values()),
            "temperature_unit": "fahrenheit",
            "wind_speed_unit": "mph",
            "timezone": "GMT",
            "forecast_days": 3,
        }
        return self._http.get("/v1/forecast", _decode_forecast, params)


def forecast_for_start(forecast: Forecast, start: datetime) -> Row | None:
    """Return the forecast for the hour nearest to a game's start, None where it does not reach that far."""
    nearest = (start + timedelta(minutes=30)).replace(minute=0, second=0, microsecond=0)
    try:
        at = forecast.hourly.time.index(nearest.strftime("%Y-%m-%dT%H:%M"))
    except ValueError:
        return None
    values = {ours: getattr(forecast.hourly, theirs)[at] for ours, theirs in FIELDS.items()}
    return {"valid_at": nearest} | values


def _decode_forecast(body: bytes) -> Forecast:
    forecast = decode_json(_DECODER, body, "a forecast")
    hours = {name: len(getattr(forecast.hourly, name)) for name in ("time", *FIELDS.values())}
    if len(set(hours.values())) > 1:
        raise InvalidBody(f"expected a value for every hour of a forecast, got lists of lengths {hours}")
    return forecast
