"""What every event bus promises; an adapter's test file subclasses this and says how to look inside."""

from datetime import UTC, date, datetime
from typing import Protocol

import pytest

from shared.errors import Unavailable
from shared.messaging import envelope
from shared.messaging.events import DataCollected, FeaturesCreated
from shared.messaging.topology import subscription_name
from shared.ports import EventBus

NOON = datetime(2026, 4, 2, 12, tzinfo=UTC)
COLLECTED = DataCollected(
    run_id="run-1",
    occurred_at=NOON,
    dates=(date(2026, 4, 1),),
    season_phase="regular",
    manifest="staging/run-1/0/manifest-0.json",
    counts={"games_historical": 15},
)
CREATED = FeaturesCreated(
    run_id="run-1",
    occurred_at=NOON,
    dates=(date(2026, 4, 1),),
    snapshot="snapshot/2026-04-01/run-1/snapshot.json",
    as_of=date(2026, 4, 1),
    rows_sampled=20,
    mismatches=0,
)


class Listening(Protocol):
    """A bus under test and what can be seen from outside."""

    bus: EventBus

    def received(self, service: str, count: int = 1) -> list[bytes]:
        """Return the push bodies that reached a service, oldest first, acknowledging them.

        Where bodies are on their way for a while, so many are waited for.
        """

    def late(self, service: str) -> list[bytes]:
        """Return what reached a service since, when all that is on its way has had the time to come."""

    def parked(self) -> list[tuple[bytes, str, str]]:
        """Return (body, reason, subscription) of every dead letter."""

    def unreachable(self) -> EventBus:
        """Return the same kind of bus on something that cannot take a write."""


class EventBusContract:
    """Subclasses bring a fixture `world` that gives an empty Listening."""

    def test_delivers_what_was_published(self, world):
        world.bus.publish(COLLECTED)
        (body,) = world.received("validator")
        assert envelope.parse_delivery(body).event == COLLECTED

    def test_says_how_often_and_to_whom(self, world):
        world.bus.publish(COLLECTED)
        mark = envelope.parse_metadata(world.received("validator")[0])
        assert (mark.attempt, mark.topic, mark.run_id) == (1, "data.collected", "run-1")
        assert mark.subscription.endswith(subscription_name("data.collected", "validator"))

    def test_gives_every_message_its_own_id(self, world):
        world.bus.publish(COLLECTED)
        world.bus.publish(COLLECTED)
        ids = {envelope.parse_metadata(body).message_id for body in world.received("validator", 2)}
        assert len(ids - {""}) == 2

    def test_tells_every_subscriber_once(self, world):
        world.bus.publish(CREATED)
        assert [len(world.received(service)) for service in ("trainer", "predict_api")] == [1, 1]
        assert [world.late(service) for service in ("trainer", "predict_api")] == [[], []]

    def test_tells_nobody_else(self, world):
        world.bus.publish(COLLECTED)
        assert world.received("validator")
        assert world.late("loader") == []

    def test_keeps_parked_deliveries(self, world):
        world.bus.publish(COLLECTED)
        (body,) = world.received("validator")
        world.bus.dead_letter(body, "because", "data.collected--validator")
        assert world.parked() == [(body, "because", "data.collected--validator")]

    def test_parks_what_is_no_envelope(self, world):
        world.bus.dead_letter(b"\xff garbage", "no envelope", "")
        assert world.parked() == [(b"\xff garbage", "no envelope", "")]

    def test_says_when_it_cannot_publish(self, world):
        with pytest.raises(Unavailable):
            world.unreachable().publish(COLLECTED)

    def test_says_when_it_cannot_park(self, world):
        with pytest.raises(Unavailable):
            world.unreachable().dead_letter(b"{}", "because", "data.collected--validator")
