"""Logs of small records: one object each, in the folder of its day (UTC), so that a day is read alone."""

import logging
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import msgspec

from shared.errors import ObjectCorrupted, ObjectMissing
from shared.ports import ObjectStore

log = logging.getLogger(__name__)

_DAY = timedelta(days=1)


class _Record(Protocol):
    @property
    def at(self) -> datetime: ...


T = TypeVar("T", bound=_Record)


def write_record(objects: ObjectStore, folder: str, key: str, record: _Record) -> None:
    """Write a record; the same key on the same day writes it again."""
    objects.overwrite(f"{folder}/{record.at.date()}/{key}.json", msgspec.json.encode(record))


def load_records(
    objects: ObjectStore, folder: str, kind: type[T], after: datetime, until: datetime
) -> list[T]:
    """Return the records after a moment up to another, in order; one that cannot be read is passed over."""
    found: list[T] = []
    day = after.date()
    while day <= until.date():
        names = objects.list_names(f"{folder}/{day}/")
        found += [record for name in names if (record := _load_record(objects, name, kind))]
        day += _DAY
    return sorted((one for one in found if after < one.at <= until), key=lambda one: one.at)


def _load_record(objects: ObjectStore, name: str, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(objects.read_bytes(name), type=kind)
    except (ObjectMissing, ObjectCorrupted, msgspec.MsgspecError) as error:
        log.warning("%s: passed over: %s", name, error)
        return None
