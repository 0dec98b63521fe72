"""A lease lets one work at a time, and lets another go on where one died."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from shared.messaging.lease import Lease, LeaseState
from tests.fakes import InMemoryObjectStore

HOUR = timedelta(hours=1)


class Clock:
    now = datetime(2026, 6, 1, 6, tzinfo=UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def lease(clock):
    objects = InMemoryObjectStore()
    return lambda delivery="message-1": Lease(objects, "event-1", delivery, clock, HOUR)


def test_is_held_by_whoever_took_it(lease):
    assert lease().try_acquire()
    assert not lease().try_acquire()
    assert lease().current_state() is LeaseState.HELD


def test_one_of_eight_takes_it(lease):
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: lease().try_acquire(), range(8))).count(True) == 1


def test_work_that_died_is_free_once_its_time_is_over(lease, clock):
    lease().try_acquire()
    clock.now += HOUR
    assert lease().try_acquire()


def test_work_given_up_is_free_at_once(lease):
    lease().try_acquire()
    lease().release()
    assert lease().try_acquire()


def test_done_work_is_not_done_again_for_the_same_delivery(lease):
    lease().try_acquire()
    lease().mark_done()
    assert lease().current_state() is LeaseState.DONE
    assert not lease().try_acquire()


def test_done_work_may_be_asked_for_again_by_another_message(lease):
    lease().try_acquire()
    lease().mark_done()
    assert lease("message-2").try_acquire()
