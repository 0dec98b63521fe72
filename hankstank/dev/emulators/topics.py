"""Creates topics and subscriptions on a Pub/Sub emulator from the `topology.json` that Terraform reads.

Behaviour of emulator 0.8.20, as measured: it follows the dead-letter policy exactly; it follows the retry
policy from the second redelivery on, the first comes after 1 s; pushes carry no `deliveryAttempt`; a
subscription keeps messages for 7 days at most, not the 31 of dead letters. It ignores message filters,
exactly-once delivery, schemas and push tokens.
"""

from collections.abc import Mapping
from itertools import product
from typing import Any

import httpx

from shared.errors import UserError
from shared.messaging.topology import (
    DEAD_LETTER_REVIEW,
    DEAD_LETTERS,
    lane_topic,
    list_topics,
    subscribers_of,
    subscription_name,
)

MAX_DELIVERY_ATTEMPTS = 20
ACK_DEADLINE = 600  # seconds
RETRY = {"minimumBackoff": "10s", "maximumBackoff": "600s"}
_LANES = ("live", "backfill")


def create_topology(project: str, push_to: Mapping[str, str], host: str) -> None:
    """Create every topic and subscription in `project` on the emulator at `host`, unless they exist.

    `push_to` maps a service to the address of its pushes; other services get pull subscriptions.
    Raises UserError if the emulator refuses.
    """
    with httpx.Client(base_url=f"http://{host}/v1/projects/{project}/", trust_env=False) as emulator:
        _create_resource(emulator, f"topics/{DEAD_LETTERS}", {})
        _create_resource(
            emulator, f"subscriptions/{DEAD_LETTER_REVIEW}", {"topic": _topic_path(project, DEAD_LETTERS)}
        )
        for lane, topic in product(_LANES, list_topics()):
            if name := lane_topic(topic, lane):
                _create_resource(emulator, f"topics/{name}", {})
                for service in subscribers_of(topic, lane):
                    config = _subscription_config(project, name, push_to.get(service))
                    subscription = subscription_name(topic, service, lane)
                    _create_resource(emulator, f"subscriptions/{subscription}", config)


def _subscription_config(project: str, topic: str, push_to: str | None) -> dict[str, Any]:
    dead_letter_policy = {
        "deadLetterTopic": _topic_path(project, DEAD_LETTERS),
        "maxDeliveryAttempts": MAX_DELIVERY_ATTEMPTS,
    }
    config: dict[str, Any] = {
        "topic": _topic_path(project, topic),
        "ackDeadlineSeconds": ACK_DEADLINE,
        "retryPolicy": RETRY,
        "deadLetterPolicy": dead_letter_policy,
    }
    return config | ({"pushConfig": {"pushEndpoint": push_to}} if push_to else {})


def _topic_path(project: str, name: str) -> str:
    return f"projects/{project}/topics/{name}"


def _create_resource(emulator: httpx.Client, path: str, config: Mapping[str, Any]) -> None:
    try:
        response = emulator.put(path, json=config)
    except httpx.RequestError as error:
        raise UserError(
            f"no Pub/Sub emulator answers at {emulator.base_url.netloc.decode()}: {error}"
        ) from None
    if response.status_code not in {httpx.codes.OK, httpx.codes.CONFLICT}:  # conflict: it exists already
        raise UserError(f"the Pub/Sub emulator refused {path}: {response.status_code} {response.text}")
