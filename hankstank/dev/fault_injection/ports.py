"""The ports of a world in which calls go wrong: each call asks its fate first."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
import polars as pl

from hankstank.dev.fault_injection.injector import Fate
from hankstank.dev.fault_injection.scenario import Outside
from hankstank.dev.fault_injection.schedule import Fault
from shared.errors import ObjectCorrupted, StoreUnavailable
from shared.messaging.events import Event
from shared.ports import EventBus, Merged, ObjectStore, Warehouse
from shared.storage.tables import Table
from simulator import faults as standin
from simulator.http_response import Answer

T = TypeVar("T")
NOBODY = 2**22 + 1  # a process id that no Linux gives
_SLOW = 30.0  # seconds
_JUMP, _TIMERS_JUMP = timedelta(minutes=90), timedelta(days=1)


@dataclass
class Timers:
    """The clock of waits and stamps; nobody really sleeps."""

    now: datetime
    fate: Fate

    def __call__(self) -> datetime:
        """Return the time, after a jump where one is due."""
        if fault := self.fate.at("clock.timers", ""):
            self.now += _TIMERS_JUMP * (1 if fault.kind == "clock.timers_forth" else -1)
        return self.now

    def seconds(self) -> float:
        """Return the time in seconds, without a jump: what measures how long a call takes."""
        return self.now.timestamp()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@dataclass
class WorldClock:
    """The clock that steps are told: it stands still but for jumps, and is put right every morning."""

    now: datetime
    fate: Fate

    def __call__(self) -> datetime:
        """Return the time, after a jump where one is due."""
        if fault := self.fate.at("clock.now", ""):
            self.now += _JUMP * (1 if fault.kind == "clock.forth" else -1)
        return self.now


@dataclass
class Within:
    """The clock that dates rows: it is asked in the middle of a transaction, where a merge may be ended."""

    timers: Timers
    end: Callable[[], None] | None = None

    def __call__(self) -> datetime:
        """Return the time, or end the transaction."""
        if self.end is not None:
            end, self.end = self.end, None
            end()
        return self.timers.now


@dataclass(frozen=True)
class Line(httpx.BaseTransport):
    """The line to the outside world."""

    outside: Outside
    fate: Fate
    timers: Timers

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request, or not."""
        path = request.url.raw_path.decode()
        fault = self.fate.at("source.get", path)
        answer = self.outside.answer(path)
        if fault is None:
            return _sent(answer)
        layer, _, name = fault.kind.partition(".")
        if layer == "death":
            self.fate.die()
        if name == "late":
            self.timers.sleep(_SLOW)
            return _sent(answer)
        if name == "trickle":
            return _sent(answer, stream=_Trickle(answer.body, self.timers))
        return _struck("server_error" if name == "down" else name, path, answer, request)


@dataclass
class _Trickle(httpx.SyncByteStream):
    """A body that takes a second for a byte."""

    body: bytes
    timers: Timers

    def __iter__(self) -> Iterator[bytes]:
        for place in range(len(self.body)):
            self.timers.sleep(1.0)
            yield self.body[place : place + 1]


def _sent(
    answer: Answer, headers: Mapping[str, str] | None = None, stream: httpx.SyncByteStream | None = None
) -> httpx.Response:
    """Return a response whose body is still to be read, as over a socket."""
    told = {"Content-Type": answer.content_type, **(headers or {})}
    return httpx.Response(answer.status, headers=told, stream=stream or httpx.ByteStream(answer.body))


def _struck(name: str, path: str, answer: Answer, request: httpx.Request) -> httpx.Response:
    """Return an answer as the stand-in's fault leaves it; what no response can carry is raised at once."""
    if name == "hang":
        raise httpx.ReadTimeout("planted", request=request)
    if name == "cut_off":
        raise httpx.RemoteProtocolError("planted", request=request)
    broken = standin.strike(standin.Fault(path, name), answer)
    return _sent(broken.answer, broken.headers)


@dataclass
class Struck:
    """What calls of all ports have in common: errors and death, before the call takes effect or after."""

    fate: Fate
    timers: Timers

    def through(self, place: str, what: str, act: Callable[[], T]) -> T:
        """Let a call happen as its fate has it."""
        fault = self.fate.at(place, what)
        return act() if fault is None else self._struck(fault, what, act)

    def _struck(self, fault: Fault, what: str, act: Callable[[], T]) -> T:
        name = fault.kind.partition(".")[2]
        if name in ("error_before", "refused", "locked", "disk_full", "forecasts_refused"):
            raise StoreUnavailable(f"{what}: planted {fault.kind}")
        if name in ("before", "before_storing"):
            self.fate.die()
        if name == "slow":
            self.timers.sleep(_SLOW)
        done = act()
        if name in ("error_after", "unsure"):
            raise StoreUnavailable(f"{what}: done, but planted {fault.kind}")
        if name == "after":
            self.fate.die()
        return done


@dataclass
class Objects(Struck):
    """An ObjectStore in a folder that is spoilt now and then."""

    store: ObjectStore
    folder: Path

    def put(self, name: str, data: bytes) -> None:
        """As the port has it."""
        self._written("objects.put", name, data, lambda: self.store.put(name, data))

    def create(self, name: str, data: bytes) -> bool:
        """As the port has it."""
        return self._written("objects.create", name, data, lambda: self.store.create(name, data))

    def replace(self, name: str, data: bytes) -> None:
        """As the port has it."""
        self._written("objects.replace", name, data, lambda: self.store.replace(name, data))

    def get(self, name: str) -> bytes:
        """As the port has it."""
        return self.through("objects.get", name, lambda: self.store.get(name))

    def exists(self, name: str) -> bool:
        """As the port has it."""
        return self.through("objects.exists", name, lambda: self.store.exists(name))

    def names(self, prefix: str) -> list[str]:
        """As the port has it."""
        return self.through("objects.names", prefix, lambda: self.store.names(prefix))

    def delete(self, name: str) -> None:
        """As the port has it."""
        self.through("objects.delete", name, lambda: self.store.delete(name))

    def _written(self, place: str, name: str, data: bytes, act: Callable[[], T]) -> T:
        fault = self.fate.at(place, name)
        if fault is None:
            return act()
        if fault.kind == "death.within_write":
            self._leave_half(data)
            self.fate.die()
        done = self._struck(fault, name, act)
        if fault.kind.startswith("store.torn_"):
            path = self.folder / name
            path.write_bytes(path.read_bytes()[:-3])
        return done

    def _leave_half(self, data: bytes) -> None:
        """Leave what a process leaves that is killed while it writes."""
        temporary = self.folder / ".tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        (temporary / f"{NOBODY}-{len(self.fate.hits)}").write_bytes(data[: len(data) // 2])

    def _struck(self, fault: Fault, what: str, act: Callable[[], T]) -> T:
        if fault.kind in ("store.corrupted_read", "store.corrupted_forecasts"):
            raise ObjectCorrupted(f"{what}: planted {fault.kind}")
        return super()._struck(fault, what, act)


@dataclass
class Tables(Struck):
    """A Warehouse whose transactions may be ended in their middle."""

    warehouse: Warehouse
    within: Within

    def ensure(self, table: Table) -> None:
        """As the port has it."""
        self.through("warehouse.ensure", table.name, lambda: self.warehouse.ensure(table))

    def merge(self, table: Table, rows: pl.DataFrame, scopes: pl.DataFrame | None = None) -> Merged:
        """As the port has it."""
        return self.through("warehouse.merge", table.name, lambda: self.warehouse.merge(table, rows, scopes))

    def query(self, sql: str, **parameters: Any) -> pl.DataFrame:
        """As the port has it."""
        return self.through("warehouse.query", sql[:60], lambda: self.warehouse.query(sql, **parameters))

    def _struck(self, fault: Fault, what: str, act: Callable[[], T]) -> T:
        if fault.kind == "death.within_transaction":
            self.within.end = self.fate.die
        if fault.kind == "warehouse.error_within":
            self.within.end = lambda: _fail(f"{what}: planted {fault.kind}")
        try:
            return super()._struck(fault, what, act)
        finally:
            self.within.end = None


def _fail(message: str) -> None:
    raise StoreUnavailable(message)


@dataclass
class Bus(Struck):
    """An EventBus that takes an event or does not, and does not always know."""

    bus: EventBus

    def publish(self, event: Event) -> None:
        """As the port has it."""
        self.through("bus.publish", event.topic, lambda: self.bus.publish(event))

    def park(self, body: bytes, reason: str, subscription: str) -> None:
        """As the port has it."""
        self.through("bus.park", subscription, lambda: self.bus.park(body, reason, subscription))


@dataclass
class Mail:
    """Deliveries that the network holds back: outside of any process, so no death loses them."""

    held: list["Held"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Held:
    """A delivery that comes later: after the next one, or the next day."""

    room: str
    body: bytes
    until_day: int
