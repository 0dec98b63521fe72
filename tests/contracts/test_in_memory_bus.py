"""The bus in memory keeps an event bus's promises, so tests may stand on it."""

from collections import Counter
from itertools import count

import pytest

from shared.messaging import envelope
from shared.messaging.topology import subscribers_of, subscription_name
from tests.contracts.event_bus import NOON, EventBusContract
from tests.fakes import RecordingBus


class Hearing:
    """Delivers what a RecordingBus remembers, each event once to each of its subscribers."""

    def __init__(self):
        self.bus = RecordingBus()
        self._told = Counter()
        self._ids = count(1)

    def received(self, service, count=1):
        news = self.bus.published[self._told[service] :]
        self._told[service] += len(news)
        return [self._push(event, service) for event in news if service in subscribers_of(event.topic)]

    late = received

    def parked(self):
        return self.bus.dead_letters

    def unreachable(self):
        return RecordingBus(down=True)

    def _push(self, event, service):
        data = event.model_dump_json().encode()
        message = envelope.Message(data, envelope.event_attributes(event), str(next(self._ids)), NOON)
        return envelope.push_body(message, subscription_name(event.topic, service), 1)


class TestRecordingBus(EventBusContract):
    @pytest.fixture
    def world(self):
        return Hearing()
