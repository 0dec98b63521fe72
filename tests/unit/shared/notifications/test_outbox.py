"""The outbox keeps its callers from waiting, bounds what waits, and names what was not sent."""

import subprocess
import sys
from datetime import UTC, datetime
from threading import Thread

import pytest

from shared.notifications.ledger import HOURLY_LIMIT, SendLedger
from shared.notifications.outbox import LONGEST_ALERT, QUEUE_SIZE, Message, Outbox, alert_message
from tests.fakes import InMemoryObjectStore
from tests.patience import PATIENCE, wait_until
from tests.unit.shared.notifications.channels import SECRET, RecordingChannel, channels

NOON = datetime(2026, 4, 2, 12, tzinfo=UTC)
WITHIN_S = 60


def outbox(*targets: RecordingChannel, answer_within_s: float = 30) -> Outbox:
    ledger = SendLedger(InMemoryObjectStore(), lambda: NOON)
    senders = [target.sender(answer_within_s) for target in targets]
    return Outbox(senders, ledger, lambda: "Data: simulated league")


def report(number: int) -> Message:
    return Message(f"report {number}", f"day {number}")


def test_messages_arrive_in_order_with_their_source():
    (channel,) = channels(1)
    sent = outbox(channel)
    for number in range(5):
        sent.put(report(number))
    assert sent.wait_until_sent(WITHIN_S)
    assert channel.titles == [f"report {number}" for number in range(5)]
    assert channel.received[0].text == "day 0\n\nData: simulated league"


def test_page_is_passed_on():
    (channel,) = channels(1)
    sent = outbox(channel)
    sent.put(Message("report", "short", "<p>long</p>"))
    assert sent.wait_until_sent(WITHIN_S)
    assert channel.received[0].html == "<p>long</p>"


def test_flood_ends_at_the_limit_and_the_last_names_it(caplog):
    (channel,) = channels(1)
    sent = outbox(channel)
    for number in range(HOURLY_LIMIT + 5):
        sent.put(alert_message("warning", "features drifted", {"number": number}))
    sent.put(report(1))
    assert sent.wait_until_sent(WITHIN_S)
    assert len(channel.received) == HOURLY_LIMIT + 1
    assert channel.titles[-1] == "report 1"
    named = ["no more are sent" in message.text for message in channel.received]
    assert named == [False] * (HOURLY_LIMIT - 1) + [True, False]
    assert caplog.text.count("20 were sent within the hour") == 5


def test_queue_is_bounded_and_what_does_not_fit_is_logged(caplog):
    (channel,) = channels(1)
    channel.hang()
    sent = outbox(channel)
    sent.put(report(0))
    channel.begun.wait(WITHIN_S)
    for number in range(1, QUEUE_SIZE + 4):
        sent.put(report(number))
    assert caplog.text.count("100 messages wait already") == 3
    channel.released.set()
    assert sent.wait_until_sent(WITHIN_S)


def test_target_that_hangs_keeps_no_other_waiting(caplog):
    hanging, other = channels(2)
    hanging.hang()
    sent = outbox(hanging, other, answer_within_s=0.05)
    sent.put(report(1))
    sent.put(report(2))
    assert sent.wait_until_sent(WITHIN_S)
    assert other.titles == ["report 1", "report 2"]
    assert "notification 1 (slack://***) not sent: report 1: no answer within 0.05 s" in caplog.text
    assert "not sent: report 2: an earlier message hangs" in caplog.text
    hanging.released.set()


def test_refused_message_is_sent_when_it_is_put_again(caplog):
    (channel,) = channels(1)
    channel.reason = "error=503"
    sent = outbox(channel)
    sent.put(report(1))
    assert sent.wait_until_sent(WITHIN_S)
    assert "notification 1 (slack://***) not sent: report 1: error=503" in caplog.text
    channel.reason = None
    sent.put(report(1))
    sent.put(report(1))
    assert sent.wait_until_sent(WITHIN_S)
    assert channel.titles == ["report 1"]


def test_message_that_may_have_arrived_is_not_sent_again(caplog):
    (channel,) = channels(1)
    channel.hang()
    sent = outbox(channel, answer_within_s=0.05)
    sent.put(report(1))
    assert sent.wait_until_sent(WITHIN_S)
    channel.released.set()
    assert wait_until(lambda: channel.received, PATIENCE)
    sent.put(report(1))
    assert sent.wait_until_sent(WITHIN_S)
    assert channel.titles == ["report 1"]


def test_error_of_a_channel_is_logged_without_its_text(caplog):
    (channel,) = channels(1)
    channel.error = OSError(f"cannot reach https://hooks.slack.com/{SECRET}")
    sent = outbox(channel)
    sent.put(report(1))
    assert sent.wait_until_sent(WITHIN_S)
    assert "not sent: report 1: failed with OSError" in caplog.text
    assert SECRET not in caplog.text


def test_process_that_starts_no_thread_logs_the_message(monkeypatch, caplog):
    def start(_thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    (channel,) = channels(1)
    sent = outbox(channel)
    with monkeypatch.context() as patched:
        patched.setattr(Thread, "start", start)
        sent.put(report(1))
    assert "not sent: report 1: can't start new thread" in caplog.text
    sent.put(report(2))
    assert sent.wait_until_sent(WITHIN_S)
    assert channel.titles == ["report 2"]


def test_wait_ends_at_its_time():
    (channel,) = channels(1)
    channel.hang()
    sent = outbox(channel)
    sent.put(report(1))
    assert not sent.wait_until_sent(0.01)
    channel.released.set()
    assert sent.wait_until_sent(WITHIN_S)


def test_without_targets_nothing_happens():
    sent = Outbox()
    sent.put(report(1))
    assert sent.wait_until_sent(0)


def test_long_alert_is_shortened():
    message = alert_message("critical", "batch graded F", {"games": list(range(10_000))})
    assert (message.title, len(message.text)) == ("critical: batch graded F", LONGEST_ALERT)


def test_alert_without_details_has_its_title_as_text():
    assert alert_message("warning", "features drifted", {}).text == "features drifted"


@pytest.mark.parametrize("hangs", [False, True])
def test_end_of_a_process_waits_for_what_is_left_for_a_while(hangs):
    """The process prints what arrived before its end, which a hanging target does not hold up."""
    script = f"""
import time
from tests.unit.shared.notifications.channels import channels
from tests.unit.shared.notifications.test_outbox import outbox, report
from shared.notifications import outbox as module
module.EXIT_WITHIN_S = {0.1 if hangs else 60}
(channel,) = channels(1)
deliver = channel.deliver
def slow(message):
    time.sleep({3600 if hangs else 0.3})
    print("arrived", message.title, flush=True)
channel.deliver = slow
outbox(channel).put(report(1))
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=WITHIN_S, check=True
    )
    assert ended.stdout == ("" if hangs else "arrived report 1\n")
    assert ("1 not sent at the end" in ended.stderr) == hangs
