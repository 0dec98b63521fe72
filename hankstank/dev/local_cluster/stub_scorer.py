"""A subscriber of every topic and of the dead letters."""

import base64
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import uuid4

import httpx

from hankstank.dev.local_cluster.cluster import LocalCluster
from shared.messaging import envelope
from shared.messaging.topology import DEAD_LETTERS, lane_topic, list_topics

_SOURCE_SUBSCRIPTION = "CloudPubSubDeadLetterSourceSubscription"
_SERVICE_ATTRIBUTES = {"reason", "subscription"}  # attributes of a service's dead letter


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """A message as received; a dead letter has a `reason` and its subscription."""

    topic: str
    run_id: str
    data: bytes
    at: datetime
    reason: str = ""
    subscription: str = ""


class StubScorer:
    """Receives all events and dead letters while it is entered, by subscriptions of its own."""

    def __init__(self, cluster: LocalCluster) -> None:
        url = f"http://{cluster.pubsub_host}/v1/projects/{cluster.project}/"
        self._emulator = httpx.Client(base_url=url, trust_env=False, timeout=30)
        self._project, name = cluster.project, f"scorer-{uuid4().hex[:8]}"
        topic_names = (*filter(None, map(lane_topic, list_topics())), DEAD_LETTERS)
        self._subscriptions = {f"subscriptions/{topic}--{name}": topic for topic in topic_names}

    def __enter__(self) -> Self:
        for subscription, topic in self._subscriptions.items():
            config = {"topic": f"projects/{self._project}/topics/{topic}"}
            self._emulator.put(subscription, json=config).raise_for_status()
        return self

    def __exit__(self, *_: object) -> None:
        with closing(self._emulator), suppress(httpx.HTTPError):  # it may have ended: reported elsewhere
            for subscription in self._subscriptions:
                self._emulator.delete(subscription)

    def receive_messages(self) -> Iterator[ReceivedMessage]:
        """Yield the messages since the last call."""
        for subscription, topic in self._subscriptions.items():
            for message in self._pull_messages(subscription):
                yield (_parse_dead_letter if topic == DEAD_LETTERS else _parse_message)(message)

    def _pull_messages(self, subscription: str) -> list[dict[str, Any]]:
        request = {"maxMessages": 1000, "returnImmediately": True}
        try:
            pulled = self._emulator.post(f"{subscription}:pull", json=request).raise_for_status().json()
            received = pulled.get("receivedMessages", [])
            if received:
                acknowledged = {"ackIds": [one["ackId"] for one in received]}
                self._emulator.post(f"{subscription}:acknowledge", json=acknowledged).raise_for_status()
        except httpx.HTTPError:
            return []  # the emulator has ended: the caller checks the processes
        return [one["message"] for one in received]


def _parse_message(message: dict[str, Any], reason: str = "", subscription: str = "") -> ReceivedMessage:
    attributes, data = message.get("attributes", {}), base64.b64decode(message.get("data", ""))
    at = datetime.fromisoformat(message["publishTime"])
    return ReceivedMessage(
        attributes.get("topic", ""), attributes.get("run_id", ""), data, at, reason, subscription
    )


def _parse_dead_letter(message: dict[str, Any]) -> ReceivedMessage:
    """Return a dead letter with the topic and run of its event: a service stores the whole push."""
    attributes = message.get("attributes", {})
    if not attributes.keys() & _SERVICE_ATTRIBUTES:
        return _parse_message(message, "Pub/Sub gave up", attributes.get(_SOURCE_SUBSCRIPTION, ""))
    received = _parse_message(message, attributes.get("reason", ""), attributes.get("subscription", ""))
    metadata = envelope.parse_metadata(received.data)
    return ReceivedMessage(
        metadata.topic, metadata.run_id, received.data, received.at, received.reason, received.subscription
    )
