"""The log of validated batches."""

from datetime import date, datetime

import msgspec

from shared.ports import ObjectStore
from shared.storage.record_log import load_records, write_record

_FOLDER = "batches"


class BatchRecord(msgspec.Struct, frozen=True):
    """What one batch was: its days, grade and counts.

    `games` are over and complete; `failures` are requests that failed on every source.
    """

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
    write_record(objects, _FOLDER, f"{record.run_id}-{record.attempt}", record)


def load_batches(objects: ObjectStore, after: datetime, until: datetime) -> list[BatchRecord]:
    """Return the batches validated after a moment up to another, each once, in order."""
    records = load_records(objects, _FOLDER, BatchRecord, after, until)
    last = {(one.run_id, one.attempt): one for one in records}
    return sorted(last.values(), key=lambda one: one.at)
