"""What is remembered for a while, here or in Redis, and what happens when Redis is down."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from services.predict_api.serving.cache import MAX_COUNTERS, REDIS_COOLDOWN, Cache, InProcessCache, RedisCache
from tests.patience import PATIENCE, wait_until


class Watch:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class DownRedis:
    """A client whose server is gone."""

    def __init__(self) -> None:
        self.asked = 0

    def _fail(self, *_args: object, **_named: object) -> None:
        self.asked += 1
        raise ConnectionError("connection refused")

    get = set = pipeline = _fail


def answers(client: Any, absent: type[Exception]) -> bool:
    with suppress(absent):
        return bool(client.ping())
    return False


@pytest.fixture
def redis_memory(tmp_path: Path) -> Iterator[Cache]:
    redis = pytest.importorskip("redis", reason="the redis package is not installed")
    server = shutil.which("redis-server") or pytest.skip("redis-server is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    child = subprocess.Popen([server, *options], stdout=subprocess.DEVNULL)
    client = redis.Redis(port=port)
    try:
        assert wait_until(lambda: answers(client, redis.ConnectionError), PATIENCE)
        yield RedisCache(client)
    finally:
        client.close()
        child.terminate()
        child.wait()


def keeps_its_word(memory: Cache) -> None:
    memory.put("a", b"1", 60)
    assert (memory.get("a"), memory.get("b")) == (b"1", None)
    assert [memory.increment("c", 60) for _ in range(3)] == [1, 2, 3]


def test_this_process_keeps_its_word() -> None:
    keeps_its_word(InProcessCache())


def test_redis_keeps_its_word(redis_memory: Cache) -> None:
    keeps_its_word(redis_memory)
    assert not redis_memory.is_fallback


def test_what_is_old_is_forgotten() -> None:
    watch = Watch()
    memory = InProcessCache(watch)
    memory.put("a", b"1", 10)
    memory.increment("c", 10)
    watch.now = 10
    assert (memory.get("a"), memory.increment("c", 10)) == (None, 1)


def test_the_least_recently_used_makes_room() -> None:
    memory = InProcessCache(max_bytes=30)
    for name in "abc":
        memory.put(name, b"x" * 10, 60)
    memory.get("a")
    memory.put("d", b"x" * 10, 60)
    assert [name for name in "abcd" if memory.get(name)] == ["a", "c", "d"]


def test_counters_are_bounded_and_the_heavy_ones_are_kept() -> None:
    memory = InProcessCache(Watch())
    for _ in range(3):
        memory.increment("heavy", 60)
    for number in range(2 * MAX_COUNTERS):
        memory.increment(f"light {number}", 60)
    assert len(memory._counters) <= MAX_COUNTERS
    assert memory.increment("heavy", 60) == 4


def test_a_redis_that_is_down_is_flagged_and_not_missed() -> None:
    memory = RedisCache(DownRedis(), Watch())
    keeps_its_word(memory)
    assert memory.is_fallback


def test_a_redis_that_is_down_is_left_alone_for_a_while() -> None:
    client, watch = DownRedis(), Watch()
    memory = RedisCache(client, watch)
    for _ in range(100):
        memory.increment("c", 60)
    assert client.asked == 1
    watch.now += REDIS_COOLDOWN
    memory.increment("c", 60)
    assert client.asked == 2
