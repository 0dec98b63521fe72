"""The log of validated batches: one small object each, in the folder of its day (UTC)."""

import logging
from datetime import date, datetime, timedelta

import msgspec

from shared.errors import ObjectCorrupted, ObjectMissing
from shared.ports import ObjectStore

log = logging.getLogger(__name__)

PREFIX = "batches/"
_DAY = timedelta(days=1)


class BatchRecord(msgspec.Struct, frozen=True):
    """What one batch was: its days, grade and counts. `failures` are requests that failed on every source."""

    at: datetime
    run_id: str
    attempt: int
    trigger: str
    dates: tuple[date, ...]
    grade: str
    games: tuple[int, ...]
    rows: int
    quarantined: int
    requests: int
    failures: int


def record_batch(objects: ObjectStore, record: BatchRecord) -> None:
    """Write a batch's record; a redelivery writes it again."""
    name = f"{PREFIX}{record.at.date()}/{record.run_id}-{record.attempt}.json"
    objects.overwrite(name, msgspec.json.encode(record))


def load_batches(objects: ObjectStore, after: datetime, until: datetime) -> list[BatchRecord]:
    """Return the batches validated after a moment up to another, each once, in order.

    A record that cannot be read is passed over.
    """
    found: dict[tuple[str, int], BatchRecord] = {}
    day = after.date()
    while day <= until.date():
        for name in objects.list_names(f"{PREFIX}{day}/"):
            record = _load_record(objects, name)
            if record and after < record.at <= until:
                found[record.run_id, record.attempt] = record
        day += _DAY
    return sorted(found.values(), key=lambda one: (one.at, one.run_id, one.attempt))


def _load_record(objects: ObjectStore, name: str) -> BatchRecord | None:
    try:
        return msgspec.json.decode(objects.read_bytes(name), type=BatchRecord)
    except (ObjectMissing, ObjectCorrupted, msgspec.MsgspecError) as error:
        log.warning("%s: passed over: %s", name, error)
        return None
