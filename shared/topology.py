"""Who hears what: read from `topology.json` by the local bus, the tests and Terraform alike."""

import json
from functools import cache
from pathlib import Path

DEAD_LETTERS = "dead-letters"


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


def subscription(topic: str, service: str) -> str:
    """Return the subscription's name, such as "data.collected--validator"."""
    return f"{topic}--{service}"
