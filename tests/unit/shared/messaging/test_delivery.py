"""What the shell answers the bus, and what it parks."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest

from shared.errors import Rejected, SourceUnavailable, StoreUnavailable, Unavailable
from shared.messaging import envelope
from shared.messaging.dead_letters import DeadLetterRecord, load_dead_letters
from shared.messaging.delivery import MAX_BUG_DELIVERIES, PushResponse, handle_delivery
from tests import fakes
from tests.contracts.event_bus import COLLECTED, CREATED

NOON = datetime(2026, 4, 2, 12, tzinfo=UTC)
SUBSCRIPTION = "data.collected--validator"


def body(attempt=1):
    data = COLLECTED.model_dump_json().encode()
    message = envelope.Message(data, envelope.event_attributes(COLLECTED), "1", NOON)
    return envelope.push_body(message, SUBSCRIPTION, attempt)


@pytest.fixture
def ports():
    return fakes.ports(warehouse=None)


def answer(ports, step, posted=None):
    return handle_delivery(posted or body(), step, ports, lambda: NOON)


def raising(error):
    def step(event, ports, now):
        raise error

    return step


def test_publishes_what_a_step_returns(ports):
    assert answer(ports, lambda event, ports, now: [CREATED]) == PushResponse(200, "done")
    assert ports.bus.published == [CREATED]


def test_hands_event_ports_and_time_to_the_step(ports):
    seen = []
    answer(ports, lambda *given: seen.append(given) or [])
    assert seen == [(COLLECTED, ports, NOON)]


def test_parks_what_is_rejected(ports):
    response = answer(ports, raising(Rejected("no such season")))
    assert response == PushResponse(200, "dead letter: Rejected: no such season")
    assert ports.bus.dead_letters == [(body(), "Rejected: no such season", SUBSCRIPTION)]


def test_dead_letters_are_logged_for_the_report(ports):
    answer(ports, raising(Rejected("no such season")))
    (record,) = load_dead_letters(ports.objects, NOON - timedelta(days=1), NOON)
    assert record == DeadLetterRecord(NOON, SUBSCRIPTION, COLLECTED.run_id, "Rejected: no such season")
    assert load_dead_letters(ports.objects, NOON, NOON + timedelta(days=1)) == []


def test_a_log_that_cannot_be_written_loses_no_dead_letter(ports):
    with patch.object(ports.objects, "overwrite", side_effect=StoreUnavailable("full")):
        assert answer(ports, raising(Rejected("no such season"))).outcome == "dead_letter"
    assert len(ports.bus.dead_letters) == 1


def test_alerts_when_it_parks(ports):
    answer(ports, raising(Rejected("no such season")))
    assert [(severity, title) for severity, title, _ in ports.notifier.alerts] == [
        ("critical", "delivery became a dead letter")
    ]


@pytest.mark.parametrize("error", [Unavailable("disk full"), SourceUnavailable("circuit open")])
def test_asks_for_redelivery_when_unavailable(ports, error):
    assert answer(ports, raising(error)) == PushResponse(503, str(error))
    assert ports.bus.dead_letters == []


def test_bug_is_answered_500(ports):
    assert answer(ports, raising(ZeroDivisionError("by zero"))) == PushResponse(
        500, "ZeroDivisionError: by zero"
    )
    assert ports.bus.dead_letters == []


def test_bug_is_a_dead_letter_from_the_fifth_delivery(ports):
    response = answer(ports, raising(ZeroDivisionError("by zero")), body(MAX_BUG_DELIVERIES))
    assert response.status == 200
    assert ports.bus.dead_letters[0][1] == "ZeroDivisionError: by zero"


@pytest.mark.parametrize("posted", [b"garbage", b"{}", b"[]", b"\xff", b'{"message": {"data": "e30="}}'])
def test_what_is_no_event_becomes_a_dead_letter(ports, posted):
    assert answer(ports, raising(AssertionError), posted).status == 200
    assert ports.bus.dead_letters[0][1].startswith("UnknownEvent: ")


def test_failed_announcement_is_redelivered(ports):
    ports.bus.down = True
    assert answer(ports, lambda event, ports, now: [CREATED]) == PushResponse(503, "the bus is down")


def test_dead_letter_that_cannot_be_stored_is_redelivered(ports):
    ports.bus.down = True
    response = answer(ports, raising(Rejected("no such season")))
    assert response.status == 503
    assert "no such season" in response.text


def test_broken_dead_letter_queue_is_redelivered(ports, monkeypatch):
    monkeypatch.setattr(ports.bus, "dead_letter", raising(RuntimeError("broken")))
    assert answer(ports, raising(Rejected("no"))).status == 503


def test_announces_nothing_of_a_step_that_fails_half_way(ports):
    def half(event, ports, now):
        yield CREATED
        raise Unavailable("the disk is full")

    assert answer(ports, half).status == 503
    assert ports.bus.published == []
