"""A message goes to a target once within 24 hours and 20 within an hour, however many processes send."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.local.folder_store import FolderStore
from shared.errors import StoreUnavailable
from shared.notifications.ledger import FOLDER, HOURLY_LIMIT, REPEAT_AFTER, SendLedger
from tests.fakes import InMemoryObjectStore

NOON = datetime(2026, 4, 2, 12, tzinfo=UTC)


@dataclass
class World:
    objects: InMemoryObjectStore
    now: datetime = NOON

    def ledger(self) -> SendLedger:
        return SendLedger(self.objects, lambda: self.now)


@pytest.fixture
def world() -> World:
    return World(InMemoryObjectStore())


def test_message_is_claimed_once_by_all_processes(world):
    assert world.ledger().claim_message("1-slack", "abc")
    assert world.ledger().claim_message("1-slack", "abc") is None


def test_targets_and_messages_are_claimed_apart(world):
    ledger = world.ledger()
    assert all(ledger.claim_message(target, one) for target in ("1-slack", "2-json") for one in ("a", "b"))


def test_released_claim_can_be_taken(world):
    ledger = world.ledger()
    ledger.release(ledger.claim_message("1-slack", "abc"))
    assert ledger.claim_message("1-slack", "abc")


@given(
    st.integers(0, 366 * 24 * 3600),
    st.lists(st.integers(0, 30 * 3600), min_size=1, max_size=10),
)
def test_claims_of_a_message_are_a_day_apart(start: int, seconds: list[int]) -> None:
    """Whatever the times, around midnight and across DST too, as they are UTC."""
    world = World(InMemoryObjectStore(), NOON + timedelta(seconds=start))
    claimed: list[datetime] = []
    for step in seconds:
        world.now += timedelta(seconds=step)
        is_due = not claimed or world.now - claimed[-1] >= REPEAT_AFTER
        assert bool(world.ledger().claim_message("1-slack", "abc")) == is_due
        if is_due:
            claimed.append(world.now)


def test_one_of_many_processes_claims(tmp_path):
    def claim(_: int) -> bool:
        return SendLedger(FolderStore(tmp_path), lambda: NOON).claim_message("1-slack", "abc") is not None

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(claim, range(16))).count(True) == 1


def test_places_of_an_hour_are_limited_for_all_processes(world):
    taken = [world.ledger().take_place("1-slack", "alert") for _ in range(HOURLY_LIMIT + 2)]
    assert taken == [*range(1, HOURLY_LIMIT + 1), None, None]
    assert world.ledger().take_place("1-slack", "message") == 1
    assert world.ledger().take_place("2-slack", "alert") == 1
    world.now += timedelta(hours=1)
    assert world.ledger().take_place("1-slack", "alert") == 1


def test_objects_of_earlier_days_are_deleted(world):
    ledger = world.ledger()
    for _ in range(10):
        ledger.claim_message("1-slack", "abc")
        ledger.take_place("1-slack", "alert")
        world.now += timedelta(days=1)
    days = {name.split("/")[1] for name in world.objects.list_names(f"{FOLDER}/")}
    assert days == {"2026-04-10", "2026-04-11"}


class DownStore(InMemoryObjectStore):
    def create_if_absent(self, name: str, data: bytes) -> bool:
        raise StoreUnavailable("disk full")

    def exists(self, name: str) -> bool:
        raise StoreUnavailable("disk full")

    def list_names(self, prefix: str) -> list[str]:
        raise StoreUnavailable("disk full")

    def delete(self, name: str) -> None:
        raise StoreUnavailable("disk full")


def test_store_that_fails_stops_no_message_and_repeats_none():
    world = World(DownStore())
    ledger = world.ledger()
    claim = ledger.claim_message("1-slack", "abc")
    assert claim
    assert ledger.claim_message("1-slack", "abc") is None
    assert ledger.take_place("1-slack", "alert") == 1
    ledger.release(claim)
    assert ledger.claim_message("1-slack", "abc")


def test_time_that_cannot_be_read_is_none(world, caplog):
    world.objects.write_once(f"{FOLDER}/2026-04-01/1-slack/abc", b"yesterday")
    assert world.ledger().claim_message("1-slack", "abc")
    assert "could not read" in caplog.text
