"""Pub/Sub's push body to an event and back: the only base64 in the code."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import msgspec
from pydantic import ValidationError

from shared.errors import UnknownEvent
from shared.events import EVENTS, Event


class _Message(msgspec.Struct):
    data: str
    attributes: dict[str, str] = {}
    messageId: str = ""  # noqa: N815 - Pub/Sub's name


class _Push(msgspec.Struct):
    message: _Message
    subscription: str = ""
    deliveryAttempt: int = 1  # noqa: N815 - Pub/Sub's name


@dataclass(frozen=True, slots=True)
class Delivery:
    """One push: the event, which subscription it came by, and how often it has come (from 1)."""

    event: Event
    subscription: str
    attempt: int


def attributes(event: Event) -> dict[str, str]:
    """Return what travels beside the data, readable without decoding it."""
    return {
        "topic": event.topic,
        "run_id": event.run_id,
        "event_id": event.event_id,
        "schema_version": str(event.schema_version),
    }


def push_body(
    data: bytes, attributes: dict[str, str], subscription: str, attempt: int, message_id: str
) -> bytes:
    """Return the body that Pub/Sub would POST for a message."""
    message = {"data": base64.b64encode(data).decode(), "attributes": attributes, "messageId": message_id}
    return msgspec.json.encode({"message": message, "subscription": subscription, "deliveryAttempt": attempt})


def delivery(body: bytes) -> Delivery:
    """Decode a push body.

    Raises:
        UnknownEvent: the body is no envelope, its data no event, or its topic or version unknown.
    """
    try:
        push = msgspec.json.decode(body, type=_Push)
        data = base64.b64decode(push.message.data, validate=True)
    except (msgspec.MsgspecError, binascii.Error, ValueError) as error:
        message = f"expected a Pub/Sub push body with base64 data, got {body[:80]!r}: {error}"
        raise UnknownEvent(message) from None
    return Delivery(
        decode(push.message.attributes.get("topic", ""), data), push.subscription, push.deliveryAttempt
    )


def delivery_attempt(body: bytes) -> int:
    """Return how often this push has come, from 1; 1 where the body does not say."""
    try:
        return msgspec.json.decode(body, type=_Push).deliveryAttempt
    except msgspec.MsgspecError:
        return 1


def subscription(body: bytes) -> str:
    """Return which subscription a push came by; empty where the body does not say."""
    try:
        return msgspec.json.decode(body, type=_Push).subscription
    except msgspec.MsgspecError:
        return ""


def decode(topic: str, data: bytes) -> Event:
    """Return the event that `data` states on `topic`.

    Raises:
        UnknownEvent: no such topic, or `data` does not fit the topic's event.
    """
    kind = EVENTS.get(topic)
    if kind is None:
        raise UnknownEvent(f"expected a topic among {sorted(EVENTS)}, got {topic!r}")
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        raise UnknownEvent(f"{topic}: {_faults(error)}") from None


def _faults(error: ValidationError) -> str:
    rows: list[Any] = error.errors(include_url=False)
    return "; ".join(
        f"{'.'.join(map(str, row['loc']))}: {row['msg']} (got {row['input']!r:.60})" for row in rows
    )
