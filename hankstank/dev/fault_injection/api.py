"""The API's parts without a server, so that faults can be injected into them."""

from collections.abc import Callable, Iterator
from datetime import date, datetime

import msgspec

from hankstank.dev.fault_injection.forecasts import ServedForecast
from services.predict_api.schemas.requests import PlayerRequest
from services.predict_api.serving import recording
from services.predict_api.serving.forecast_log import ForecastLog
from services.predict_api.serving.predict import PredictionService
from services.predict_api.serving.release_manager import ReleaseManager
from shared.messaging.events import Event
from shared.ports import ObjectStore, Ports


class InProcessApi:
    """The release manager, forecast log and prediction service behind the API's routes."""

    def __init__(self, objects: ObjectStore, clock: Callable[[], datetime]) -> None:
        self._forecast_log = ForecastLog(objects, clock)
        frozen_timer = lambda: 0.0  # noqa: E731 - no polling thread: runs must be deterministic
        self._release_manager = ReleaseManager(
            objects, timer=frozen_timer, store_forecasts=self._forecast_log.store_next_days
        )
        self._prediction_service = PredictionService(objects, self._forecast_log)

    def step(self, event: Event, ports: Ports, now: datetime) -> list[Event]:
        """Handle a push as the API's route does."""
        self._forecast_log.flush_unstored()
        self._release_manager.serve_newest()
        return recording.step(event, ports, now)

    def poll_release(self) -> None:
        """Poll the newest release, as a server does every half minute, and store unstored forecasts."""
        self._release_manager.poll()
        self._forecast_log.flush_unstored()

    def serve_forecasts(self, day: date) -> Iterator[ServedForecast]:
        """Yield the forecast of one player of each of a day's games."""
        forecaster = self._release_manager.wait_for_forecaster()
        if forecaster is None:
            return
        for player_id in (
            min(game_forecast.by_player)
            for game_forecast in forecaster.forecast_day(day).values()
            if game_forecast.by_player
        ):
            request = PlayerRequest(player_id=player_id, game_date=day)
            response = self._prediction_service.predict_player(forecaster, request)
            yield ServedForecast(day, response.release, response.player_id, msgspec.json.encode(response))
