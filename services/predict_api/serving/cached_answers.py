"""The desk: a body in, an encoded answer out, from the cache where the same was asked of this release."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from pydantic import BaseModel, ValidationError

from services.predict_api.serving.cache import Memory
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.predict import Questions
from services.predict_api.serving.release_manager import Shelf
from services.predict_api.web import responses
from services.predict_api.web.faults import faults
from services.predict_api.web.metrics import Metrics
from services.predict_api.web.problems import NotRead
from services.predict_api.web.requests import BatchRequest, GameRequest, PlayerRequest

KEPT = 12 * 3600  # seconds: a release is replaced about twice a day
STORED_KEPT = 60  # seconds: of a day already known, more forecasts may still be written
SMALL = 1024  # bytes of a body that is remembered word for word
REMEMBERED = 4096  # bodies

Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True)
class _Kind:
    request: type[BaseModel]
    answer: Callable[[Questions, Forecaster, Any], msgspec.Struct]


BATCH = "/predict/batch"
KINDS = {
    "/predict": _Kind(GameRequest, Questions.game),
    "/predict/game": _Kind(GameRequest, Questions.game),
    "/predict/player": _Kind(PlayerRequest, Questions.player),
    BATCH: _Kind(BatchRequest, Questions.batch),
}


def _form() -> str:
    """Return what changes when the shape of an answer does: a cache may outlive this program."""
    shapes = [responses.GameAnswer, responses.PlayerAnswer, responses.BatchAnswer]
    told = msgspec.json.encode(msgspec.json.schema_components(shapes), order="sorted")
    return hashlib.sha256(told).hexdigest()[:8]


class Desk:
    """Answers POST /predict… for Flask and for the layer in front of it alike."""

    def __init__(self, shelf: Shelf, questions: Questions, memory: Memory, metrics: Metrics) -> None:
        self._shelf, self._questions, self._memory, self._metrics = shelf, questions, memory, metrics
        self._recent: dict[tuple[str, str, bytes], bytes] = {}
        self._form = _form()

    def answer(self, path: str, body: bytes) -> bytes:
        """Return the JSON that answers `body` on one of the paths in KINDS; raises Problem."""
        forecaster = self._shelf.ready()
        told = self._remembered(forecaster, path, body)
        if told is None:
            told = self._worked_out(forecaster, path, body, parsed(KINDS[path].request, body))
        return told

    def answer_at_once(self, path: str, body: bytes) -> bytes | None:
        """Return the answer where it takes well below a millisecond and waits for nothing; None otherwise.

        Raises Problem.
        """
        if path not in KINDS or self._shelf.served is None:
            return None
        forecaster = self._shelf.ready()
        told = self._remembered(forecaster, path, body)
        if told is not None or self._memory.is_remote or path == BATCH:
            return told
        asked = parsed(KINDS[path].request, body)
        return self._worked_out(forecaster, path, body, asked) if _is_quick(forecaster, asked) else None

    def _remembered(self, forecaster: Forecaster, path: str, body: bytes) -> bytes | None:
        told = self._recent.get((forecaster.key, path, body))
        if told is not None:
            self._metrics.count("cache", "hit")
        return told

    def _worked_out(self, forecaster: Forecaster, path: str, body: bytes, asked: BaseModel) -> bytes:
        """Return the answer to a question that was read: from the cache, or computed and kept there."""
        told, lasting = self._cached(forecaster, KINDS[path], asked)
        if lasting and len(body) <= SMALL:
            self._remember((forecaster.key, path, body), told)
        return told

    def _cached(self, forecaster: Forecaster, kind: _Kind, asked: BaseModel) -> tuple[bytes, bool]:
        canonical = hashlib.sha256(asked.model_dump_json().encode()).hexdigest()
        name = f"answer/{self._form}/{forecaster.key}/{kind.request.__name__}/{canonical}"
        told = self._memory.get(name)
        self._metrics.count("cache", "miss" if told is None else "hit")
        if told is not None:
            return told, True
        answer = kind.answer(self._questions, forecaster, asked)
        told = msgspec.json.encode(answer)
        lasting = _is_lasting(answer)
        self._memory.put(name, told, KEPT if lasting else STORED_KEPT)
        return told, lasting

    def _remember(self, word_for_word: tuple[str, str, bytes], told: bytes) -> None:
        if len(self._recent) >= REMEMBERED:
            self._recent.clear()
        self._recent[word_for_word] = told


def parsed(kind: type[Body], body: bytes) -> Body:
    """Return the question in a body; raises NotRead with the path of each fault."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise NotRead(f"a {kind.__name__} as /openapi.json describes it", faults(error)) from None


def _is_quick(forecaster: Forecaster, asked: BaseModel) -> bool:
    """Return whether a question is of cards that are worked out: no line-up to fill, no day to read."""
    if not isinstance(asked, GameRequest | PlayerRequest) or asked.game_date <= forecaster.as_of:
        return False
    if isinstance(asked, GameRequest) and asked.is_what_if:
        return False
    return forecaster.has_worked_out(asked.game_date)


def _is_lasting(answer: msgspec.Struct) -> bool:
    told = answer.answers if isinstance(answer, responses.BatchAnswer) else [answer]
    return all(isinstance(one, responses.Provenance) and "stored forecast" not in one.flags for one in told)
