"""The ports of a world in which calls go wrong: each call asks its fate first."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
import polars as pl

from hankstank.dev.fault_injection.injector import FaultInjector
from hankstank.dev.fault_injection.scenario import SimulatedSources
from hankstank.dev.fault_injection.schedule import Fault
from shared.errors import ObjectCorrupted, StoreUnavailable
from shared.messaging.events import Event
from shared.ports import EventBus, MergeResult, ObjectStore, Warehouse
from shared.storage.tables import Table
from simulator import faults as standin
from simulator.http_response import HttpResponse

T = TypeVar("T")
UNUSED_PID = 2**22 + 1  # a process id that no Linux gives
_SLOW_SECONDS = 30.0  # seconds
_CLOCK_JUMP, _TIMER_JUMP = timedelta(minutes=90), timedelta(days=1)


@dataclass
class VirtualTimer:
    """The clock of waits and stamps; nobody really sleeps."""

    now: datetime
    injector: FaultInjector

    def __call__(self) -> datetime:
        """Return the time, after a jump where one is due."""
        if fault := self.injector.check("clock.timers", ""):
            self.now += _TIMER_JUMP * (1 if fault.kind == "clock.timers_forth" else -1)
        return self.now

    def monotonic_seconds(self) -> float:
        """Return the time in seconds, without a jump: what measures how long a call takes."""
        return self.now.timestamp()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@dataclass
class StepClock:
    """The clock that steps are told: it stands still but for jumps, and is put right every morning."""

    now: datetime
    injector: FaultInjector

    def __call__(self) -> datetime:
        """Return the time, after a jump where one is due."""
        if fault := self.injector.check("clock.now", ""):
            self.now += _CLOCK_JUMP * (1 if fault.kind == "clock.forth" else -1)
        return self.now


@dataclass
class TransactionClock:
    """The clock that dates rows: it is asked in the middle of a transaction, where a merge may be ended."""

    timer: VirtualTimer
    interrupt: Callable[[], None] | None = None

    def __call__(self) -> datetime:
        """Return the time, or end the transaction."""
        if self.interrupt is not None:
            interrupt, self.interrupt = self.interrupt, None
            interrupt()
        return self.timer.now


@dataclass(frozen=True)
class FaultyTransport(httpx.BaseTransport):
    """The line to the outside world."""

    sources: SimulatedSources
    injector: FaultInjector
    timer: VirtualTimer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request, or not."""
        path = request.url.raw_path.decode()
        fault = self.injector.check("source.get", path)
        answer = self.sources.get_response(path)
        if fault is None:
            return _build_response(answer)
        layer, _, name = fault.kind.partition(".")
        if layer == "death":
            self.injector.crash()
        if name == "late":
            self.timer.sleep(_SLOW_SECONDS)
            return _build_response(answer)
        if name == "trickle":
            return _build_response(answer, stream=_SlowStream(answer.body, self.timer))
        return _faulty_response("server_error" if name == "down" else name, path, answer, request)


@dataclass
class _SlowStream(httpx.SyncByteStream):
    """A body that takes a second for a byte."""

    body: bytes
    timer: VirtualTimer

    def __iter__(self) -> Iterator[bytes]:
        for offset in range(len(self.body)):
            self.timer.sleep(1.0)
            yield self.body[offset : offset + 1]


def _build_response(
    answer: HttpResponse, headers: Mapping[str, str] | None = None, stream: httpx.SyncByteStream | None = None
) -> httpx.Response:
    """Return a response whose body is still to be read, as over a socket."""
    all_headers = {"Content-Type": answer.content_type, **(headers or {})}
    return httpx.Response(answer.status, headers=all_headers, stream=stream or httpx.ByteStream(answer.body))


def _faulty_response(name: str, path: str, answer: HttpResponse, request: httpx.Request) -> httpx.Response:
    """Return an answer as the stand-in's fault leaves it; what no response can carry is raised at once."""
    if name == "hang":
        raise httpx.ReadTimeout("planted", request=request)
    if name == "cut_off":
        raise httpx.RemoteProtocolError("planted", request=request)
    broken = standin.apply_fault(standin.Fault(path, name), answer)
    return _build_response(broken.response, broken.headers)


@dataclass
class FaultyPort:
    """What calls of all ports have in common: errors and death, before the call takes effect or after."""

    injector: FaultInjector
    timer: VirtualTimer

    def call_with_faults(self, operation: str, target: str, action: Callable[[], T]) -> T:
        """Let a call happen as its fate has it."""
        fault = self.injector.check(operation, target)
        return action() if fault is None else self._apply_fault(fault, target, action)

    def _apply_fault(self, fault: Fault, target: str, action: Callable[[], T]) -> T:
        name = fault.kind.partition(".")[2]
        if name in ("error_before", "refused", "locked", "disk_full", "forecasts_refused"):
            raise StoreUnavailable(f"{target}: planted {fault.kind}")
        if name in ("before", "before_storing"):
            self.injector.crash()
        if name == "slow":
            self.timer.sleep(_SLOW_SECONDS)
        result = action()
        if name in ("error_after", "unsure"):
            raise StoreUnavailable(f"{target}: done, but planted {fault.kind}")
        if name == "after":
            self.injector.crash()
        return result


@dataclass
class FaultyObjectStore(FaultyPort):
    """An ObjectStore in a folder that is spoilt now and then."""

    store: ObjectStore
    folder: Path

    def write_once(self, name: str, data: bytes) -> None:
        """As the port has it."""
        self._write_with_faults("objects.put", name, data, lambda: self.store.write_once(name, data))

    def create_if_absent(self, name: str, data: bytes) -> bool:
        """As the port has it."""
        return self._write_with_faults(
            "objects.create", name, data, lambda: self.store.create_if_absent(name, data)
        )

    def overwrite(self, name: str, data: bytes) -> None:
        """As the port has it."""
        self._write_with_faults("objects.replace", name, data, lambda: self.store.overwrite(name, data))

    def read_bytes(self, name: str) -> bytes:
        """As the port has it."""
        return self.call_with_faults("objects.get", name, lambda: self.store.read_bytes(name))

    def exists(self, name: str) -> bool:
        """As the port has it."""
        return self.call_with_faults("objects.exists", name, lambda: self.store.exists(name))

    def list_names(self, prefix: str) -> list[str]:
        """As the port has it."""
        return self.call_with_faults("objects.names", prefix, lambda: self.store.list_names(prefix))

    def delete(self, name: str) -> None:
        """As the port has it."""
        self.call_with_faults("objects.delete", name, lambda: self.store.delete(name))

    def _write_with_faults(self, operation: str, name: str, data: bytes, action: Callable[[], T]) -> T:
        fault = self.injector.check(operation, name)
        if fault is None:
            return action()
        if fault.kind == "death.within_write":
            self._leave_partial_file(data)
            self.injector.crash()
        result = self._apply_fault(fault, name, action)
        if fault.kind.startswith("store.torn_"):
            path = self.folder / name
            path.write_bytes(path.read_bytes()[:-3])
        return result

    def _leave_partial_file(self, data: bytes) -> None:
        """Leave what a process leaves that is killed while it writes."""
        temporary = self.folder / ".tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        (temporary / f"{UNUSED_PID}-{len(self.injector.injected)}").write_bytes(data[: len(data) // 2])

    def _apply_fault(self, fault: Fault, target: str, action: Callable[[], T]) -> T:
        if fault.kind in ("store.corrupted_read", "store.corrupted_forecasts"):
            raise ObjectCorrupted(f"{target}: planted {fault.kind}")
        return super()._apply_fault(fault, target, action)


@dataclass
class FaultyWarehouse(FaultyPort):
    """A Warehouse whose transactions may be ended in their middle."""

    warehouse: Warehouse
    transaction_clock: TransactionClock

    def ensure_table(self, table: Table) -> None:
        """As the port has it."""
        self.call_with_faults("warehouse.ensure", table.name, lambda: self.warehouse.ensure_table(table))

    def merge_rows(self, table: Table, rows: pl.DataFrame, scopes: pl.DataFrame | None = None) -> MergeResult:
        """As the port has it."""
        return self.call_with_faults(
            "warehouse.merge", table.name, lambda: self.warehouse.merge_rows(table, rows, scopes)
        )

    def query_rows(self, sql: str, **parameters: Any) -> pl.DataFrame:
        """As the port has it."""
        return self.call_with_faults(
            "warehouse.query", sql[:60], lambda: self.warehouse.query_rows(sql, **parameters)
        )

    def _apply_fault(self, fault: Fault, target: str, action: Callable[[], T]) -> T:
        if fault.kind == "death.within_transaction":
            self.transaction_clock.interrupt = self.injector.crash
        if fault.kind == "warehouse.error_within":
            self.transaction_clock.interrupt = lambda: _raise_unavailable(f"{target}: planted {fault.kind}")
        try:
            return super()._apply_fault(fault, target, action)
        finally:
            self.transaction_clock.interrupt = None


def _raise_unavailable(message: str) -> None:
    raise StoreUnavailable(message)


@dataclass
class FaultyEventBus(FaultyPort):
    """An EventBus that takes an event or does not, and does not always know."""

    bus: EventBus

    def publish(self, event: Event) -> None:
        """As the port has it."""
        self.call_with_faults("bus.publish", event.topic, lambda: self.bus.publish(event))

    def dead_letter(self, body: bytes, reason: str, subscription: str) -> None:
        """As the port has it."""
        self.call_with_faults(
            "bus.park", subscription, lambda: self.bus.dead_letter(body, reason, subscription)
        )


@dataclass
class DelayedDeliveries:
    """Deliveries that the network holds back: outside of any process, so no death loses them."""

    deliveries: list["DelayedDelivery"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DelayedDelivery:
    """A delivery that comes later: after the next one, or the next day."""

    service: str
    body: bytes
    until_day: int
