"""A dead letter, on either bus, and the log of them for the morning report."""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime

import msgspec

from shared.errors import Rejected, Unavailable
from shared.ports import ObjectStore
from shared.storage.record_log import load_records, write_record

log = logging.getLogger(__name__)

_FOLDER = "dead-letters"


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


class DeadLetterRecord(msgspec.Struct, frozen=True):
    """When a delivery became a dead letter, of which subscription and run, and why."""

    at: datetime
    subscription: str
    run_id: str
    reason: str


def record_dead_letter(objects: ObjectStore, body: bytes, record: DeadLetterRecord) -> None:
    """Write the record of a push body; a store that refuses is logged: the bus has the dead letter itself."""
    try:
        write_record(objects, _FOLDER, hashlib.sha256(body).hexdigest()[:16], record)
    except (Rejected, Unavailable) as error:
        log.warning("a dead letter is missing in the log: %s", error)


def load_dead_letters(objects: ObjectStore, after: datetime, until: datetime) -> list[DeadLetterRecord]:
    """Return the dead letters after a moment up to another, in order."""
    return load_records(objects, _FOLDER, DeadLetterRecord, after, until)
