"""The log of batches: each once, in order, between two moments, whatever else is in the folder."""

from datetime import UTC, date, datetime, timedelta

import msgspec

from shared.storage.batch_log import BatchRecord, load_batches, record_batch
from tests.fakes import InMemoryObjectStore

NOON = datetime(2026, 4, 14, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST = BatchRecord(NOON, "daily-1", 0, "daily", (date(2026, 4, 13),), "A", (1, 2), 500, 0, 12, 0)


def test_batches_between_two_moments_are_found_in_order() -> None:
    objects = InMemoryObjectStore()
    late = msgspec.structs.replace(FIRST, at=NOON + 20 * HOUR, run_id="lineups-2")
    for one in (late, FIRST):
        record_batch(objects, one)
    assert load_batches(objects, NOON - HOUR, NOON + 20 * HOUR) == [FIRST, late]
    assert load_batches(objects, NOON, NOON + 20 * HOUR) == [late]
    assert load_batches(objects, NOON - HOUR, NOON + 19 * HOUR) == [FIRST]


def test_a_batch_validated_again_over_midnight_counts_once() -> None:
    objects = InMemoryObjectStore()
    again = msgspec.structs.replace(FIRST, at=NOON + 13 * HOUR)
    record_batch(objects, FIRST)
    record_batch(objects, again)
    assert load_batches(objects, NOON - HOUR, NOON + 24 * HOUR) == [again]


def test_a_record_that_cannot_be_read_is_passed_over() -> None:
    objects = InMemoryObjectStore()
    record_batch(objects, FIRST)
    objects.overwrite("batches/2026-04-14/other-0.json", b"{")
    objects.overwrite("batches/2026-04-14/corrupt-0.json", b"{}")
    objects.corrupt("batches/2026-04-14/corrupt-0.json")
    assert load_batches(objects, NOON - HOUR, NOON) == [FIRST]
