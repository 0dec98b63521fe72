"""A dead letter, on either bus."""

from dataclasses import dataclass
from datetime import datetime

from shared.errors import Rejected


class CannotReplay(Rejected):
    """A dead letter was replayed before, or never was an event of this bus."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A delivery that failed for good, with its push body and reason; `topic` and `run_id` may be empty."""

    parked_at: datetime
    replayed_at: datetime | None
    id: int | str
    subscription: str
    topic: str
    run_id: str
    lane: str
    attempt: int
    reason: str
    body: bytes
