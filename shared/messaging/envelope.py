"""Pub/Sub's push body to an event and back: the only base64 in the code."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from pydantic import ValidationError

from shared.errors import UnknownEvent
from shared.messaging.events import EVENTS, SCHEDULED_TOPICS, Event


class _Message(msgspec.Struct, rename="camel"):
    data: str
    attributes: dict[str, str] = {}
    message_id: str = ""
    publish_time: str = ""


class _Push(msgspec.Struct, rename="camel"):
    message: _Message
    subscription: str = ""
    delivery_attempt: int | None = 1


@dataclass(frozen=True, slots=True)
class Message:
    """What a bus holds of a published event: its JSON, its attributes, and what the bus gave it."""

    data: bytes
    attributes: dict[str, str]
    id: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One push: the event, which subscription it came by, and how often it has come (from 1)."""

    event: Event
    subscription: str
    attempt: int


def event_attributes(event: Event) -> dict[str, str]:
    """Return what travels beside the data, readable without decoding it."""
    return {
        "topic": event.topic,
        "run_id": event.run_id,
        "event_id": event.event_id,
        "schema_version": str(event.schema_version),
    }


@dataclass(frozen=True, slots=True)
class MessageMetadata:
    """Metadata of a push; empty, or the first attempt, if it is missing."""

    topic: str = ""
    run_id: str = ""
    message_id: str = ""
    subscription: str = ""
    attempt: int = 1


def push_body(message: Message, subscription: str, attempt: int) -> bytes:
    """Return the body that Pub/Sub would POST for a message."""
    encoded = base64.b64encode(message.data).decode()
    wire = _Message(encoded, message.attributes, message.id, message.published_at.isoformat())
    return msgspec.json.encode(_Push(wire, subscription, attempt))


def parse_delivery(body: bytes) -> Delivery:
    """Decode a push body.

    What a scheduler publishes starts a run: a scheduler can only send a constant body, so the run takes the
    message's id and time, which are the same in every redelivery.

    Raises:
        UnknownEvent: the body is no envelope, its data no event, or its topic or version unknown.
    """
    push, data = _parse_push(body)
    topic = push.message.attributes.get("topic", "")
    return Delivery(decode_event(topic, data), push.subscription, push.delivery_attempt or 1)


def parse_published(body: bytes) -> tuple[bytes, dict[str, str]]:
    """Return the data and attributes that a push carries, a tick's run among them: what to publish again.

    Raises:
        UnknownEvent: the body is no envelope.
    """
    push, data = _parse_push(body)
    return data, push.message.attributes


def parse_metadata(body: bytes) -> MessageMetadata:
    """Return a push's metadata without decoding its event; never raises."""
    try:
        push = msgspec.json.decode(body, type=_Push)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return MessageMetadata()
    attributes = push.message.attributes
    topic = attributes.get("topic", "")
    return MessageMetadata(
        topic,
        attributes.get("run_id") or (_tick_run_id(push.message) if topic in SCHEDULED_TOPICS else ""),
        push.message.message_id,
        push.subscription,
        push.delivery_attempt or 1,
    )


def decode_event(topic: str, data: bytes) -> Event:
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
        raise UnknownEvent(f"{topic}: {_describe_errors(error)}") from None


def _parse_push(body: bytes) -> tuple[_Push, bytes]:
    try:
        push = msgspec.json.decode(body, type=_Push)
        data = base64.b64decode(push.message.data, validate=True)
    except (msgspec.MsgspecError, binascii.Error, ValueError, RecursionError) as error:
        message = f"expected a Pub/Sub push body with base64 data, got {body[:80]!r}: {error}"
        raise UnknownEvent(message) from None
    is_scheduled = push.message.attributes.get("topic") in SCHEDULED_TOPICS
    return push, _with_run_id(data, push.message) if is_scheduled else data


def _with_run_id(data: bytes, message: _Message) -> bytes:
    try:
        tick = json.loads(data)
    except (ValueError, RecursionError):
        return data
    if not isinstance(tick, dict):
        return data
    defaults = {"run_id": _tick_run_id(message), "occurred_at": message.publish_time}
    return json.dumps(defaults | tick).encode()


def _tick_run_id(tick: _Message) -> str:
    return f"tick-{tick.message_id}"


def _describe_errors(error: ValidationError) -> str:
    rows: list[Any] = error.errors(include_url=False)
    return "; ".join(
        f"{'.'.join(map(str, row['loc']))}: {row['msg']} (got {row['input']!r:.60})" for row in rows
    )
