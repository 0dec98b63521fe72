"""How each room runs: `rooms.json`, read by bundles, the image, `hankstank up` and Terraform."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """A room's way of running: the name that its `main.py` offers, and what kind of host calls it.

    The sizes in `rooms.json` are for Terraform; only what Python decides on is read here.
    """

    name: str
    runs_as: Literal["function", "service"]
    target: str
    has_job: bool

    @property
    def is_api(self) -> bool:
        """Return whether the target makes a WSGI app instead of answering requests itself."""
        return self.target == "create"


@cache
def load_services() -> dict[str, ServiceSpec]:
    """Return every room by name, in the order of the chain."""
    specs = json.loads(Path(__file__).with_suffix(".json").read_text())
    return {
        name: ServiceSpec(name, room["runs_as"], room["target"], "job" in room)
        for name, room in specs.items()
    }
