"""A machine that lives days of the week in a folder, dies when fate says so, and goes on from its files."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from hankstank.dev.fault_injection.api import Api
from hankstank.dev.fault_injection.forecasts import Answered
from hankstank.dev.fault_injection.injector import Death, Fate
from hankstank.dev.fault_injection.ports import (
    Bus,
    Held,
    Line,
    Mail,
    Objects,
    Tables,
    Timers,
    Within,
    WorldClock,
)
from hankstank.dev.fault_injection.scenario import Outside, day
from hankstank.dev.fault_injection.schedule import Fault
from hankstank.local.machine import BACKOFF, MAX_WAIT, STEPS
from hankstank.local.run_plan import tick_time
from services.collector.mlb.sources.registry import open_sources
from services.collector.step import step as collect
from services.predict_api.serving.recording import step as record
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.adapters.local.durable_queue import LocalBus, StillPending
from shared.adapters.local.folder_store import FolderStore
from shared.adapters.local.notifier import LocalNotifier
from shared.errors import StoreUnavailable
from shared.messaging.dead_letters import DeadLetter
from shared.messaging.delivery import Answer, handle
from shared.messaging.events import DataCollected, DataValidated, Event, Grade, Ticked
from shared.ports import Ports, Step
from shared.runtime.settings import Settings

NOWHERE = "http://127.0.0.1:9"  # the line to the outside needs no address
POISON = "poison"  # how the runs of poisoned messages are called
_PATIENCE = 40  # times that a held delivery is brought, and that a day may be begun anew


class Life:
    """Lives on a home. `deliveries` counts every push to a room, `bugs` what was answered 500.

    `answers` are what clients were given by an API, where the life `serves`; where it does not, no API runs.
    """

    def __init__(
        self,
        home: Path,
        outside: Outside,
        fate: Fate,
        *,
        learns: bool = False,
        proves: bool = True,
        serves: bool = True,
    ) -> None:
        self._home, self._outside, self._fate = home, outside, fate
        settings = Settings(
            home=home,
            mlb_api_url=NOWHERE,
            savant_url=NOWHERE,
            weather_url=NOWHERE,
            collector_workers=1,
            leak_proof_samples=1,
            training_frozen=not learns,
        )
        # No setting turns the proof off; a copy may.
        self._settings = settings if proves else settings.model_copy(update={"leak_proof_samples": 0})
        self._timers = Timers(outside.now, fate)
        self._clock = WorldClock(outside.now, fate)
        self._mail = Mail()
        self._serves = serves
        self.answers: list[Answered] = []
        self.deliveries, self.deaths, self.bugs = 0, 0, list[str]()
        self._open()

    def live(self, number: int) -> None:
        """Live a day: a tick in the morning after, everything that follows from it, and a question."""
        self._fate.day = number
        self._wake(number)
        self._surviving(partial(self._poison, number))
        tick = Ticked(run_id=f"daily-{number}", occurred_at=self._clock.now)
        self._surviving(lambda: self._publish(tick))
        self._surviving(self._drain)
        if self._serves:
            self._surviving(partial(self._ask, number + 1))

    def _ask(self, number: int) -> None:
        """Ask the API about the next day, once; what was answered counts, whatever becomes of the API."""
        self._api.look()
        if any(one.day == day(number) for one in self.answers):
            return
        self.answers += self._api.answers(day(number))
        fault = self._fate.at("api.answer", day(number).isoformat())
        if fault is not None:
            self._fate.die()

    def settle(self) -> None:
        """Bring what is held back still, then replay what a person would: reads that were spoilt for once."""
        self._empty_the_mail()
        while spoilt := self._spoilt():  # what a replayed letter leads to may be spoilt in its turn
            for letter in spoilt:
                self._bus.replay(int(letter.id))
            self._empty_the_mail()

    def letters(self) -> list[DeadLetter]:
        """Return all dead letters, oldest first."""
        return self._bus.dead_letters()

    def pending(self) -> dict[str, int]:
        """Return what waits in the queue, by subscription."""
        return self._bus.pending()

    def close(self) -> None:
        """Let go of the files."""
        self._warehouse.close()

    @property
    def ports(self) -> Ports:
        """The real ports, without anybody's fate."""
        return self._calm

    def _wake(self, number: int) -> None:
        self._outside.now = self._clock.now = self._timers.now = tick_time(day(number))
        drafted = self._fate.at("source.edition", day(number).isoformat())
        self._outside.drafted = number if drafted else 0

    def _spoilt(self) -> list[DeadLetter]:
        letters = (letter for letter in self.letters() if letter.replayed_at is None)
        return [letter for letter in letters if "planted store.corrupted_read" in letter.reason]

    def _empty_the_mail(self) -> None:
        self._surviving(self._drain)
        while self._mail.held:  # what is brought may be held back in its turn, as often as a fault strikes
            self._mail.held = [Held(one.room, one.body, 0) for one in self._mail.held]
            self._surviving(self._drain)

    def _open(self) -> None:
        within = Within(self._timers)
        store, folder = FolderStore(self._home / "objects"), self._home / "objects"
        self._warehouse = DuckDbWarehouse(self._home / "warehouse.duckdb", clock=within)
        queue = self._home / "queue.sqlite"
        self._bus = LocalBus(queue, "live", clock=self._timers, sleep=self._timers.sleep, backoff=BACKOFF)
        notifier = LocalNotifier(self._home, clock=lambda: self._timers.now)
        self._calm = Ports(store, self._warehouse, self._bus, notifier, self._settings)
        struck = self._fate, self._timers
        self._ports = Ports(
            Objects(*struck, store, folder),
            Tables(*struck, self._warehouse, within),
            Bus(*struck, self._bus),
            notifier,
            self._settings,
        )
        line = Line(self._outside, *struck)
        opened = partial(
            open_sources,
            sleep=lambda _seconds: None,
            clock=self._timers.seconds,
            transport=line,
        )
        self._steps: dict[str, Step] = {**STEPS, "collector": partial(collect, opened=opened)}
        self._api = Api(self._ports.objects, self._clock)
        self._steps["predict_api"] = self._api.step if self._serves else record

    def _surviving(self, act: Callable[[], None]) -> None:
        for _ in range(_PATIENCE):
            try:
                return act()
            except Death:
                self._be_born_again()
        raise StillPending(f"died {_PATIENCE} times")

    def _be_born_again(self) -> None:
        self.deaths += 1
        self._warehouse.close()
        self._fate.be_born_again()
        self._open()

    def _publish(self, event: Event) -> None:
        """Publish as the scheduler does: until it is told that it worked."""
        for _ in range(_PATIENCE):
            try:
                self._ports.bus.publish(event)
            except StoreUnavailable:
                self._timers.sleep(1.0)
            else:
                return
        raise StillPending(f"the tick could not be published {_PATIENCE} times")

    def _poison(self, number: int) -> None:
        while fault := self._fate.at("bus.poison", ""):
            self._bus.publish(poisoned(fault, number, len(self._fate.hits)))

    def _drain(self) -> None:
        rooms = {room: partial(self._deliver, room) for room in self._steps}
        for _ in range(_PATIENCE):
            self._bus.drain(rooms, max_wait=MAX_WAIT)
            ripe = self._ripe()
            if not ripe:
                return
            for held in ripe:
                self._bring(held)
        raise StillPending(f"{len(self._ripe())} deliveries were brought {_PATIENCE} times in vain")

    def _ripe(self) -> list[Held]:
        return [held for held in self._mail.held if held.until_day <= self._fate.day]

    def _deliver(self, room: str, body: bytes) -> Answer:
        ripe = self._ripe()
        answer = self._delivered(room, body)
        for held in ripe:
            self._bring(held)
        return answer

    def _bring(self, held: Held) -> None:
        if self._handle(held.room, held.body).status == 200:
            self._mail.held.remove(held)

    def _delivered(self, room: str, body: bytes) -> Answer:
        fault = self._fate.at("bus.deliver", room)
        kind = fault.kind if fault else ""
        if kind in ("bus.reordered", "bus.late"):
            days = 1 if kind == "bus.late" else 0
            self._mail.held.append(Held(room, body, self._fate.day + days))
            return Answer(200, "on its way")
        if kind == "bus.lost":
            return Answer(503, "planted: nobody heard it")
        if kind == "death.before":
            self._fate.die()
        answer = self._handle(room, body)
        if kind == "bus.doubled":
            answer = self._handle(room, body)
        if kind == "death.after":
            self._fate.die()
        return Answer(503, "planted: nobody heard the answer") if kind == "bus.unacknowledged" else answer

    def _handle(self, room: str, body: bytes) -> Answer:
        self.deliveries += 1
        answer = handle(body, self._steps[room], self._ports, self._clock)
        if answer.outcome == "bug":
            self.bugs.append(f"{room}: {answer.text}")
        return answer


def poisoned(fault: Fault, number: int, serial: int) -> Event:
    """Return a message that no room can ever work on."""
    run_id = f"{POISON}-{serial}"
    about = {"run_id": run_id, "occurred_at": tick_time(day(number)), "dates": (day(number),)}
    if fault.kind == "bus.poison_version":
        told = {"season_phase": "regular", "manifest": run_id, "counts": {}, "attempt": 0, "sport": "mlb"}
        return DataCollected.model_construct(schema_version=2, **about, **told)  # type: ignore[arg-type]
    return DataValidated(**about, report=f"reports/{run_id}/0/report.json", grade=Grade.A, accepted=())
