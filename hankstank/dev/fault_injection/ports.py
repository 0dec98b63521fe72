"""Ports with injected faults: every call goes through the injector first."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import httpx

from hankstank.dev.fault_injection.injector import FaultInjector
from hankstank.dev.fault_injection.scenario import SimulatedSources
from hankstank.dev.fault_injection.schedule import Fault
from shared.errors import ObjectCorrupted, StoreUnavailable
from simulator import faults as simulator_faults
from simulator.http_response import HttpResponse

UNUSED_PID = 2**22 + 1  # above the largest process id of Linux
_SLOW_SECONDS = 30.0  # seconds


@dataclass
class VirtualTimer:
    """The clock of waits and timestamps; sleeping only advances it."""

    now: datetime
    injector: FaultInjector
    operation: ClassVar[str] = "clock.timers"
    jump: ClassVar[timedelta] = timedelta(days=1)

    def __call__(self) -> datetime:
        """Return the time, after a jump if one is due."""
        if fault := self.injector.check(self.operation, ""):
            self.now += self.jump * (1 if fault.kind.endswith("forth") else -1)
        return self.now

    def monotonic_seconds(self) -> float:
        """Return the time in seconds, without jumps: it measures durations."""
        return self.now.timestamp()

    def sleep(self, seconds: float) -> None:
        """Advance the time."""
        self.now += timedelta(seconds=seconds)


class StepClock(VirtualTimer):
    """The clock of steps: constant except for jumps, and reset every morning."""

    operation = "clock.now"
    jump = timedelta(minutes=90)


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


# Of each method of a port: the operation, and which of its arguments the call is about.
_CALLS: Mapping[str, tuple[str, Callable[..., str]]] = {
    "write_once": ("objects.put", lambda name, _data: name),
    "create_if_absent": ("objects.create", lambda name, _data: name),
    "overwrite": ("objects.replace", lambda name, _data: name),
    "read_bytes": ("objects.get", str),
    "exists": ("objects.exists", str),
    "list_names": ("objects.names", str),
    "delete": ("objects.delete", str),
    "ensure_table": ("warehouse.ensure", lambda table: table.name),
    "merge_rows": ("warehouse.merge", lambda table, *_rows: table.name),
    "query_rows": ("warehouse.query", lambda sql: sql[:60]),
    "publish": ("bus.publish", lambda event: event.topic),
    "dead_letter": ("bus.park", lambda _body, _reason, subscription: subscription),
}


@dataclass
class FaultyPort:
    """A port with faults: errors and crashes before or after a call takes effect."""

    injector: FaultInjector
    timer: VirtualTimer
    port: Any

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return a method of the port that makes the call with the fault that is due, if any."""
        if name not in _CALLS:
            raise AttributeError(name)
        operation, target_of = _CALLS[name]
        method = getattr(self.port, name)

        def call_with_faults(*arguments: Any, **options: Any) -> Any:
            target = target_of(*arguments)
            fault = self.injector.check(operation, target)
            action = partial(method, *arguments, **options)
            return action() if fault is None else self._apply_fault(fault, target, action)

        return call_with_faults

    def _apply_fault(self, fault: Fault, target: str, action: partial[Any]) -> Any:
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
    """An ObjectStore in a folder whose files can be truncated, half written, or read wrongly."""

    folder: Path

    def _apply_fault(self, fault: Fault, target: str, action: partial[Any]) -> Any:
        if fault.kind == "death.within_write":
            self._leave_partial_file(action.args[1])
            self.injector.crash()
        if fault.kind in ("store.corrupted_read", "store.corrupted_forecasts"):
            raise ObjectCorrupted(f"{target}: planted {fault.kind}")
        result = super()._apply_fault(fault, target, action)
        if fault.kind.startswith("store.torn_"):
            path = self.folder / target
            path.write_bytes(path.read_bytes()[:-3])
        return result

    def _leave_partial_file(self, data: bytes) -> None:
        """Leave the file of a process that is killed while it writes."""
        temporary = self.folder / ".tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        (temporary / f"{UNUSED_PID}-{len(self.injector.injected)}").write_bytes(data[: len(data) // 2])


@dataclass
class FaultyWarehouse(FaultyPort):
    """A Warehouse whose transactions can be interrupted."""

    transaction_clock: TransactionClock

    def _apply_fault(self, fault: Fault, target: str, action: partial[Any]) -> Any:
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


@dataclass(frozen=True, slots=True)
class DelayedDelivery:
    """A delivery that arrives after the next one, or on the next day, also after a crash."""

    service: str
    body: bytes
    until_day: int
