"""The durable queue keeps an event bus's promises."""

import pytest

from shared.adapters.local.durable_queue import LocalBus
from shared.messaging.delivery import PushResponse
from tests.contracts.event_bus import EventBusContract


class ListeningQueue:
    def __init__(self, folder):
        self.bus = LocalBus(folder / "queue.sqlite")
        self._folder = folder

    def received(self, service, count=1):
        bodies = []

        def keep(body):
            bodies.append(body)
            return PushResponse(200, "heard")

        self.bus.run_until_idle({service: keep})
        return bodies

    late = received

    def parked(self):
        return [(letter.body, letter.reason, letter.subscription) for letter in self.bus.list_dead_letters()]

    def unreachable(self):
        bus = LocalBus(self._folder / "full" / "queue.sqlite")
        for path in (self._folder / "full").iterdir():
            path.unlink()
        (self._folder / "full").rmdir()
        return bus


class TestLocalBus(EventBusContract):
    @pytest.fixture
    def world(self, tmp_path):
        return ListeningQueue(tmp_path)
