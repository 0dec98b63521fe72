"""Steering of a backfill: slots, orders and pace, on a clock that only moves when a thread sleeps."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise

import httpx
import pytest

from services.collector import steering
from services.collector.backfill_ledger import ChunkCollection
from services.collector.mlb.sources.registry import open_sources
from services.collector.steering import CollectionStopped, Control, Steering, load_control, save_control
from shared.runtime.settings import Settings
from tests.fakes import InMemoryObjectStore

CLUBS = b'{"teams": []}'


class ThreadTime:
    """A clock for each thread: one that sleeps is later by that much, and no other is."""

    def __init__(self) -> None:
        self._own = threading.local()

    def __call__(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        self._own.until = seconds

    def moment(self) -> float:
        until, self._own.until = getattr(self._own, "until", 0.0), 0.0
        return until


@pytest.fixture
def objects() -> InMemoryObjectStore:
    return InMemoryObjectStore()


def test_25_workers_never_exceed_the_pace(objects: InMemoryObjectStore):
    time, moments = ThreadTime(), list[float]()
    steer = Steering(objects, "mlb", Control("job", workers=25, pace=8.0), clock=time, sleep=time.sleep)
    transport = httpx.MockTransport(
        lambda _: moments.append(time.moment()) or httpx.Response(200, stream=httpx.ByteStream(CLUBS))
    )
    with open_sources(Settings(), transport=transport, rate_limiter=steer.limiter) as sources:

        def fetch(_number: int) -> None:
            with steer.game_slot():
                sources.mlb.fetch_clubs(2016)

        with ThreadPoolExecutor(25) as pool:
            list(pool.map(fetch, range(200)))
    ordered = sorted(moments)
    assert len(ordered) == steer.limiter.requests == 200
    assert min(later - one for one, later in pairwise(ordered)) == pytest.approx(1 / 8)


def test_pace_holds_on_loopback_too(objects: InMemoryObjectStore):
    time, moments = ThreadTime(), list[float]()
    steer = Steering(objects, "mlb", Control("job", pace=2.0), clock=time, sleep=time.sleep)
    transport = httpx.MockTransport(
        lambda _: moments.append(time.moment()) or httpx.Response(200, stream=httpx.ByteStream(CLUBS))
    )
    settings = Settings(mlb_api_url="http://127.0.0.1:1")
    with open_sources(settings, transport=transport, rate_limiter=steer.limiter) as sources:
        for _ in range(3):
            sources.mlb.fetch_clubs(2016)
    assert moments == [0.0, 0.5, 1.0]


def test_another_pace_holds_from_the_next_request_on(objects: InMemoryObjectStore):
    slept: list[float] = []
    steer = Steering(objects, "mlb", Control("job", pace=10.0), clock=lambda: 0.0, sleep=slept.append)
    steer.limiter.wait_for_slot()
    steer.limiter.wait_for_slot()
    save_control(objects, "mlb", Control("job", pace=1.0))
    steer.check_order()
    steer.limiter.wait_for_slot()
    assert slept == pytest.approx([0.1, 1.1])


def test_no_more_games_at_a_time_than_workers(objects: InMemoryObjectStore):
    steer = Steering(objects, "mlb", Control("job", workers=3))
    active, most, lock, three = 0, 0, threading.Lock(), threading.Barrier(3)

    def fetch(_number: int) -> None:
        nonlocal active, most
        with steer.game_slot():
            with lock:
                active += 1
                most = max(most, active)
            three.wait(60)  # three are admitted together, or nobody goes on
            with lock:
                active -= 1

    with ThreadPoolExecutor(25) as pool:
        list(pool.map(fetch, range(30)))
    assert most == 3


def test_workers_that_are_added_are_admitted(objects: InMemoryObjectStore):
    steer = Steering(objects, "mlb", Control("job", workers=1))
    both = threading.Barrier(2)

    def fetch(_number: int) -> None:
        with steer.game_slot():
            save_control(objects, "mlb", Control("job", workers=2))
            both.wait(60)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(fetch, range(2)))


def test_paused_job_waits_until_it_is_resumed(objects: InMemoryObjectStore):
    polls: list[float] = []

    def sleep(seconds: float) -> None:
        polls.append(seconds)
        if len(polls) == 3:
            save_control(objects, "mlb", Control("job"))

    steer = Steering(objects, "mlb", Control("job"), sleep=sleep)
    save_control(objects, "mlb", Control("job", order="pause"))
    with steer.game_slot():
        assert len(polls) == 3


def test_stop_admits_no_further_game(objects: InMemoryObjectStore):
    steer = Steering(objects, "mlb", Control("job"))
    with steer.game_slot():
        save_control(objects, "mlb", Control("job", order="stop"))
    with pytest.raises(CollectionStopped), steer.game_slot():
        pass


@pytest.mark.parametrize(
    "body", [b"{", b'{"job": "job", "workers": 99}', b'{"job": "another", "order": "stop"}']
)
def test_control_that_is_not_this_jobs_or_not_valid_changes_nothing(
    objects: InMemoryObjectStore, body: bytes
):
    steer = Steering(objects, "mlb", Control("job", workers=5))
    objects.overwrite(steering.control_name("mlb"), body)
    steer.check_order()
    assert steer.control == Control("job", workers=5)


def test_missing_control_is_none(objects: InMemoryObjectStore):
    assert load_control(objects, "mlb") is None


def test_game_that_a_retry_gives_is_no_failure(objects: InMemoryObjectStore):
    steer = Steering(objects, "mlb", Control("job"))
    record = partial(steer.record_game, 7)
    record(is_fetched=False)
    record(is_fetched=True)
    assert (steer.fetched, steer.failed) == ({7}, set())


def test_control_object_is_read_no_more_often_than_is_said(objects: InMemoryObjectStore):
    seconds = [0.0]
    steer = Steering(objects, "mlb", Control("job"), clock=lambda: seconds[0], read_interval=2.0)
    steer.check_order()
    save_control(objects, "mlb", Control("job", workers=20))
    seconds[0] = 1.9
    steer.check_order()
    assert steer.control.workers == 8
    seconds[0] = 2.0
    steer.check_order()
    assert steer.control.workers == 20


@pytest.mark.parametrize("order", ["pause", "stop"])
def test_steering_that_is_not_stoppable_follows_the_workers_alone(
    objects: InMemoryObjectStore, order: steering.Order
):
    steer = Steering(objects, "mlb", Control("job"), is_stoppable=False)
    save_control(objects, "mlb", Control("job", order=order, workers=20))
    with steer.game_slot():
        assert steer.control.workers == 20


def test_collection_elsewhere_is_counted(objects: InMemoryObjectStore):
    steer, seen = Steering(objects, "mlb", Control("job")), list[int]()
    steer.on_game = lambda: seen.append(len(steer.fetched))
    now = datetime(2026, 5, 1, tzinfo=UTC)
    steer.add_collection(ChunkCollection("run", now, True, (1, 2), (3,), 1, 100, 9))
    steer.add_collection(ChunkCollection("later", now, True, (3,), (), 0, 50, 4))
    assert (steer.fetched, steer.failed, seen) == ({1, 2, 3}, set(), [2, 3])
    assert (steer.from_archive, steer.feed_bytes, steer.limiter.requests) == (1, 150, 13)
