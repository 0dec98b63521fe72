"""One source over HTTP: retries, waits, pace and circuit, against a server on loopback."""

import gzip
import json
import random
import tracemalloc

import httpx
import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.collector.errors import BodyUnusable, CircuitOpen, EmptyAnswer, Faltering, Refused
from services.collector.sources.http import Breaker, HttpSource, Pace, is_loopback, retry_after
from services.collector.wire.decoding import decode_json
from tests.unit.collector.fakes import Waits, Watch
from tests.unit.collector.loopback import Reply, ok, world

GOOD = ok({"answer": 42})
PAST, FUTURE = "Wed, 05 Aug 2020 12:00:30 GMT", "Wed, 05 Aug 9998 12:00:30 GMT"
MARKED = {"Content-Encoding": "gzip"}


def packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


DEEP = b'{"answer":' + b"[" * 200_000 + b"]" * 200_000 + b"}"


def decode(body: bytes) -> object:
    value = decode_json(msgspec.json.Decoder(), body, "an answer")
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
        Reply(200, b'{"answer": 42}', MARKED),
        Reply(200, packed(b'{"answer": 42}')[:-9], MARKED),
        Reply(200, packed(b'{"answer": 42}') + b"more", MARKED),
        Reply(200, b'{"answer": 42}', {"Content-Encoding": "zstd"}),
        Reply(500, b'{"answer": 42}', MARKED),
        Reply(200, DEEP),
    ],
    ids=[
        "500",
        "429",
        "connection cut",
        "truncated",
        "not json",
        "empty",
        "gzip that is none",
        "gzip that breaks off",
        "gzip with something after it",
        "an encoding nobody asked for",
        "500 marked gzip that is none",
        "deep json",
    ],
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


def test_packed_answer_is_unpacked(source, outside):
    members = packed(b'{"answer"') + packed(b": 42}")
    outside.routes["/x"] = Reply(200, members, MARKED)
    answer = source.get("/x", decode)
    assert (answer.value, answer.body) == ({"answer": 42}, b'{"answer": 42}')


@pytest.mark.parametrize("size", [1000, 1001])
@pytest.mark.parametrize("headers", [{}, MARKED], ids=["plain", "packed"])
def test_body_is_taken_up_to_its_limit(source, outside, size, headers):
    body = json.dumps("x" * (size - 2)).encode()
    outside.routes["/x"] = Reply(200, packed(body) if headers else body, headers)
    if size == 1000:
        assert len(source.get("/x", decode, limit=1000).value) == 998
    else:
        with pytest.raises(BodyUnusable, match=r"expected a body of at most 0\.001 MB, got more"):
            source.get("/x", decode, limit=1000)


def test_bomb_is_not_unpacked(source, outside):
    outside.routes["/x"] = Reply(200, packed(b" " * 300_000_000), MARKED)
    tracemalloc.start()
    try:
        with pytest.raises(BodyUnusable, match="at most 8 MB"):
            source.get("/x", decode)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 32_000_000


class SlowStream(httpx.SyncByteStream):
    """A body whose every byte takes a second of the watch."""

    def __init__(self, watch):
        self.watch = watch

    def __iter__(self):
        for _ in range(10_000):
            self.watch.now += 1
            yield b" "


def test_trickle_ends_at_the_deadline(waits, watch):
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=SlowStream(watch)))
    source = HttpSource("savant", "http://x", sleep=waits, clock=watch, deadline=90.0, transport=transport)
    began = watch.now
    with pytest.raises(Faltering, match="expected the whole body before the deadline, got 91 bytes of it"):
        source.get("/x", decode)
    assert watch.now - began == 5 * 91
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


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0", 0.0), ("86400", 60.0), ("9" * 400, 60.0), (PAST, 0.0), (FUTURE, 60.0)],
)
def test_honours_retry_after_up_to_a_minute(source, outside, waits, header, seconds):
    outside.routes["/x"] = [Reply(429, headers={"Retry-After": header}), GOOD]
    source.get("/x", decode)
    assert waits.seconds == [seconds]


def test_retry_after_may_be_a_date():
    assert retry_after("Wed, 05 Aug 2026 12:00:30 GMT", now=lambda: 1785931200.0) == 30.0


@pytest.mark.parametrize(
    "header", [None, "", "soon", "²", "-5", "nan", "inf", "1e3", "1_0", "Mon, 99 Jan 2024"]
)
def test_retry_after_that_says_nothing_is_none(header):
    assert retry_after(header) is None


@given(st.text())
@example("0\x1f")  # space to strip(), not to float()
def test_retry_after_of_any_text_is_seconds_or_nothing(header):
    seconds = retry_after(header)
    assert seconds is None or seconds >= 0


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
