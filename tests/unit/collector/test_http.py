"""One source over HTTP: retries, waits, pace and circuit, against a server on loopback."""

import json
import random

import msgspec
import pytest

from services.collector.errors import BodyUnusable, CircuitOpen, EmptyAnswer, Faltering, Refused
from services.collector.sources.http import Breaker, HttpSource, Pace, is_loopback, retry_after
from tests.unit.collector.fakes import Waits, Watch
from tests.unit.collector.loopback import Reply, ok, world

GOOD = ok({"answer": 42})


def decode(body: bytes) -> object:
    try:
        value = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise BodyUnusable(str(error)) from None
    if value == {}:
        raise EmptyAnswer("nothing in it")
    return value


@pytest.fixture
def outside():
    with world() as it:
        yield it


@pytest.fixture
def waits():
    return Waits()


@pytest.fixture
def source(outside, waits):
    it = HttpSource("mlb_stats_api", outside.url, sleep=waits, timeout=30.0)
    yield it
    it.close()


def test_tells_where_the_answer_came_from(source, outside):
    outside.routes["/x"] = GOOD
    answer = source.get("/x", decode, {"day": "2026-08-05"})
    assert (answer.value, answer.url) == ({"answer": 42}, f"{outside.url}/x?day=2026-08-05")


@pytest.mark.parametrize(
    "trouble",
    [
        Reply(500, b'{"message":"Internal error occurred"}'),
        Reply(429),
        Reply(200, json.dumps({"answer": list(range(99))}).encode(), cut=40),
        Reply(200, b'{"answer": 4'),
        Reply(200, b"<html>sorry</html>"),
        Reply(200, b"{}"),
    ],
    ids=["500", "429", "connection cut", "truncated", "not json", "empty"],
)
def test_asks_again_after_trouble(source, outside, waits, trouble):
    outside.routes["/x"] = [trouble, GOOD]
    assert source.get("/x", decode).value == {"answer": 42}
    assert len(waits.seconds) == 1


def test_asks_again_after_a_hang(outside, waits):
    outside.routes["/x"] = [Reply(hang=5.0), GOOD]
    source = HttpSource("mlb_stats_api", outside.url, sleep=waits, timeout=0.2)
    assert source.get("/x", decode).value == {"answer": 42}
    source.close()


def test_gives_up_after_five_tries(source, outside):
    outside.routes["/x"] = Reply(503)
    with pytest.raises(Faltering, match=r"/x: 503"):
        source.get("/x", decode)
    assert outside.times_asked("/x") == 5


def test_waits_longer_each_time_with_jitter(source, outside, waits):
    outside.routes["/x"] = Reply(500)
    random.seed(7)
    with pytest.raises(Faltering):
        source.get("/x", decode)
    bounds = zip(waits.seconds, [(1, 1), (1, 2), (2, 4), (4, 8)], strict=True)
    assert all(low <= seconds <= high for seconds, (low, high) in bounds)


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("0", 0.0), ("86400", 60.0)])
def test_honours_retry_after_up_to_a_minute(source, outside, waits, header, seconds):
    outside.routes["/x"] = [Reply(429, headers={"Retry-After": header}), GOOD]
    source.get("/x", decode)
    assert waits.seconds == [seconds]


def test_retry_after_may_be_a_date():
    assert retry_after("Wed, 05 Aug 2026 12:00:30 GMT", now=lambda: 1785931200.0) == 30.0


@pytest.mark.parametrize("header", [None, "soon"])
def test_retry_after_that_says_nothing_is_none(header):
    assert retry_after(header) is None


def test_does_not_ask_again_for_what_is_not_there(source, outside):
    with pytest.raises(Refused, match="expected 200, got 404"):
        source.get("/nowhere", decode)
    assert outside.times_asked("/nowhere") == 1


def test_error_names_the_address(source, outside):
    outside.routes["/x"] = Reply(200, b"{}")
    with pytest.raises(EmptyAnswer, match=rf"{outside.url}/x: nothing in it"):
        source.get("/x", decode)


def test_unreachable_source_falters(waits):
    source = HttpSource("mlb_stats_api", "http://127.0.0.1:9", sleep=waits, timeout=1.0)
    with pytest.raises(Faltering, match="ConnectError"):
        source.get("/x", decode)
    source.close()


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def guarded(outside, waits, watch):
    breaker = Breaker(threshold=3, rest=60.0, clock=watch)
    it = HttpSource("mlb_stats_api", outside.url, breaker=breaker, sleep=waits, timeout=30.0)
    yield it
    it.close()


def fail(source, times):
    for _ in range(times):
        with pytest.raises(Faltering):
            source.get("/bad", decode)


def test_circuit_opens_after_three_failed_calls(guarded, outside):
    outside.routes["/bad"] = Reply(500)
    fail(guarded, 3)
    with pytest.raises(CircuitOpen, match="3 calls in a row failed"):
        guarded.get("/bad", decode)
    assert outside.times_asked("/bad") == 15


def test_success_between_failures_keeps_it_closed(guarded, outside):
    outside.routes |= {"/bad": Reply(500), "/good": GOOD}
    fail(guarded, 2)
    guarded.get("/good", decode)
    fail(guarded, 2)
    assert guarded.get("/good", decode).value == {"answer": 42}


def test_circuit_closes_when_a_later_try_succeeds(guarded, outside, watch):
    outside.routes |= {"/bad": Reply(500), "/good": GOOD}
    fail(guarded, 3)
    watch.now += 61
    guarded.get("/good", decode)
    assert guarded.get("/good", decode).value == {"answer": 42}


def test_half_open_circuit_lets_one_call_through(watch):
    breaker = Breaker(threshold=1, rest=60.0, clock=watch)
    breaker.failed()
    watch.now += 61
    breaker.check("mlb_stats_api")
    with pytest.raises(CircuitOpen):
        breaker.check("mlb_stats_api")


def test_circuit_opens_again_when_the_later_try_fails(guarded, outside, watch):
    outside.routes["/bad"] = Reply(500)
    fail(guarded, 3)
    watch.now += 61
    fail(guarded, 1)
    with pytest.raises(CircuitOpen):
        guarded.get("/bad", decode)


def test_missing_things_do_not_open_the_circuit(guarded, outside):
    outside.routes["/good"] = GOOD
    for _ in range(4):
        with pytest.raises(Refused):
            guarded.get("/nowhere", decode)
    assert guarded.get("/good", decode).value == {"answer": 42}


def test_pace_spaces_requests_evenly(waits, watch):
    pace = Pace(4.0, clock=watch, sleep=waits)
    for _ in range(3):
        pace.wait()
    assert waits.seconds == [0.25, 0.5]


@pytest.mark.parametrize(
    ("url", "is_ours"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://localhost:1", True),
        ("http://[::1]:5", True),
        ("https://statsapi.mlb.com", False),
        ("http://10.0.0.1", False),
    ],
)
def test_knows_this_machine(url, is_ours):
    assert is_loopback(url) is is_ours


def test_what_a_server_can_never_answer_is_not_asked_for_again(source, outside, waits):
    outside.routes["/x"] = Reply(501, b'{"message":"The stand-in itself failed: KeyError: 7"}')
    with pytest.raises(Refused, match=r"501 .*The stand-in itself failed: KeyError: 7"):
        source.get("/x", decode)
    assert waits.seconds == []
