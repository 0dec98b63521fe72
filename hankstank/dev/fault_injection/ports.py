"""Ports with injected faults: every call asks the injector first."""

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
from simulator import faults as simulator_faults
from simulator.http_response import HttpResponse

T = TypeVar("T")
UNUSED_PID = 2**22 + 1  # above the largest process id of Linux
_SLOW_SECONDS = 30.0  # seconds
_CLOCK_JUMP, _TIMER_JUMP = timedelta(minutes=90), timedelta(days=1)


@dataclass
class VirtualTimer:
    """The clock of waits and timestamps; sleeping only advances it."""

    now: datetime
    injector: FaultInjector

    def __call__(self) -> datetime:
        """Return the time, after a jump if one is due."""
        if fault := self.injector.check("clock.timers", ""):
            self.now += _TIMER_JUMP * (1 if fault.kind == "clock.timers_forth" else -1)
        return self.now

    def monotonic_seconds(self) -> float:
        """Return the time in seconds, without jumps: it measures durations."""
        return self.now.timestamp()

    def sleep(self, seconds: float) -> None:
        """Advance the time."""
        self.now += timedelta(seconds=seconds)


@dataclass
class StepClock:
    """The clock of steps: constant except for jumps, and reset every morning."""

    now: datetime
    injector: FaultInjector

    def __call__(self) -> datetime:
        """Return the time, after a jump if one is due."""
        if fault := self.injector.check("clock.now", ""):
            self.now += _CLOCK_JUMP * (1 if fault.kind == "clock.forth" else -1)
        return self.now


@dataclass
class TransactionClock:
    """The clock of row timestamps: it is read inside a transaction, where a merge can be interrupted."""

    timer: VirtualTimer
    interrupt: Callable[[], None] | None = None

    def __call__(self) -> datetime:
        """Return the time, or interrupt the transaction."""
        if self.interrupt is not None:
            interrupt, self.interrupt = self.interrupt, None
            interrupt()
        return self.timer.now


@dataclass(frozen=True)
class FaultyTransport(httpx.BaseTransport):
    """The HTTP transport to the simulated sources."""

    sources: SimulatedSources
    injector: FaultInjector
    timer: VirtualTimer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the response, or the injected fault."""
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
    """A body that takes a second per byte."""

    body: bytes
    timer: VirtualTimer

    def __iter__(self) -> Iterator[bytes]:
        for offset in range(len(self.body)):
            self.timer.sleep(1.0)
            yield self.body[offset : offset + 1]


def _build_response(
    answer: HttpResponse, headers: Mapping[str, str] | None = None, stream: httpx.SyncByteStream | None = None
) -> httpx.Response:
    """Return a response with an unread body, as over a socket."""
    all_headers = {"Content-Type": answer.content_type, **(headers or {})}
    return httpx.Response(answer.status, headers=all_headers, stream=stream or httpx.ByteStream(answer.body))


def _faulty_response(name: str, path: str, answer: HttpResponse, request: httpx.Request) -> httpx.Response:
    """Return the response with the simulator's fault applied; connection faults are raised."""
    if name == "hang":
        raise httpx.ReadTimeout("planted", request=request)
    if name == "cut_off":
        raise httpx.RemoteProtocolError("planted", request=request)
    broken = simulator_faults.apply_fault(simulator_faults.Fault(path, name), answer)
    return _build_response(broken.response, broken.headers)


@dataclass
class FaultyPort:
    """Faults of every port: errors and crashes before or after the call takes effect."""

    injector: FaultInjector
    timer: VirtualTimer

    def call_with_faults(self, operation: str, target: str, action: Callable[[], T]) -> T:
        """Make a call with the fault that is due, if any."""
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
    """An ObjectStore in a folder, with faults."""

    store: ObjectStore
    folder: Path

    def write_once(self, name: str, data: bytes) -> None:
        """See the port."""
        self._write_with_faults("objects.put", name, data, lambda: self.store.write_once(name, data))

    def create_if_absent(self, name: str, data: bytes) -> bool:
        """See the port."""
        return self._write_with_faults(
            "objects.create", name, data, lambda: self.store.create_if_absent(name, data)
        )

    def overwrite(self, name: str, data: bytes) -> None:
        """See the port."""
        self._write_with_faults("objects.replace", name, data, lambda: self.store.overwrite(name, data))

    def read_bytes(self, name: str) -> bytes:
        """See the port."""
        return self.call_with_faults("objects.get", name, lambda: self.store.read_bytes(name))

    def exists(self, name: str) -> bool:
        """See the port."""
        return self.call_with_faults("objects.exists", name, lambda: self.store.exists(name))

    def list_names(self, prefix: str) -> list[str]:
        """See the port."""
        return self.call_with_faults("objects.names", prefix, lambda: self.store.list_names(prefix))

    def delete(self, name: str) -> None:
        """See the port."""
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
        """Leave the file of a process that is killed while it writes."""
        temporary = self.folder / ".tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        (temporary / f"{UNUSED_PID}-{len(self.injector.injected)}").write_bytes(data[: len(data) // 2])

    def _apply_fault(self, fault: Fault, target: str, action: Callable[[], T]) -> T:
        if fault.kind in ("store.corrupted_read", "store.corrupted_forecasts"):
            raise ObjectCorrupted(f"{target}: planted {fault.kind}")
        return super()._apply_fault(fault, target, action)


@dataclass
class FaultyWarehouse(FaultyPort):
    """A Warehouse whose transactions can be interrupted."""

    warehouse: Warehouse
    transaction_clock: TransactionClock

    def ensure_table(self, table: Table) -> None:
        """See the port."""
        self.call_with_faults("warehouse.ensure", table.name, lambda: self.warehouse.ensure_table(table))

    def merge_rows(self, table: Table, rows: pl.DataFrame, scopes: pl.DataFrame | None = None) -> MergeResult:
        """See the port."""
        return self.call_with_faults(
            "warehouse.merge", table.name, lambda: self.warehouse.merge_rows(table, rows, scopes)
        )

    def query_rows(self, sql: str, **parameters: Any) -> pl.DataFrame:
        """See the port."""
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
    """An EventBus that may refuse an event, or fail after it was published."""

    bus: EventBus

    def publish(self, event: Event) -> None:
        """See the port."""
        self.call_with_faults("bus.publish", event.topic, lambda: self.bus.publish(event))

    def dead_letter(self, body: bytes, reason: str, subscription: str) -> None:
        """See the port."""
        self.call_with_faults(
            "bus.park", subscription, lambda: self.bus.dead_letter(body, reason, subscription)
        )


@dataclass
class DelayedDeliveries:
    """Delayed deliveries; they are outside the process and survive its crash."""

    deliveries: list["DelayedDelivery"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DelayedDelivery:
    """A delivery that arrives after the next one, or on the next day."""

    service: str
    body: bytes
    until_day: int
