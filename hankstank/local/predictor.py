"""Forecasts for the console: from a running API, or from the stores by the API's code without a server."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from hankstank.local.api_client import ApiClient, describe_problem
from hankstank.local.stores import objects_of
from services.predict_api.problems import Problem
from services.predict_api.serving.forecast_log import ForecastLog
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.predict import PredictionService
from services.predict_api.serving.prediction_cache import PREDICTION_ROUTES, parse_request
from services.predict_api.serving.release_loader import load_release
from shared.errors import Rejected, UserError
from shared.modeling.registry import current_release
from shared.runtime.data_world import read_world
from shared.runtime.ports_factory import utc_now


@contextmanager
def open_predictor(home: Path, url: str | None, key: str | None) -> Iterator["Predictor"]:
    """Yield the API at `url`, or without one the stores in `home`."""
    if url is None:
        yield _StorePredictor(home)
    else:
        with closing(ApiClient(url, key)) as client:
            yield client


def game_request(day: date, clubs: str, game_number: int | None) -> dict[str, Any]:
    """Return the request for the game AWAY@HOME."""
    away, at, host = (part.strip() for part in clubs.partition("@"))
    if not (away and at and host):
        raise UserError(f"expected AWAY@HOME, such as BOS@NYY, got {clubs!r}")
    request = {"home_team": host, "away_team": away, "game_date": str(day), "game_number": game_number}
    return {name: value for name, value in request.items() if value is not None}


def player_request(day: date, player: str, game_number: int | None, lines: list[str]) -> dict[str, Any]:
    """Return the request for a player by id or full name; `lines` are like strikeouts=5.5."""
    values = dict(map(_parse_line, lines))
    who = {"player_id": int(player)} if player.isdecimal() else {"player": player}
    request = {**who, "game_date": str(day), "game_number": game_number, "lines": values or None}
    return {
        name: value for name, value in {**request, "stats": list(values) or None}.items() if value is not None
    }


class _StorePredictor:
    """The stores in a folder. Forecasts are stored for scoring before they are returned, as over HTTP."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._objects = objects_of(home)

    def predict_game(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return self._predict_request("/predict/game", request)

    def predict_player(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return self._predict_request("/predict/player", request)

    def predict_slate(self, day: date) -> dict[str, Any]:
        return self._run_prediction(lambda service, forecaster: service.predict_slate(forecaster, day))

    def fetch_results(self, day: date) -> dict[str, Any]:
        return self._run_prediction(lambda service, forecaster: service.find_results(forecaster, day))

    def fetch_record(self) -> list[dict[str, Any]]:
        record = self._run_prediction(lambda service, forecaster: service.load_record(forecaster))
        windows: list[dict[str, Any]] = record["windows"]
        return windows

    def _predict_request(self, path: str, request: Mapping[str, Any]) -> dict[str, Any]:
        route, body = PREDICTION_ROUTES[path], msgspec.json.encode(request)
        return self._run_prediction(
            lambda service, forecaster: route.handle(service, forecaster, parse_request(route.request, body))
        )

    def _run_prediction(
        self, predict: Callable[[PredictionService, Forecaster], msgspec.Struct]
    ) -> dict[str, Any]:
        forecaster = self._newest_release()
        service = PredictionService(self._objects, ForecastLog(self._objects, self._current_time))
        try:
            response: dict[str, Any] = msgspec.to_builtins(predict(service, forecaster))
        except Problem as problem:
            raise UserError(describe_problem(problem.to_dict())) from None
        return response

    def _newest_release(self) -> Forecaster:
        """Return a forecaster of the newest release; raises UserError without one that can be served."""
        release = current_release(self._objects)
        if release is None or not release.models:
            raise UserError(f"{self._home}: no release with models yet: `hankstank run` publishes one")
        try:
            return load_release(self._objects, release, None)[0]
        except Rejected as error:
            raise UserError(f"{self._home}: release {release.id} cannot be used: {error}") from None

    def _current_time(self) -> Any:
        return read_world(self._objects).current_time(utc_now)


Predictor = ApiClient | _StorePredictor


def _parse_line(text: str) -> tuple[str, float]:
    stat, _, number = text.partition("=")
    try:
        return stat, float(number)
    except ValueError:
        raise UserError(f"expected STAT=LINE, such as strikeouts=5.5, got {text!r}") from None
