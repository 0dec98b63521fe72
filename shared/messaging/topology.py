"""Who hears what: read from `topology.json` by the local bus, the tests and Terraform alike."""

import json
from functools import cache
from pathlib import Path
from typing import Literal

DEAD_LETTERS = "dead-letters"
LETTERS_REVIEW = "dead-letters--review"  # where people read them
_BACKFILL = "backfill."

Lane = Literal["live", "backfill"]


@cache
def _topology() -> dict[str, dict[str, list[str]]]:
    edges: dict[str, dict[str, list[str]]] = json.loads(Path(__file__).with_suffix(".json").read_text())
    return edges


def topics() -> tuple[str, ...]:
    """Return every topic."""
    return tuple(_topology())


def subscribers(topic: str, lane: str = "live") -> tuple[str, ...]:
    """Return the services that hear `topic` in a lane ("live" or "backfill")."""
    edge = _topology()[topic]
    return tuple(edge["subscribers"]) if lane in edge["lanes"] else ()


def lane_topic(topic: str, lane: str = "live") -> str | None:
    """Return the topic's name on Pub/Sub, where each lane has topics of its own; None: nobody hears it."""
    if lane not in _topology()[topic]["lanes"]:
        return None
    return topic if lane == "live" else f"{_BACKFILL}{topic}"


def lane_of(subscription: str) -> Lane:
    """Return the lane of a subscription on Pub/Sub, given by its name or its full resource name."""
    return "backfill" if subscription.rpartition("/")[2].startswith(_BACKFILL) else "live"


def subscription(topic: str, service: str, lane: str = "live") -> str:
    """Return the subscription's name, such as "data.collected--validator"."""
    return f"{topic if lane == 'live' else _BACKFILL + topic}--{service}"
