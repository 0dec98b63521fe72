"""Reads answers stored with a day's forecasts, by this version or an earlier one."""

from typing import Any, TypeVar

import msgspec

from services.predict_api.mlb.quality_flags import FLAG_TEXTS, FlagText, flag_from_stored
from services.predict_api.schemas import responses

T = TypeVar("T", responses.GameAnswer, responses.PlayerAnswer)

_RENAMED = {"base": "baseline", "at_least_one": "p_at_least_one"}  # by the name that earlier versions stored


def decode_stored_answer(raw: msgspec.Raw, kind: type[T]) -> T:
    """Return a stored answer with today's field names and flag codes; raises msgspec.MsgspecError."""
    fields = msgspec.json.decode(raw)
    if not isinstance(fields, dict):
        raise msgspec.ValidationError(f"expected an object, got {type(fields).__name__}")
    return msgspec.convert(_upgrade_answer(fields), kind)


def stored_flags(text: str | None) -> list[FlagText]:
    """Return the flags of a row of `forecasts`: a JSON array of codes, or of an earlier version's phrases.

    A flag that no version knows is left out: it must not make the forecast unreadable.
    """
    return _upgrade_flags(msgspec.json.decode(text or "[]"))


def _upgrade_answer(fields: dict[str, Any]) -> dict[str, Any]:
    upgraded = {_RENAMED.get(name, name): value for name, value in fields.items()}
    if isinstance(flags := upgraded.get("flags"), list):
        upgraded["flags"] = [msgspec.to_builtins(one) for one in _upgrade_flags(flags)]
    if isinstance(predictions := upgraded.get("predictions"), dict):
        upgraded["predictions"] = {name: _upgrade_prediction(one) for name, one in predictions.items()}
    return upgraded


def _upgrade_prediction(prediction: Any) -> Any:
    if not isinstance(prediction, dict):
        return prediction  # a game's predictions are numbers
    return {_RENAMED.get(name, name): value for name, value in prediction.items()}


def _upgrade_flags(stored: list[Any]) -> list[FlagText]:
    found = []
    for one in stored:
        code = one.get("code") if isinstance(one, dict) else one
        try:
            found.append(FLAG_TEXTS[flag_from_stored(str(code))])
        except ValueError:
            continue
    return found
