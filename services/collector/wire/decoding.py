"""JSON bodies to what we read of them."""

from typing import TypeVar

import msgspec

from services.collector.errors import BodyUnusable

T = TypeVar("T")


def decode_json(decoder: msgspec.json.Decoder[T], body: bytes, expected: str) -> T:
    """Return a decoded body.

    Raises:
        BodyUnusable: it is no JSON, a field that we read is absent or of another type, or it nests deeper
            than anything a source sends.
    """
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise BodyUnusable(f"expected {expected}, got {body[:40]!r}…: {error}") from None
