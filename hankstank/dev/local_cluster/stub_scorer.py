"""A subscriber of every topic and of the dead letters, pushed to like a service."""

import base64
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

import httpx

from hankstank.dev.local_cluster.cluster import LocalCluster
from shared.messaging import envelope
from shared.messaging.topology import DEAD_LETTERS, lane_topic, list_topics
from simulator.listener import create_listener

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

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
    """Receives all events and dead letters while it is entered."""

    def __init__(self, cluster: LocalCluster) -> None:
        self._url = f"http://{cluster.pubsub_host}/v1/projects/{cluster.project}/"
        self._project = cluster.project
        name = f"scorer-{uuid4().hex[:8]}"
        topic_names = (*filter(None, map(lane_topic, list_topics())), DEAD_LETTERS)
        self._subscriptions = {f"subscriptions/{topic}--{name}": topic for topic in topic_names}
        self._received: SimpleQueue[ReceivedMessage] = SimpleQueue()
        self._listener = create_listener(self._handle_push)

    def __enter__(self) -> Self:
        Thread(target=self._listener.serve_forever, name="scorer", daemon=True).start()
        push = {"pushConfig": {"pushEndpoint": f"{self._listener.url}/"}}
        with self._emulator_client() as emulator:
            for subscription, topic in self._subscriptions.items():
                config = {"topic": f"projects/{self._project}/topics/{topic}", **push}
                emulator.put(subscription, json=config).raise_for_status()
        return self

    def __exit__(self, *_: object) -> None:
        with (
            self._emulator_client() as emulator,
            suppress(httpx.HTTPError),
        ):  # it may have ended: reported elsewhere
            for subscription in self._subscriptions:
                emulator.delete(subscription)
        self._listener.shutdown()
        self._listener.server_close()

    def receive_messages(self, timeout: float = 0.0) -> Iterator[ReceivedMessage]:
        """Yield the messages since the last call, waiting at most `timeout` seconds for the first."""
        with suppress(Empty):
            yield self._received.get(timeout=timeout) if timeout else self._received.get_nowait()
            while True:
                yield self._received.get_nowait()

    def _handle_push(self, request: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        push = json.loads(request["wsgi.input"].read(int(request["CONTENT_LENGTH"])))
        is_dead_letter = f"/{DEAD_LETTERS}--" in push["subscription"]
        self._received.put((_parse_dead_letter if is_dead_letter else _parse_message)(push["message"]))
        start_response("204 No Content", [])
        return []

    def _emulator_client(self) -> httpx.Client:
        return httpx.Client(base_url=self._url, trust_env=False, timeout=30)


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
