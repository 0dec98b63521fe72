"""The fault-free baseline: one week, with a copy of the stores after every day for runs to start from."""

import shutil
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec

from hankstank.dev.fault_injection.compare import StateDigest, digest_state
from hankstank.dev.fault_injection.forecasts import games_with_forecast
from hankstank.dev.fault_injection.injector import FaultInjector
from hankstank.dev.fault_injection.machine import PipelineMachine
from hankstank.dev.fault_injection.scenario import PROLOGUE, ScenarioWeek, SimulatedSources
from shared.modeling.registry import current_release

_RECORD_NAME = "days.json"


class BaselineDay(msgspec.Struct, frozen=True):
    """State after a day, and what the day took: calls by operation, and deliveries."""

    state: StateDigest
    calls: dict[str, int]
    deliveries: int
    release: int  # the current one's number
    forecast: tuple[int, ...]  # finished games with a forecast made before they began


class BaselineRecord(msgspec.Struct, frozen=True):
    """The days of a baseline, and the hash of the code that made it."""

    code: str
    days: dict[int, BaselineDay]


@dataclass(frozen=True)
class Baseline:
    """The stores and records of a baseline week, in a folder."""

    folder: Path
    week: ScenarioWeek

    def home_after_day(self, number: int) -> Path:
        """Return the copy of the stores after a day; 0 is before the week."""
        return self.folder / f"home-{number}"

    @property
    def rendered_folder(self) -> Path:
        """Return the simulator's cache folder."""
        return self.folder / "simulator"

    @cached_property
    def days(self) -> Mapping[int, BaselineDay]:
        """Return the record of each day."""
        return self._load_record().days

    def call_counts(self) -> dict[tuple[int, str], int]:
        """Return how often each operation is called on each day."""
        return {
            (number, operation): calls
            for number, one in self.days.items()
            for operation, calls in one.calls.items()
        }

    def _load_record(self) -> BaselineRecord:
        return msgspec.json.decode((self.folder / _RECORD_NAME).read_bytes(), type=BaselineRecord)

    def ensure_built(self, code: str = "") -> None:
        """Run the prologue and the week, unless the same code did so in this folder before."""
        if (self.folder / _RECORD_NAME).exists() and self._load_record().code == code:
            return
        shutil.rmtree(self.folder, ignore_errors=True)  # from other code, or interrupted
        self.folder.mkdir(parents=True)
        home, sources = self.folder / "current", SimulatedSources(self.week, self.rendered_folder)
        days = {}
        for number in range(1 - PROLOGUE, self.week.days + 1):
            days[number] = self._run_day(home, sources, number)
            shutil.copytree(home, self.home_after_day(number))
        shutil.rmtree(home)
        (self.folder / _RECORD_NAME).write_bytes(msgspec.json.encode(BaselineRecord(code, days)))

    def _run_day(self, home: Path, sources: SimulatedSources, number: int) -> BaselineDay:
        injector = FaultInjector(home)
        with closing(PipelineMachine(home, sources, injector, train_models=number < 1)) as machine:
            machine.run_day(number)
            if problems := [*(letter.reason for letter in machine.dead_letters()), *machine.bugs]:
                raise AssertionError(f"day {number} of the baseline failed without faults: {problems}")
            calls = {operation: count for (_, operation), count in injector.call_counts.items()}
            forecast = tuple(sorted(games_with_forecast(machine.real_ports.warehouse)))
            state, release = digest_state(machine.real_ports), current_release(machine.real_ports.objects)
            number_of_release = release.number if release else 0
            return BaselineDay(state, calls, machine.deliveries, number_of_release, forecast)
