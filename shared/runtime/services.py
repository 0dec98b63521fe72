"""How each service runs: `services.json`, read by bundles, the image, the local cluster and Terraform."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """How a service runs: the entry point in its `main.py`, and the kind of host.

    The sizes in `services.json` are for Terraform and not read here.
    """

    name: str
    runs_as: Literal["function", "service"]
    target: str
    has_job: bool

    @property
    def is_api(self) -> bool:
        """Return whether the target creates an app instead of answering requests itself."""
        return self.target == "create"


@cache
def load_services() -> dict[str, ServiceSpec]:
    """Return every service by name, in pipeline order."""
    specs = json.loads(Path(__file__).with_suffix(".json").read_text())
    return {
        name: ServiceSpec(name, spec["runs_as"], spec["target"], "job" in spec)
        for name, spec in specs.items()
    }
