"""Runs the pipeline in a folder with injected faults, and restarts from its files after a crash."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

from hankstank.dev.fault_injection.api import InProcessApi
from hankstank.dev.fault_injection.forecasts import ServedForecast
from hankstank.dev.fault_injection.injector import FaultInjector, ProcessCrash
from hankstank.dev.fault_injection.ports import (
    DelayedDelivery,
    FaultyObjectStore,
    FaultyPort,
    FaultyTransport,
    FaultyWarehouse,
    StepClock,
    TransactionClock,
    VirtualTimer,
)
from hankstank.dev.fault_injection.scenario import SimulatedSources, scenario_date
from hankstank.dev.fault_injection.schedule import Fault
from hankstank.local.machine import BACKOFF, MAX_WAIT, STEPS
from hankstank.local.run_plan import tick_time
from services.collector.mlb.sources.registry import open_sources
from services.collector.step import step as collect
from services.predict_api.serving.recording import step as record
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.adapters.local.durable_queue import DeliveriesPending, LocalBus
from shared.adapters.local.folder_store import FolderStore
from shared.adapters.local.notifier import LocalNotifier
from shared.errors import StoreUnavailable
from shared.messaging.dead_letters import DeadLetter
from shared.messaging.delivery import PushResponse, handle_delivery
from shared.messaging.events import DataCollected, DataValidated, Event, Grade, Ticked
from shared.ports import EventBus, ObjectStore, Ports, Step, Warehouse
from shared.runtime.settings import Settings

UNUSED_URL = "http://127.0.0.1:9"  # the faulty transport answers without a connection
POISON_RUN_PREFIX = "poison"  # of the run ids of poison messages
_MAX_ATTEMPTS = 40  # of delivering a delayed delivery, and of restarting within a day


class PipelineMachine:
    """The pipeline on a home folder. `deliveries` counts every push, `bugs` lists the responses 500.

    `real_ports` have no faults, `served_forecasts` went to clients; without `serve_api` no API runs.
    """

    def __init__(
        self,
        home: Path,
        sources: SimulatedSources,
        injector: FaultInjector,
        *,
        train_models: bool = False,
        run_leak_check: bool = True,
        serve_api: bool = True,
    ) -> None:
        self._home, self._sources, self._injector = home, sources, injector
        settings = Settings(
            home=home,
            mlb_api_url=UNUSED_URL,
            savant_url=UNUSED_URL,
            weather_url=UNUSED_URL,
            collector_workers=1,
            leak_check_samples=1,
            deployment_disabled=not train_models,
        )
        # The setting does not allow 0; a copy is not validated.
        self._settings = settings if run_leak_check else settings.model_copy(update={"leak_check_samples": 0})
        self._timer = VirtualTimer(sources.now, injector)
        self._clock = StepClock(sources.now, injector)
        self._delayed: list[DelayedDelivery] = []
        self._serves_api = serve_api
        self.served_forecasts: list[ServedForecast] = []
        self.deliveries, self.crashes, self.bugs = 0, 0, list[str]()
        self._open_stores()

    def run_day(self, number: int) -> None:
        """Run a day: its tick on the next morning, every step that follows, and a request for forecasts."""
        self._injector.day = number
        self._start_day(number)
        self._retry_after_crash(partial(self._publish_poison, number))
        tick = Ticked(run_id=f"daily-{number}", occurred_at=self._clock.now)
        self._retry_after_crash(lambda: self._publish_with_retry(tick))
        self._retry_after_crash(self._drain_queue)
        if self._serves_api:
            self._retry_after_crash(partial(self._request_forecasts, number + 1))

    def _request_forecasts(self, number: int) -> None:
        """Request the next day's forecasts once; they count as served even if the API crashes afterwards."""
        self._api.poll_release()
        if any(one.day == scenario_date(number) for one in self.served_forecasts):
            return
        self.served_forecasts += self._api.serve_forecasts(scenario_date(number))
        fault = self._injector.check("api.answer", scenario_date(number).isoformat())
        if fault is not None:
            self._injector.crash()

    def finish_pending(self) -> None:
        """Deliver what is delayed, then replay dead letters of corrupted reads, as a person would."""
        self._deliver_delayed()
        while corrupted := self._corrupted_reads():  # a replay may meet another corrupted read
            for dead_letter in corrupted:
                self._bus.replay_dead_letter(int(dead_letter.id))
            self._deliver_delayed()

    def dead_letters(self) -> list[DeadLetter]:
        """Return all dead letters, oldest first."""
        return self._bus.list_dead_letters()

    def pending_deliveries(self) -> dict[str, int]:
        """Return what waits in the queue, by subscription."""
        return self._bus.count_pending()

    def close(self) -> None:
        """Close the files."""
        self._warehouse.close()

    def _start_day(self, number: int) -> None:
        self._sources.now = self._clock.now = self._timer.now = tick_time(scenario_date(number))
        edition_fault = self._injector.check("source.edition", scenario_date(number).isoformat())
        self._sources.first_edition_day = number if edition_fault else 0

    def _corrupted_reads(self) -> list[DeadLetter]:
        unreplayed = (dead_letter for dead_letter in self.dead_letters() if dead_letter.replayed_at is None)
        return [letter for letter in unreplayed if "planted store.corrupted_read" in letter.reason]

    def _deliver_delayed(self) -> None:
        self._retry_after_crash(self._drain_queue)
        while self._delayed:  # a delivery may be delayed again
            self._delayed = [DelayedDelivery(one.service, one.body, 0) for one in self._delayed]
            self._retry_after_crash(self._drain_queue)

    def _open_stores(self) -> None:
        transaction_clock = TransactionClock(self._timer)
        store, folder = FolderStore(self._home / "objects"), self._home / "objects"
        self._warehouse = DuckDbWarehouse(self._home / "warehouse.duckdb", clock=transaction_clock)
        queue = self._home / "queue.sqlite"
        self._bus = LocalBus(queue, "live", clock=self._timer, sleep=self._timer.sleep, backoff=BACKOFF)
        notifier = LocalNotifier(self._home, clock=lambda: self._timer.now)
        self.real_ports = Ports(store, self._warehouse, self._bus, notifier, self._settings)
        fault_control = self._injector, self._timer
        self._faulty_ports = Ports(
            cast("ObjectStore", FaultyObjectStore(*fault_control, store, folder)),
            cast("Warehouse", FaultyWarehouse(*fault_control, self._warehouse, transaction_clock)),
            cast("EventBus", FaultyPort(*fault_control, self._bus)),
            notifier,
            self._settings,
        )
        transport = FaultyTransport(self._sources, *fault_control)
        source_factory = partial(
            open_sources,
            sleep=lambda _seconds: None,
            clock=self._timer.monotonic_seconds,
            transport=transport,
        )
        self._steps: dict[str, Step] = {**STEPS, "collector": partial(collect, source_factory=source_factory)}
        self._api = InProcessApi(self._faulty_ports.objects, self._clock)
        self._steps["predict_api"] = self._api.step if self._serves_api else record

    def _retry_after_crash(self, action: Callable[[], None]) -> None:
        for _ in range(_MAX_ATTEMPTS):
            try:
                return action()
            except ProcessCrash:
                self._restart()
        raise DeliveriesPending(f"crashed {_MAX_ATTEMPTS} times")

    def _restart(self) -> None:
        self.crashes += 1
        self._warehouse.close()
        self._injector.restore()
        self._open_stores()

    def _publish_with_retry(self, event: Event) -> None:
        """Publish as the scheduler does: until it is acknowledged."""
        for _ in range(_MAX_ATTEMPTS):
            try:
                self._faulty_ports.bus.publish(event)
            except StoreUnavailable:
                self._timer.sleep(1.0)
            else:
                return
        raise DeliveriesPending(f"the tick could not be published {_MAX_ATTEMPTS} times")

    def _publish_poison(self, number: int) -> None:
        while fault := self._injector.check("bus.poison", ""):
            self._bus.publish(poison_message(fault, number, len(self._injector.injected)))

    def _drain_queue(self) -> None:
        handlers = {name: partial(self._deliver_to_service, name) for name in self._steps}
        for _ in range(_MAX_ATTEMPTS):
            self._bus.run_until_idle(handlers, max_wait=MAX_WAIT)
            due = self._due_deliveries()
            if not due:
                return
            for delayed in due:
                self._redeliver(delayed)
        raise DeliveriesPending(
            f"{len(self._due_deliveries())} delayed deliveries failed {_MAX_ATTEMPTS} times"
        )

    def _due_deliveries(self) -> list[DelayedDelivery]:
        return [delayed for delayed in self._delayed if delayed.until_day <= self._injector.day]

    def _deliver_to_service(self, service: str, body: bytes) -> PushResponse:
        due = self._due_deliveries()
        answer = self._deliver_with_faults(service, body)
        for delayed in due:
            self._redeliver(delayed)
        return answer

    def _redeliver(self, delayed: DelayedDelivery) -> None:
        if self._handle_push(delayed.service, delayed.body).status == 200:
            self._delayed.remove(delayed)

    def _deliver_with_faults(self, service: str, body: bytes) -> PushResponse:
        fault = self._injector.check("bus.deliver", service)
        kind = fault.kind if fault else ""
        if kind in ("bus.reordered", "bus.late"):
            days = 1 if kind == "bus.late" else 0
            self._delayed.append(DelayedDelivery(service, body, self._injector.day + days))
            return PushResponse(200, "on its way")
        if kind == "bus.lost":
            return PushResponse(503, "planted: lost")
        if kind == "death.before":
            self._injector.crash()
        answer = self._handle_push(service, body)
        if kind == "bus.doubled":
            answer = self._handle_push(service, body)
        if kind == "death.after":
            self._injector.crash()
        return PushResponse(503, "planted: response lost") if kind == "bus.unacknowledged" else answer

    def _handle_push(self, service: str, body: bytes) -> PushResponse:
        self.deliveries += 1
        answer = handle_delivery(body, self._steps[service], self._faulty_ports, self._clock)
        if answer.outcome == "bug":
            self.bugs.append(f"{service}: {answer.text}")
        return answer


def poison_message(fault: Fault, number: int, serial: int) -> Event:
    """Return a message that no service can ever handle."""
    run_id = f"{POISON_RUN_PREFIX}-{serial}"
    common = {
        "run_id": run_id,
        "occurred_at": tick_time(scenario_date(number)),
        "dates": (scenario_date(number),),
    }
    if fault.kind == "bus.poison_version":
        fields = {"season_phase": "regular", "manifest": run_id, "counts": {}, "attempt": 0, "sport": "mlb"}
        return DataCollected.model_construct(schema_version=2, **common, **fields)  # type: ignore[arg-type]
    return DataValidated(**common, report=f"reports/{run_id}/0/report.json", grade=Grade.A, accepted=())
