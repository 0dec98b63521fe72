"""The durable queue: order, backoff, giving up, crashes, lanes, dead letters and their replay."""

import gc
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.adapters.local.durable_queue import MAX_ATTEMPTS, DeliveriesPending, LocalBus
from shared.errors import StoreCorrupted, StoreUnavailable
from shared.messaging import envelope
from shared.messaging.dead_letters import CannotReplay
from shared.messaging.delivery import PushResponse
from tests.contracts.event_bus import COLLECTED, CREATED

OK, LATER = PushResponse(200, "done"), PushResponse(503, "not yet")


class Stopwatch:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now = datetime(2026, 4, 2, 7, tzinfo=UTC)
        self.slept = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def watch():
    return Stopwatch()


@pytest.fixture
def open_bus(tmp_path, watch):
    def open_bus(**options):
        return LocalBus(tmp_path / "queue.sqlite", clock=watch, sleep=watch.sleep, **options)

    return open_bus


@pytest.fixture
def bus(open_bus):
    return open_bus()


class Handler:
    """Answers as it was told, the last answer for ever, and remembers what came."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.marks = []

    def __call__(self, body):
        self.marks.append(envelope.parse_metadata(body))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def collected(run_id):
    return COLLECTED.model_copy(update={"run_id": run_id})


def test_delivers_oldest_first(bus):
    for run_id in ("a", "b", "c"):
        bus.publish(collected(run_id))
    handler = Handler(OK)
    bus.run_until_idle({"validator": handler})
    assert [mark.run_id for mark in handler.marks] == ["a", "b", "c"]


def test_has_nothing_to_deliver_when_empty(bus):
    assert bus.deliver_next({"validator": Handler(OK)}) is None


def test_leaves_what_nobody_handles(bus):
    bus.publish(CREATED)
    bus.run_until_idle({"trainer": Handler(OK)})
    assert bus.count_pending() == {"features.created--predict_api": 1}


def test_forgets_what_was_acknowledged(bus):
    bus.publish(COLLECTED)
    bus.deliver_next({"validator": Handler(PushResponse(204, ""))})
    assert bus.count_pending() == {}


def test_tells_what_became_of_a_delivery(bus):
    bus.publish(COLLECTED)
    result = bus.deliver_next({"validator": Handler(LATER)})
    assert (result.service, result.topic, result.run_id) == ("validator", "data.collected", "run-1")
    assert (result.attempt, result.answer, result.outcome) == (1, LATER, "delivered again later")


def test_waits_longer_after_each_failure(bus, watch):
    bus.publish(COLLECTED)
    bus.run_until_idle({"validator": Handler(*[LATER] * 8, OK)})
    assert watch.slept == [10, 20, 40, 80, 160, 320, 600, 600]


def test_waits_as_configured(open_bus, watch):
    bus = open_bus(backoff=(0.25, 0.5))
    bus.publish(COLLECTED)
    bus.run_until_idle({"validator": Handler(LATER, LATER, LATER, OK)})
    assert watch.slept == [0.25, 0.5, 0.5]


def test_counts_attempts_from_one(bus):
    bus.publish(COLLECTED)
    handler = Handler(LATER, LATER, OK)
    bus.run_until_idle({"validator": handler})
    assert [mark.attempt for mark in handler.marks] == [1, 2, 3]


def test_goes_on_with_others_while_one_waits(bus):
    bus.publish(collected("stubborn"))
    bus.publish(collected("easy"))
    handler = Handler(LATER, OK)
    bus.run_until_idle({"validator": handler})
    assert [mark.run_id for mark in handler.marks] == ["stubborn", "easy", "stubborn"]


def test_gives_up_after_twenty_attempts(bus):
    bus.publish(COLLECTED)
    handler = Handler(LATER)
    bus.run_until_idle({"validator": handler})
    (letter,) = bus.list_dead_letters()
    assert len(handler.marks) == MAX_ATTEMPTS
    assert "20 attempts" in letter.reason
    assert "503: not yet" in letter.reason


def test_takes_a_raising_handler_for_a_failure(bus):
    def raising(_body):
        raise ValueError("broken")

    bus.publish(COLLECTED)
    result = bus.deliver_next({"validator": raising})
    assert result.answer == PushResponse(500, "ValueError: broken")
    assert bus.count_pending() == {"data.collected--validator": 1}


def test_interrupting_loses_nothing(bus):
    def interrupted(_body):
        raise KeyboardInterrupt

    bus.publish(COLLECTED)
    with pytest.raises(KeyboardInterrupt):
        bus.run_until_idle({"validator": interrupted})
    handler = Handler(OK)
    bus.run_until_idle({"validator": handler})
    assert [mark.attempt for mark in handler.marks] == [2]


def test_stops_waiting_at_the_longest_wait(bus):
    bus.publish(COLLECTED)
    with pytest.raises(
        DeliveriesPending, match=r"within 60 s.*data\.collected--validator after 3 .*503 not yet"
    ):
        bus.run_until_idle({"validator": Handler(LATER)}, max_wait=60)


def test_clock_put_back_holds_nothing_up(bus, watch):
    bus.publish(collected("a"))
    watch.now -= timedelta(days=1)
    bus.run_until_idle({"validator": Handler(LATER, OK)}, max_wait=120)
    assert (bus.count_pending(), watch.slept) == ({}, [10.0])


def test_success_starts_the_wait_anew(bus):
    for run_id in ("a", "b", "c"):
        bus.publish(collected(run_id))
    bus.run_until_idle({"validator": Handler(LATER, LATER, LATER, OK)}, max_wait=10)
    assert bus.count_pending() == {}


def test_tells_of_every_step(bus):
    bus.publish(COLLECTED)
    result = []
    bus.run_until_idle({"validator": Handler(LATER, OK)}, on_step=result.append)
    assert [step.outcome for step in result] == ["delivered again later", "acknowledged"]


def test_delivers_what_a_handler_publishes(bus):
    def publishing(_body):
        bus.publish(CREATED)
        return OK

    heard = Handler(OK)
    bus.publish(COLLECTED)
    bus.run_until_idle({"validator": publishing, "trainer": heard})
    assert [mark.topic for mark in heard.marks] == ["features.created"]


def test_lanes_do_not_hear_each_other(open_bus):
    live, backfill = open_bus(), open_bus(lane="backfill")
    backfill.publish(COLLECTED)
    assert live.deliver_next({"validator": Handler(OK)}) is None
    assert backfill.deliver_next({"validator": Handler(OK)}).run_id == "run-1"


def test_backfill_features_wake_nobody(open_bus):
    backfill = open_bus(lane="backfill")
    backfill.publish(CREATED)
    assert backfill.count_pending() == {}
    assert [result.lane for result in backfill.run_history("run-1")] == ["backfill"]


def test_outlives_its_process(bus, open_bus):
    bus.publish(COLLECTED)
    assert open_bus().count_pending() == {"data.collected--validator": 1}


CRASHING = """
import os, signal, sys
from pathlib import Path
from shared.adapters.local.durable_queue import LocalBus

def crash(body):
    os.kill(os.getpid(), signal.SIGKILL)

LocalBus(Path(sys.argv[1])).run_until_idle({"validator": crash})
"""


def test_killed_delivery_comes_again_at_once(tmp_path):
    bus = LocalBus(tmp_path / "queue.sqlite")
    bus.publish(COLLECTED)
    process = subprocess.run([sys.executable, "-c", CRASHING, tmp_path / "queue.sqlite"], check=False)
    assert process.returncode == -signal.SIGKILL
    handler = Handler(OK)
    bus.deliver_next({"validator": handler})
    assert [mark.attempt for mark in handler.marks] == [2]


def test_killer_delivery_is_given_up(tmp_path, bus, watch):
    bus.publish(COLLECTED)
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(SystemExit):
            bus.deliver_next({"validator": lambda _body: sys.exit(1)})
    result = bus.deliver_next({"validator": Handler(OK)})
    assert result.outcome == "dead letter"
    assert "process died" in bus.list_dead_letters()[0].reason


def test_runs_one_step_at_a_time(tmp_path):
    bus = LocalBus(tmp_path / "queue.sqlite")
    for run_id in "abcdef":
        bus.publish(collected(run_id))
    running, most = [], []

    def slow(_body):
        running.append(1)
        most.append(len(running))
        time.sleep(0.01)
        running.pop()
        return OK

    threads = [threading.Thread(target=bus.run_until_idle, args=({"validator": slow},)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 6


def test_history_tells_a_run_in_order(bus, watch):
    bus.publish(COLLECTED)
    bus.publish(collected("another"))
    watch.sleep(5)
    bus.publish(CREATED)
    result = bus.run_history("run-1")
    assert [fact.topic for fact in result] == ["data.collected", "features.created"]
    assert result[1].published_at == watch.now
    assert envelope.decode_event(result[1].topic, result[1].data) == CREATED


def parked(bus):
    """Publish, refuse and acknowledge one delivery, as the shell does; return the letter's id."""

    def refuse(body):
        bus.dead_letter(body, "Rejected: no", envelope.parse_metadata(body).subscription)
        return OK

    bus.publish(COLLECTED)
    bus.deliver_next({"validator": refuse})
    return bus.list_dead_letters()[-1].id


def test_dead_letter_says_what_it_was(bus, watch):
    letter = bus.find_dead_letter(parked(bus))
    assert (letter.topic, letter.run_id, letter.attempt) == ("data.collected", "run-1", 1)
    assert (letter.reason, letter.parked_at, letter.replayed_at) == ("Rejected: no", watch.now, None)


def test_parking_twice_is_one_letter(bus):
    number = parked(bus)
    letter = bus.find_dead_letter(number)
    bus.dead_letter(letter.body, "Rejected: still no", letter.subscription)
    assert [letter.reason for letter in bus.list_dead_letters()] == ["Rejected: still no"]


def test_replay_delivers_afresh(bus):
    number = parked(bus)
    bus.replay_dead_letter(number)
    handler = Handler(OK)
    bus.run_until_idle({"validator": handler})
    assert [(mark.attempt, mark.run_id) for mark in handler.marks] == [(1, "run-1")]


def test_replay_is_noted(bus, watch):
    number = parked(bus)
    bus.replay_dead_letter(number)
    assert bus.find_dead_letter(number).replayed_at == watch.now


def test_replays_only_once(bus):
    number = parked(bus)
    bus.replay_dead_letter(number)
    with pytest.raises(CannotReplay, match="was replayed at 2026-04-02 07:00:00 UTC"):
        bus.replay_dead_letter(number)
    assert bus.count_pending() == {"data.collected--validator": 1}


def test_replayed_letter_can_die_again(bus):
    bus.replay_dead_letter(parked(bus))
    bus.run_until_idle({"validator": Handler(LATER)})
    assert [letter.replayed_at is None for letter in bus.list_dead_letters()] == [False, True]


def test_replays_into_its_own_lane(open_bus):
    number = parked(backfill := open_bus(lane="backfill"))
    open_bus().replay_dead_letter(number)
    assert backfill.count_pending() == {"data.collected--validator": 1}


def test_refuses_to_replay_garbage(bus):
    bus.dead_letter(b"garbage", "UnknownEvent: garbage", "")
    with pytest.raises(CannotReplay, match="no event announced here"):
        bus.replay_dead_letter(1)
    assert bus.find_dead_letter(1).replayed_at is None


def test_names_the_letters_there_are(bus):
    parked(bus)
    with pytest.raises(KeyError, match=r"among \[1\], got 7"):
        bus.find_dead_letter(7)


def test_says_which_queue_is_broken(tmp_path):
    (tmp_path / "queue.sqlite").write_bytes(b"this is no database, and long enough to be read as one " * 20)
    with pytest.raises(StoreCorrupted, match=r"queue\.sqlite is damaged"):
        LocalBus(tmp_path / "queue.sqlite")


def test_says_where_it_cannot_be_created(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match=r"cannot create the queue .*file/queue\.sqlite"):
        LocalBus(tmp_path / "file" / "queue.sqlite")


@settings(max_examples=25)
@given(
    answers=st.lists(st.sampled_from([200, 204, 400, 500, 503]), min_size=1, max_size=30),
    count=st.integers(1, 6),
)
def test_every_event_ends_acknowledged_or_dead(tmp_path_factory, answers, count):
    watch = Stopwatch()
    bus = LocalBus(tmp_path_factory.mktemp("queue") / "q.sqlite", clock=watch, sleep=watch.sleep)
    for number in range(count):
        bus.publish(collected(f"run-{number}"))
    result = []
    bus.run_until_idle(
        {"validator": Handler(*[PushResponse(status, "") for status in answers])}, on_step=result.append
    )
    ends = Counter(step.run_id for step in result if step.outcome != "delivered again later")
    assert ends == {f"run-{number}": 1 for number in range(count)}
    assert len(bus.list_dead_letters()) == sum(step.outcome == "dead letter" for step in result)


def test_read_only_queue_is_read_and_nothing_is_written_beside_it(tmp_path, monkeypatch):
    path = tmp_path / "queue.sqlite"
    LocalBus(path).publish(COLLECTED)
    gc.collect()  # closes the queue, which folds its log in
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    monkeypatch.setattr("os.access", lambda *_: False)
    bus = LocalBus(path)
    assert [one.run_id for one in bus.published_on(COLLECTED.topic)] == [COLLECTED.run_id]
    assert bus.list_dead_letters() == []
    bus.check_integrity()
    with pytest.raises(StoreUnavailable, match="readonly"):
        bus.publish(COLLECTED)
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before
