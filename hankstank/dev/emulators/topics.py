"""The town's topics and subscriptions on a Pub/Sub emulator, from the same `topology.json` as Terraform.

What the emulator does with them, as measured (version 0.8.20): the dead-letter policy is honoured to the
attempt; the retry policy is honoured from the second redelivery on, the first comes after 1 s whatever the
policy says; pushes carry no `deliveryAttempt`; a subscription keeps messages for 7 days at most, where
dead letters are to wait for 31. Message filters, exactly-once delivery, schemas and the
tokens that sign pushes are taken and ignored.
"""

from collections.abc import Mapping
from typing import Any

import httpx

from shared.errors import CannotDo
from shared.messaging.topology import (
    DEAD_LETTERS,
    LETTERS_REVIEW,
    lane_topic,
    subscribers,
    subscription,
    topics,
)

ATTEMPTS = 20
ACK_DEADLINE = 600  # seconds
RETRY = {"minimumBackoff": "10s", "maximumBackoff": "600s"}
_LANES = ("live", "backfill")


def create_topology(project: str, push_to: Mapping[str, str], host: str) -> None:
    """Create every topic and subscription in `project` on the emulator at `host`; standing ones are left.

    `push_to` maps a service to the address that its events are POSTed to; the subscriptions of a service
    that is not in it wait to be pulled. Raises CannotDo where the emulator refuses.
    """
    with httpx.Client(base_url=f"http://{host}/v1/projects/{project}/", trust_env=False) as emulator:
        _put(emulator, f"topics/{DEAD_LETTERS}", {})
        _put(emulator, f"subscriptions/{LETTERS_REVIEW}", {"topic": _topic(project, DEAD_LETTERS)})
        for lane in _LANES:
            for topic in topics():
                _create_lane(emulator, project, topic, lane, push_to)


def _create_lane(
    emulator: httpx.Client, project: str, topic: str, lane: str, push_to: Mapping[str, str]
) -> None:
    name = lane_topic(topic, lane)
    if name is None:
        return
    _put(emulator, f"topics/{name}", {})
    for service in subscribers(topic, lane):
        about = _subscription(project, name, push_to.get(service))
        _put(emulator, f"subscriptions/{subscription(topic, service, lane)}", about)


def _subscription(project: str, topic: str, push_to: str | None) -> dict[str, Any]:
    letters = {"deadLetterTopic": _topic(project, DEAD_LETTERS), "maxDeliveryAttempts": ATTEMPTS}
    about: dict[str, Any] = {
        "topic": _topic(project, topic),
        "ackDeadlineSeconds": ACK_DEADLINE,
        "retryPolicy": RETRY,
        "deadLetterPolicy": letters,
    }
    return about | ({"pushConfig": {"pushEndpoint": push_to}} if push_to else {})


def _topic(project: str, name: str) -> str:
    return f"projects/{project}/topics/{name}"


def _put(emulator: httpx.Client, path: str, about: Mapping[str, Any]) -> None:
    try:
        answer = emulator.put(path, json=about)
    except httpx.RequestError as error:
        raise CannotDo(
            f"no Pub/Sub emulator answers at {emulator.base_url.netloc.decode()}: {error}"
        ) from None
    if answer.status_code not in {httpx.codes.OK, httpx.codes.CONFLICT}:  # conflict: it stands already
        raise CannotDo(f"the Pub/Sub emulator refused {path}: {answer.status_code} {answer.text}")
