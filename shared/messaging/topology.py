"""Topics and their subscribers, from `topology.json`, which Terraform reads too."""

import json
from functools import cache
from pathlib import Path
from typing import Literal

DEAD_LETTERS = "dead-letters"
DEAD_LETTER_REVIEW = "dead-letters--review"  # where people read them
_BACKFILL = "backfill."

Lane = Literal["live", "backfill"]


@cache
def _load_topology() -> dict[str, dict[str, list[str]]]:
    edges: dict[str, dict[str, list[str]]] = json.loads(Path(__file__).with_suffix(".json").read_text())
    return edges


def list_topics() -> tuple[str, ...]:
    """Return every topic."""
    return tuple(_load_topology())


def subscribers_of(topic: str, lane: str = "live") -> tuple[str, ...]:
    """Return the subscribers of `topic` in a lane ("live" or "backfill")."""
    edge = _load_topology()[topic]
    return tuple(edge["subscribers"]) if lane in edge["lanes"] else ()


def lane_topic(topic: str, lane: str = "live") -> str | None:
    """Return the topic's name on Pub/Sub, where each lane has topics of its own; None: no subscriber."""
    if lane not in _load_topology()[topic]["lanes"]:
        return None
    return topic if lane == "live" else f"{_BACKFILL}{topic}"


def lane_of(subscription: str) -> Lane:
    """Return the lane of a subscription on Pub/Sub, given by its name or its full resource name."""
    return "backfill" if subscription.rpartition("/")[2].startswith(_BACKFILL) else "live"


def subscription_name(topic: str, service: str, lane: str = "live") -> str:
    """Return the subscription's name, such as "data.collected--validator"."""
    return f"{topic if lane == 'live' else _BACKFILL + topic}--{service}"
