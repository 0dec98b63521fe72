"""Push bodies in and out, and what is refused."""

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import UnknownEvent
from shared.messaging import envelope
from shared.messaging.events import DailyTask, DataRetry, RetryReason, Ticked
from tests.contracts.event_bus import COLLECTED

NOON = datetime(2026, 4, 2, 12, tzinfo=UTC)


def push(data, attributes, attempt=1):
    message = envelope.Message(data, attributes, "77", NOON)
    return envelope.push_body(message, "data.collected--validator", attempt)


def pushed(event):
    return push(event.model_dump_json().encode(), envelope.event_attributes(event))


def test_gives_back_the_event():
    assert envelope.parse_delivery(pushed(COLLECTED)).event == COLLECTED


def test_gives_back_attempt_and_subscription():
    delivery = envelope.parse_delivery(
        push(COLLECTED.model_dump_json().encode(), {"topic": "data.collected"}, 3)
    )
    assert (delivery.attempt, delivery.subscription) == (3, "data.collected--validator")


def test_body_is_what_the_bus_would_post():
    body = json.loads(pushed(COLLECTED))
    assert set(body) == {"message", "subscription", "deliveryAttempt"}
    assert set(body["message"]) == {"data", "attributes", "messageId", "publishTime"}


@given(
    first=st.dates(),
    games=st.lists(st.integers(1, 10**6), max_size=5),
    run_id=st.text(min_size=1, max_size=100),
)
def test_every_retry_survives_the_wire(first, games, run_id):
    event = DataRetry(
        run_id=run_id,
        occurred_at=NOON,
        dates=(first,),
        games=tuple(games),
        reason=RetryReason.STATCAST,
        manifest="staging/m.json",
    )
    assert envelope.parse_delivery(pushed(event)).event == event


@given(body=st.binary(max_size=200))
def test_garbage_is_refused_by_name(body):
    with pytest.raises(UnknownEvent, match="expected a Pub/Sub push body"):
        envelope.parse_delivery(body)


@given(body=st.binary(max_size=200))
def test_garbage_has_a_blank_postmark(body):
    assert envelope.parse_metadata(body) == envelope.MessageMetadata()


def test_refuses_data_that_is_not_base64():
    body = json.dumps({"message": {"data": "ä!", "attributes": {"topic": "data.collected"}}}).encode()
    with pytest.raises(UnknownEvent, match="base64"):
        envelope.parse_delivery(body)


def test_refuses_a_message_without_data():
    with pytest.raises(UnknownEvent, match="data"):
        envelope.parse_delivery(b'{"message": {"attributes": {"topic": "data.collected"}}}')


def test_names_an_unknown_topic():
    with pytest.raises(UnknownEvent, match=r"'data\.lost'"):
        envelope.parse_delivery(push(b"{}", {"topic": "data.lost"}))


def test_names_an_unknown_version():
    data = json.dumps(COLLECTED.model_dump(mode="json") | {"schema_version": 2}).encode()
    with pytest.raises(UnknownEvent, match=r"schema_version.*got 2"):
        envelope.parse_delivery(push(data, {"topic": "data.collected"}))


def test_names_every_missing_field():
    with pytest.raises(UnknownEvent, match=r"run_id: .*; .*dates: .*; manifest: "):
        envelope.parse_delivery(push(b"{}", {"topic": "data.collected"}))


def test_ignores_fields_of_later_producers():
    data = json.dumps(COLLECTED.model_dump(mode="json") | {"colour": "blue"}).encode()
    assert envelope.parse_delivery(push(data, {"topic": "data.collected"})).event == COLLECTED


def test_reads_a_body_with_more_than_it_knows():
    body = json.loads(pushed(COLLECTED))
    body["message"] |= {"message_id": "77", "orderingKey": "x"}
    assert envelope.parse_delivery(json.dumps(body).encode()).event == COLLECTED


def test_attempt_is_one_where_none_is_told():
    body = json.loads(pushed(COLLECTED))
    del body["deliveryAttempt"]
    assert envelope.parse_delivery(json.dumps(body).encode()).attempt == 1


def test_attempt_is_one_where_it_is_null():
    body = json.loads(pushed(COLLECTED)) | {"deliveryAttempt": None}
    assert envelope.parse_delivery(json.dumps(body).encode()).attempt == 1


def test_scheduled_tick_starts_a_run_of_its_own():
    event = envelope.parse_delivery(push(b'{"trigger": "weekly"}', {"topic": Ticked.topic})).event
    assert (event.run_id, event.occurred_at, event.trigger) == ("tick-77", NOON, "weekly")


def test_scheduled_task_starts_a_run_of_its_own():
    body = push(b'{"task": "report"}', {"topic": DailyTask.topic})
    event = envelope.parse_delivery(body).event
    assert event == DailyTask(run_id="tick-77", occurred_at=NOON, task="report")
    assert envelope.parse_metadata(body).run_id == "tick-77"


def test_redelivered_tick_stays_the_same_run():
    ticks = [
        envelope.parse_delivery(push(b"{}", {"topic": Ticked.topic}, attempt)).event for attempt in (1, 2)
    ]
    assert ticks[0] == ticks[1]


def test_tick_keeps_the_run_it_names():
    tick = Ticked(run_id="by-hand", occurred_at=datetime(2026, 4, 1, tzinfo=UTC))
    assert envelope.parse_delivery(pushed(tick)).event == tick


@pytest.mark.parametrize("data", [b"no json", b"[1, 2]", b'"text"', b"\xff"])
def test_refuses_a_tick_that_is_no_object(data):
    with pytest.raises(UnknownEvent, match="data-collection-trigger"):
        envelope.parse_delivery(push(data, {"topic": Ticked.topic}))


def test_data_is_plain_base64():
    assert base64.b64decode(json.loads(push(b"abc", {}))["message"]["data"]) == b"abc"
