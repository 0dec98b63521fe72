"""The scorer hears every announcement and every dead letter: it is pushed to, like a room."""

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

from hankstank.dev.local_cluster.cluster import Town
from shared.messaging import envelope
from shared.messaging.topology import DEAD_LETTERS, lane_topic, topics
from simulator.listener import listen

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

_GIVEN_UP_BY = "CloudPubSubDeadLetterSourceSubscription"
_ROOMS_OWN = {"reason", "subscription"}  # attributes of what a room parked


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as the scorer heard it; a dead letter has a `reason` and the subscription it came by."""

    topic: str
    run_id: str
    data: bytes
    at: datetime
    reason: str = ""
    subscription: str = ""


class Scorer:
    """Hears what is announced and parked from when it is entered until it is left."""

    def __init__(self, town: Town) -> None:
        self._url = f"http://{town.pubsub}/v1/projects/{town.project}/"
        self._project = town.project
        name = f"scorer-{uuid4().hex[:8]}"
        heard = (*filter(None, map(lane_topic, topics())), DEAD_LETTERS)
        self._subscriptions = {f"subscriptions/{topic}--{name}": topic for topic in heard}
        self._heard: SimpleQueue[Heard] = SimpleQueue()
        self._listener = listen(self._pushed)

    def __enter__(self) -> Self:
        Thread(target=self._listener.serve_forever, name="scorer", daemon=True).start()
        push = {"pushConfig": {"pushEndpoint": f"{self._listener.url}/"}}
        with self._emulator() as emulator:
            for subscription, topic in self._subscriptions.items():
                about = {"topic": f"projects/{self._project}/topics/{topic}", **push}
                emulator.put(subscription, json=about).raise_for_status()
        return self

    def __exit__(self, *_: object) -> None:
        with self._emulator() as emulator, suppress(httpx.HTTPError):  # it may have died: others tell
            for subscription in self._subscriptions:
                emulator.delete(subscription)
        self._listener.shutdown()
        self._listener.server_close()

    def heard(self, patience: float = 0.0) -> Iterator[Heard]:
        """Yield what was heard since asked last, waiting for the first at most `patience` seconds."""
        with suppress(Empty):
            yield self._heard.get(timeout=patience) if patience else self._heard.get_nowait()
            while True:
                yield self._heard.get_nowait()

    def _pushed(self, request: "WSGIEnvironment", answer: "StartResponse") -> Iterable[bytes]:
        push = json.loads(request["wsgi.input"].read(int(request["CONTENT_LENGTH"])))
        is_letter = f"/{DEAD_LETTERS}--" in push["subscription"]
        self._heard.put((_letter if is_letter else _heard)(push["message"]))
        answer("204 No Content", [])
        return []

    def _emulator(self) -> httpx.Client:
        return httpx.Client(base_url=self._url, trust_env=False, timeout=30)


def _heard(message: dict[str, Any], reason: str = "", subscription: str = "") -> Heard:
    said, data = message.get("attributes", {}), base64.b64decode(message.get("data", ""))
    at = datetime.fromisoformat(message["publishTime"])
    return Heard(said.get("topic", ""), said.get("run_id", ""), data, at, reason, subscription)


def _letter(message: dict[str, Any]) -> Heard:
    """Return a letter with the topic and run of what it is about: a room parks the whole push."""
    said = message.get("attributes", {})
    if not said.keys() & _ROOMS_OWN:
        return _heard(message, "Pub/Sub gave up", said.get(_GIVEN_UP_BY, ""))
    heard = _heard(message, said.get("reason", ""), said.get("subscription", ""))
    mark = envelope.postmark(heard.data)
    return Heard(mark.topic, mark.run_id, heard.data, heard.at, heard.reason, heard.subscription)
