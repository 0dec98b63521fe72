"""All rooms in one process: the queue hands each delivery to its room's step, one at a time."""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from types import TracebackType
from typing import Any, Self

import httpx
import msgspec

from services.collector.step import step as collect
from services.features.step import step as create_features
from services.loader.forecasts import load_and_grade
from services.loader.step import step as load
from services.predict_api.serving.recording import step as record
from services.predict_api.serving.recording import store_missing
from services.trainer.step import step as train
from services.validator.step import step as validate
from shared.adapters.local.damage import WAREHOUSE
from shared.adapters.local.duckdb_reader import check_warehouse
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.adapters.local.durable_queue import Delivered, LocalBus
from shared.adapters.local.run_lock import run_lock
from shared.messaging import envelope
from shared.messaging.dead_letters import DeadLetter
from shared.messaging.delivery import Answer, handle
from shared.messaging.events import DataLoaded, Event, Ticked, Trigger
from shared.ports import Ports, Step
from shared.runtime.ports_factory import Clock, build, utc_now
from shared.runtime.settings import Settings

STEPS: Mapping[str, Step] = {
    "collector": collect,
    "validator": validate,
    "loader": load,
    "features": create_features,
    "trainer": train,
}
BACKOFF = (0.5, 10.0)  # seconds before a redelivery: nobody waits ten minutes at a console
MAX_WAIT = 120.0  # seconds without one success before a run gives up and says what is left


@dataclass
class SimulatedClock:
    """A clock that stands still until it is set: the time of a simulated or past season."""

    now: datetime

    def __call__(self) -> datetime:
        """Return the time it shows."""
        return self.now


@dataclass
class OneMachine:
    """The one-machine world on a folder. Enter it to hold the folder's run lock."""

    settings: Settings
    clock: Clock = utc_now
    api_url: str | None = None
    on_step: Callable[[Delivered], object] = lambda _delivered: None
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _held: ExitStack = field(default_factory=ExitStack)
    _lanes: dict[str, Ports] = field(default_factory=dict)
    _buses: dict[str, LocalBus] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._held.enter_context(run_lock(self.settings.home))
        ports = build(self.settings)
        if isinstance(ports.warehouse, DuckDbWarehouse):
            self._held.callback(ports.warehouse.close)
        for lane in ("live", "backfill"):
            self._buses[lane] = LocalBus(self.settings.home / "queue.sqlite", lane, backoff=BACKOFF)
            self._lanes[lane] = replace(ports, bus=self._buses[lane])
        loads = self._buses["live"].announced(DataLoaded.topic)
        check_warehouse(self.settings.home / WAREHOUSE, is_expected=bool(loads))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._held.close()

    @property
    def ports(self) -> Ports:
        """Return the live lane's ports."""
        return self._lanes["live"]

    def tick(
        self, run_id: str, first: date | None, last: date | None, trigger: Trigger, lane: str = "live"
    ) -> None:
        """Announce a tick and deliver until nothing is left in its lane."""
        tick = Ticked(run_id=run_id, occurred_at=self.clock(), first=first, last=last, trigger=trigger)
        self.announce(tick, lane)

    def announce(self, event: Event, lane: str = "live") -> None:
        """Announce a fact and deliver until nothing is left in its lane."""
        self._buses[lane].publish(event)
        self.drain(lane)

    def drain(self, lane: str = "live") -> None:
        """Deliver what is queued in a lane until nothing is left; StillPending when nothing gets better."""
        rooms = {room: partial(self._deliver, room, lane) for room in (*STEPS, "predict_api")}
        self._buses[lane].drain(rooms, on_step=self._look_at, max_wait=MAX_WAIT)

    def _look_at(self, delivered: Delivered) -> None:
        if delivered.outcome == "dead letter":
            told = {
                "subscription": delivered.subscription,
                "run_id": delivered.run_id,
                "answer": delivered.answer.text,
            }
            self.ports.notifier.alert("critical", "delivery given up", told)
        self.on_step(delivered)

    def events(self, run_id: str) -> list[Event]:
        """Return what a run announced, oldest first."""
        return [envelope.decode(one.topic, one.data) for one in self._buses["live"].history(run_id)]

    def make_good(self) -> None:
        """Store, load and grade forecasts that were due before an earlier process was ended."""
        days = store_missing(self.ports.objects, self.clock)
        if days:
            load_and_grade(self.ports, days)

    def letters(self) -> list[DeadLetter]:
        """Return the dead letters that were not replayed, oldest first."""
        return [letter for letter in self._buses["live"].dead_letters() if letter.replayed_at is None]

    def replay(self, number: int) -> DeadLetter:
        """Deliver a dead letter again in its lane, with everything that follows, and return it."""
        letter = self._buses["live"].dead_letter(number)
        self._buses["live"].replay(number)
        self.drain(letter.lane)
        return letter

    def status(self, room: str) -> dict[str, Any]:
        """Return what a room said last of itself."""
        return msgspec.json.decode(self.ports.objects.get(f"status/{room}.json"), type=dict[str, Any])

    def _deliver(self, room: str, lane: str, body: bytes) -> Answer:
        started = time.perf_counter()
        try:
            if room == "predict_api":
                return self._push_to_api(body, lane)
            return handle(body, STEPS[room], self._lanes[lane], self.clock)
        finally:
            self.seconds[room] += time.perf_counter() - started

    def _push_to_api(self, body: bytes, lane: str) -> Answer:
        """Let the API serve a release; where none runs, its forecasts are stored here."""
        if self.api_url is None:
            return handle(body, record, self._lanes[lane], self.clock)
        try:
            answer = httpx.post(f"{self.api_url}/events", content=body, timeout=30)
        except httpx.RequestError as error:
            return Answer(503, f"the API at {self.api_url} did not answer: {error}")
        return Answer(answer.status_code, answer.text)
