"""Decodes JSON bodies to the fields that we read."""

from typing import Any, TypeVar

import msgspec

from services.collector.errors import InvalidBody

T = TypeVar("T")


def decode_json(decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw, expected: str) -> T:
    """Return a decoded body, in which a null is a field that is absent.

    Raises:
        InvalidBody: it is no JSON, a field that we cannot do without is absent or of another type, or it
            nests deeper than anything a source sends.
    """
    try:
        return _decode_without_nulls(decoder, body)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InvalidBody(f"expected {expected}, got {bytes(body)[:40]!r}…: {error}") from None


def _decode_without_nulls(decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw) -> T:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError:  # rare: only now does removing nulls pay
        return decoder.decode(msgspec.json.encode(_without_nulls(msgspec.json.decode(body))))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(one) for name, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value
