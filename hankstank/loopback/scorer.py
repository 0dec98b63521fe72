"""The scorer hears every announcement and every dead letter, by subscriptions of its own on the emulator."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from hankstank.loopback.town import Town
from hankstank.outcomes import CannotDo
from shared import envelope
from shared.topology import DEAD_LETTERS, lane_topic, topics

_SCORER = "scorer"
_AT_ONCE = 100  # messages of one pull
_GIVEN_UP_BY = "CloudPubSubDeadLetterSourceSubscription"


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as the scorer heard it; a dead letter has a `reason` and the subscription it came by."""

    topic: str
    run_id: str
    data: bytes
    at: datetime
    reason: str = ""
    subscription: str = ""


def hear_everything(town: Town) -> None:
    """Make the scorer's subscriptions: what is announced before is never heard."""
    with _emulator(town) as emulator:
        for topic in (*_live_topics(), DEAD_LETTERS):
            about = {"topic": f"projects/{town.project}/topics/{topic}"}
            emulator.put(_subscription(topic), json=about).raise_for_status()


class Scorer:
    """Hears what was announced since it was asked last."""

    def __init__(self, town: Town) -> None:
        self._emulator = _emulator(town)

    def close(self) -> None:
        """Close its connections."""
        self._emulator.close()

    def announced(self) -> list[Heard]:
        """Return what rooms announced, oldest first."""
        heard = [one for topic in _live_topics() for one in self._pulled(topic)]
        return sorted(heard, key=lambda one: one.at)

    def parked(self) -> list[Heard]:
        """Return dead letters: those that rooms parked and those that Pub/Sub gave up on."""
        return [_letter(one) for one in self._pulled(DEAD_LETTERS)]

    def _pulled(self, topic: str) -> Iterator[Heard]:
        asked = {"maxMessages": _AT_ONCE, "returnImmediately": True}
        try:
            answer = self._emulator.post(f"{_subscription(topic)}:pull", json=asked).raise_for_status()
            received = answer.json().get("receivedMessages", [])
            if received:
                told = {"ackIds": [one["ackId"] for one in received]}
                self._emulator.post(f"{_subscription(topic)}:acknowledge", json=told).raise_for_status()
        except httpx.HTTPError as error:
            raise CannotDo(f"the Pub/Sub emulator does not answer: {error}: see `hankstank down`") from None
        return map(_heard, received)


def _heard(received: dict[str, Any]) -> Heard:
    message = received["message"]
    said = message.get("attributes", {})
    return Heard(
        said.get("topic", ""),
        said.get("run_id", ""),
        base64.b64decode(message.get("data", "")),
        datetime.fromisoformat(message["publishTime"]),
        said.get("reason", ""),
        said.get("subscription") or said.get(_GIVEN_UP_BY, ""),
    )


def _letter(heard: Heard) -> Heard:
    """Return a letter with the topic and run of what it is about; a room parks the whole push."""
    if not heard.reason:
        return Heard(heard.topic, heard.run_id, heard.data, heard.at, "given up", heard.subscription)
    mark = envelope.postmark(heard.data)
    return Heard(mark.topic, mark.run_id, heard.data, heard.at, heard.reason, heard.subscription)


def _live_topics() -> Iterator[str]:
    return filter(None, map(lane_topic, topics()))


def _subscription(topic: str) -> str:
    return f"subscriptions/{topic}--{_SCORER}"


def _emulator(town: Town) -> httpx.Client:
    url = f"http://{town.pubsub}/v1/projects/{town.project}/"
    return httpx.Client(base_url=url, trust_env=False, timeout=30)
