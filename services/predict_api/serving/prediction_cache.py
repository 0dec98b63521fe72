"""Answers POST /predict…: takes a body and returns JSON, cached for equal requests to one release."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from pydantic import BaseModel, ValidationError

from services.predict_api.metrics import Metrics
from services.predict_api.mlb.quality_flags import QualityFlag
from services.predict_api.problems import InvalidRequest
from services.predict_api.schemas import responses
from services.predict_api.schemas.requests import BatchRequest, GameRequest, PlayerRequest
from services.predict_api.schemas.validation_errors import describe_errors
from services.predict_api.serving.cache import Cache
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.predict import PredictionService
from services.predict_api.serving.release_manager import ReleaseManager

RELEASE_TTL = 12 * 3600  # seconds: a release is replaced about twice a day
STORED_FORECAST_TTL = 60  # seconds: more forecasts of a known day may still be stored
MAX_RECENT_BODY = 1024  # bytes of a body that is cached verbatim
MAX_RECENT_RESPONSES = 4096  # bodies

Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True)
class _PredictionRoute:
    request: type[BaseModel]
    handle: Callable[[PredictionService, Forecaster, Any], msgspec.Struct]


BATCH_PATH = "/predict/batch"
PREDICTION_ROUTES = {
    "/predict": _PredictionRoute(GameRequest, PredictionService.predict_game),
    "/predict/game": _PredictionRoute(GameRequest, PredictionService.predict_game),
    "/predict/player": _PredictionRoute(PlayerRequest, PredictionService.predict_player),
    BATCH_PATH: _PredictionRoute(BatchRequest, PredictionService.predict_batch),
}


def _schema_digest() -> str:
    """Return a digest of the answers' schema: a remote cache may have answers of another version."""
    shapes = [responses.GameAnswer, responses.PlayerAnswer, responses.BatchAnswer]
    schema = msgspec.json.encode(msgspec.json.schema_components(shapes), order="sorted")
    return hashlib.sha256(schema).hexdigest()[:8]


class PredictionCache:
    """Answers POST /predict… for Flask and for the middleware in front of it."""

    def __init__(
        self, release_manager: ReleaseManager, predictions: PredictionService, cache: Cache, metrics: Metrics
    ) -> None:
        self._release_manager, self._predictions = release_manager, predictions
        self._cache, self._metrics = cache, metrics
        self._recent: dict[tuple[str, str, bytes], bytes] = {}
        self._schema_digest = _schema_digest()

    def respond(self, path: str, body: bytes) -> bytes:
        """Return the JSON that answers `body` on one of the paths in PREDICTION_ROUTES; raises Problem."""
        forecaster = self._release_manager.require_forecaster()
        response = self._find_recent(forecaster, path, body)
        if response is not None:
            return response
        request = parse_request(PREDICTION_ROUTES[path].request, body)
        return self._compute_response(forecaster, path, body, request)

    def respond_if_fast(self, path: str, body: bytes) -> bytes | None:
        """Return the answer where it takes well below a millisecond without waiting; None otherwise.

        Raises Problem.
        """
        if path not in PREDICTION_ROUTES or self._release_manager.served_forecaster is None:
            return None
        forecaster = self._release_manager.require_forecaster()
        response = self._find_recent(forecaster, path, body)
        if response is not None or self._cache.is_remote or path == BATCH_PATH:
            return response
        request = parse_request(PREDICTION_ROUTES[path].request, body)
        if not _has_forecast_ready(forecaster, request):
            return None
        return self._compute_response(forecaster, path, body, request)

    def _find_recent(self, forecaster: Forecaster, path: str, body: bytes) -> bytes | None:
        response = self._recent.get((forecaster.cache_key, path, body))
        if response is not None:
            self._metrics.increment("cache", "hit")
        return response

    def _compute_response(self, forecaster: Forecaster, path: str, body: bytes, request: BaseModel) -> bytes:
        """Return the answer to a parsed request: from the cache, or computed and cached."""
        response, is_long_lived = self._cached_or_computed(forecaster, PREDICTION_ROUTES[path], request)
        if is_long_lived and len(body) <= MAX_RECENT_BODY:
            self._keep_recent((forecaster.cache_key, path, body), response)
        return response

    def _cached_or_computed(
        self, forecaster: Forecaster, route: _PredictionRoute, request: BaseModel
    ) -> tuple[bytes, bool]:
        canonical = hashlib.sha256(request.model_dump_json().encode()).hexdigest()
        name = f"answer/{self._schema_digest}/{forecaster.cache_key}/{route.request.__name__}/{canonical}"
        response = self._cache.get(name)
        self._metrics.increment("cache", "miss" if response is None else "hit")
        if response is not None:
            return response, True
        answer = route.handle(self._predictions, forecaster, request)
        response = msgspec.json.encode(answer)
        is_long_lived = _can_be_kept(answer)
        self._cache.put(name, response, RELEASE_TTL if is_long_lived else STORED_FORECAST_TTL)
        return response, is_long_lived

    def _keep_recent(self, exact_request: tuple[str, str, bytes], response: bytes) -> None:
        if len(self._recent) >= MAX_RECENT_RESPONSES:
            self._recent.clear()
        self._recent[exact_request] = response


def parse_request(model: type[Body], body: bytes) -> Body:
    """Return the request in a body; raises InvalidRequest with the path of each error."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise InvalidRequest(
            f"a {model.__name__} as /openapi.json describes it", describe_errors(error)
        ) from None


def _has_forecast_ready(forecaster: Forecaster, request: BaseModel) -> bool:
    """Return whether a request needs computed forecasts only: no line-up to fill, no day to read."""
    if not isinstance(request, GameRequest | PlayerRequest) or request.game_date <= forecaster.as_of:
        return False
    if isinstance(request, GameRequest) and request.is_what_if:
        return False
    return forecaster.has_forecasts(request.game_date)


def _can_be_kept(answer: msgspec.Struct) -> bool:
    answers = answer.answers if isinstance(answer, responses.BatchAnswer) else [answer]
    return all(isinstance(one, responses.Provenance) and not _is_stored(one) for one in answers)


def _is_stored(answer: responses.Provenance) -> bool:
    return any(flag.code is QualityFlag.STORED_FORECAST for flag in answer.flags)
