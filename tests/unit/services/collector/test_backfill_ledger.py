"""The ledger of backfills: begins and ends are created once; what is corrupt is not believed."""

from datetime import UTC, date, datetime

import pytest

from services.collector import backfill_ledger
from services.collector.backfill_ledger import Chunk, ChunkCollection, ChunkResult
from tests.fakes import InMemoryObjectStore

FIRST, LAST = date(2016, 4, 3), date(2016, 4, 12)
NOW = datetime(2016, 5, 1, tzinfo=UTC)
RUN = f"backfill-0001-{FIRST}-{LAST}"
CHUNK = Chunk(RUN, "mlb", FIRST, LAST)


@pytest.fixture
def objects() -> InMemoryObjectStore:
    return InMemoryObjectStore()


def finish(objects: InMemoryObjectStore, chunk: Chunk, *not_stored: int) -> None:
    backfill_ledger.finish_chunk(objects, chunk, ChunkResult(chunk.run_id, NOW, 9, not_stored))


def test_chunk_that_began_is_unfinished_until_it_ends(objects: InMemoryObjectStore):
    backfill_ledger.begin_chunk(objects, CHUNK)
    assert backfill_ledger.unfinished_chunks(objects, "mlb") == [CHUNK]
    finish(objects, CHUNK)
    assert backfill_ledger.unfinished_chunks(objects, "mlb") == []


def test_chunk_begins_once(objects: InMemoryObjectStore):
    backfill_ledger.begin_chunk(objects, CHUNK)
    backfill_ledger.begin_chunk(objects, Chunk(RUN, "mlb", FIRST, LAST, archived=("raw/later",)))
    assert backfill_ledger.load_chunk(objects, "mlb", RUN) == CHUNK


def test_run_of_no_backfill_has_no_chunk(objects: InMemoryObjectStore):
    assert backfill_ledger.load_chunk(objects, "mlb", "manual-1") is None


def test_jobs_are_numbered_on(objects: InMemoryObjectStore):
    assert backfill_ledger.next_job_id(objects, "mlb") == "backfill-0001"
    backfill_ledger.begin_chunk(objects, CHUNK)
    assert backfill_ledger.next_job_id(objects, "mlb") == "backfill-0002"
    assert backfill_ledger.next_job_id(objects, "nba") == "backfill-0001"


def test_games_that_the_stores_did_not_take_are_remembered(objects: InMemoryObjectStore):
    backfill_ledger.begin_chunk(objects, CHUNK)
    finish(objects, CHUNK, 5, 6)
    assert backfill_ledger.untaken_games(objects, "mlb") == {5, 6}


def test_corrupt_end_makes_the_chunk_unfinished_again(objects: InMemoryObjectStore):
    backfill_ledger.begin_chunk(objects, CHUNK)
    objects.overwrite(f"backfill/mlb/{RUN}/done.json", b"{")
    backfill_ledger.remove_corrupt(objects, "mlb")
    assert backfill_ledger.unfinished_chunks(objects, "mlb") == [CHUNK]
    finish(objects, CHUNK)
    assert backfill_ledger.unfinished_chunks(objects, "mlb") == []


def test_corrupt_begin_is_removed(objects: InMemoryObjectStore):
    objects.overwrite(f"backfill/mlb/{RUN}/begun.json", b"{}")
    assert backfill_ledger.load_chunk(objects, "mlb", RUN) is None
    backfill_ledger.remove_corrupt(objects, "mlb")
    assert objects.list_names("backfill/") == []


def test_publication_is_remembered(objects: InMemoryObjectStore):
    assert not backfill_ledger.is_published(objects, CHUNK)
    backfill_ledger.record_publication(objects, CHUNK, NOW)
    assert backfill_ledger.is_published(objects, CHUNK)


def test_collection_is_recorded_once(objects: InMemoryObjectStore):
    assert backfill_ledger.load_collection(objects, CHUNK) is None
    first = ChunkCollection(RUN, NOW, True, (1, 2))
    for collection in (first, ChunkCollection(RUN, NOW, False)):
        backfill_ledger.record_collection(objects, CHUNK, collection)
    assert backfill_ledger.load_collection(objects, CHUNK) == first


def test_last_chunk_is_the_one_of_the_newest_job(objects: InMemoryObjectStore):
    assert backfill_ledger.last_chunk(objects, "mlb") is None
    backfill_ledger.begin_chunk(objects, CHUNK)
    later = Chunk("backfill-0002-2015-04-05-2015-04-14", "mlb", date(2015, 4, 5), date(2015, 4, 14))
    backfill_ledger.begin_chunk(objects, later)
    assert backfill_ledger.last_chunk(objects, "mlb") == later
