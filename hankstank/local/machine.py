"""All services in one process: the queue hands each delivery to its service, one at a time."""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
import msgspec

from services.collector.step import step as collect
from services.features.step import step as create_features
from services.loader.forecasts import load_and_score
from services.loader.step import step as load
from services.predict_api.serving.recording import step as record
from services.predict_api.serving.recording import store_missing
from services.trainer.step import step as train
from services.validator.step import step as validate
from shared.adapters.local.damage import WAREHOUSE
from shared.adapters.local.duckdb_reader import check_warehouse
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.adapters.local.durable_queue import DeliveryResult, LocalBus
from shared.adapters.local.run_lock import run_lock
from shared.messaging import envelope
from shared.messaging.dead_letters import DeadLetter
from shared.messaging.delivery import PushResponse, handle_delivery
from shared.messaging.events import DataLoaded, Event, Ticked, Trigger
from shared.messaging.topology import Lane
from shared.ports import Ports, Step
from shared.runtime.ports_factory import Clock, create_ports, utc_now
from shared.runtime.settings import Settings

E = TypeVar("E", bound=Event)

STEPS: Mapping[str, Step] = {
    "collector": collect,
    "validator": validate,
    "loader": load,
    "features": create_features,
    "trainer": train,
}
SERVICES = (*STEPS, "predict_api")
BACKOFF = (0.5, 10.0)  # first and longest seconds before a redelivery: short, a user is waiting
MAX_WAIT = 120.0  # seconds without a success before a run gives up


@dataclass
class SimulatedClock:
    """A clock that only moves when it is set: the time of a simulated or past season."""

    now: datetime

    def __call__(self) -> datetime:
        """Return the time it shows."""
        return self.now


@dataclass
class LocalPipeline:
    """The whole pipeline on one folder. Entering it takes the folder's run lock."""

    settings: Settings
    clock: Clock = utc_now
    api_url: str | None = None
    on_step: Callable[[DeliveryResult], object] = lambda _delivered: None
    is_alerted: Callable[[DeliveryResult], bool] = lambda _delivered: (
        False
    )  # the caller alerts of its failure
    steps: Mapping[str, Step] = field(default_factory=lambda: STEPS)
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _resources: ExitStack = field(default_factory=ExitStack)
    _lanes: dict[str, Ports] = field(default_factory=dict)
    _buses: dict[str, LocalBus] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._resources.enter_context(run_lock(self.settings.home))
        ports = create_ports(self.settings)
        if isinstance(ports.warehouse, DuckDbWarehouse):
            self._resources.callback(ports.warehouse.close)
        lanes: tuple[Lane, ...] = ("live", "backfill")
        for lane in lanes:
            self._buses[lane] = LocalBus(self.settings.home / "queue.sqlite", lane, backoff=BACKOFF)
            self._lanes[lane] = replace(ports, bus=self._buses[lane], lane=lane)
        loads = self._buses["live"].published_on(DataLoaded.topic)
        check_warehouse(self.settings.home / WAREHOUSE, is_expected=bool(loads))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._resources.close()

    @property
    def ports(self) -> Ports:
        """Return the live lane's ports."""
        return self._lanes["live"]

    def run_tick(
        self, run_id: str, first: date | None, last: date | None, trigger: Trigger, lane: str = "live"
    ) -> None:
        """Publish a tick and deliver until its lane is empty."""
        tick = Ticked(run_id=run_id, occurred_at=self.clock(), first=first, last=last, trigger=trigger)
        self.publish(tick, lane)

    def publish(self, event: Event, lane: str = "live") -> None:
        """Publish an event and deliver until its lane is empty."""
        self.enqueue(event, lane)
        self.run_until_idle(lane)

    def enqueue(self, event: Event, lane: str) -> None:
        """Publish an event without delivering it."""
        self._buses[lane].publish(event)

    def run_until_idle(self, lane: str = "live", services: Collection[str] = SERVICES) -> None:
        """Deliver until a lane has nothing for these services.

        Raises DeliveriesPending when nothing succeeds any more.
        """
        handlers = {name: partial(self._deliver_to_service, name, lane) for name in services}
        self._buses[lane].run_until_idle(handlers, on_step=self._handle_delivered, max_wait=MAX_WAIT)

    def _handle_delivered(self, delivered: DeliveryResult) -> None:
        if delivered.outcome == "dead letter" and self._is_new_cause(delivered):
            details = {
                "subscription": delivered.subscription,
                "run_id": delivered.run_id,
                "answer": delivered.answer.text,
            }
            self.ports.notifier.send_alert("critical", "delivery given up", details)
        self.on_step(delivered)

    def _is_new_cause(self, delivered: DeliveryResult) -> bool:
        """Return whether nobody knows of what gave a delivery up: one source that fails fails many."""
        if self.is_alerted(delivered):
            return False
        return sum(one.subscription == delivered.subscription for one in self.dead_letters()) <= 1

    def was_published(self, run_id: str) -> bool:
        """Return whether a run published anything, its tick included."""
        return bool(self._buses["live"].run_history(run_id))

    def list_events(self, run_id: str) -> list[Event]:
        """Return the events of a run, oldest first."""
        return [envelope.decode_event(one.topic, one.data) for one in self._buses["live"].run_history(run_id)]

    def last_event(self, kind: type[E]) -> E | None:
        """Return the newest event of a kind in any lane; None without one."""
        published = self._buses["live"].published_on(kind.topic)
        found = envelope.decode_event(kind.topic, published[-1].data) if published else None
        return found if isinstance(found, kind) else None

    def store_missing_forecasts(self) -> None:
        """Store, load and score forecasts that an interrupted process left undone."""
        days = store_missing(self.ports.objects, self.clock)
        if days:
            load_and_score(self.ports, days)

    def dead_letters(self) -> list[DeadLetter]:
        """Return the unreplayed dead letters, oldest first."""
        return [letter for letter in self._buses["live"].list_dead_letters() if letter.replayed_at is None]

    def replay_dead_letter(self, number: int) -> DeadLetter:
        """Deliver a dead letter again in its lane, run every step that follows, and return it."""
        letter = self._buses["live"].find_dead_letter(number)
        self._buses["live"].replay_dead_letter(number)
        self.run_until_idle(letter.lane)
        return letter

    def drop_dead_letter(self, number: int) -> None:
        """Delete a dead letter whose work another run has done."""
        self._buses["live"].drop_dead_letter(number)

    def read_status(self, service: str) -> dict[str, Any]:
        """Return the last status of a service."""
        return msgspec.json.decode(
            self.ports.objects.read_bytes(f"status/{service}.json"), type=dict[str, Any]
        )

    def _deliver_to_service(self, service: str, lane: str, body: bytes) -> PushResponse:
        started = time.perf_counter()
        try:
            if service == "predict_api":
                return self._push_to_api(body, lane)
            return handle_delivery(body, self.steps[service], self._lanes[lane], self.clock)
        finally:
            self.seconds[service] += time.perf_counter() - started

    def _push_to_api(self, body: bytes, lane: str) -> PushResponse:
        """Push a delivery to the API; without a running API store the forecasts here."""
        if self.api_url is None:
            return handle_delivery(body, record, self._lanes[lane], self.clock)
        try:
            answer = httpx.post(f"{self.api_url}/events", content=body, timeout=30)
        except httpx.RequestError as error:
            return PushResponse(503, f"the API at {self.api_url} did not answer: {error}")
        return PushResponse(answer.status_code, answer.text)
