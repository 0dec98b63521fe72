"""One run with faults: starts from a day of the baseline and is compared with it at the end."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

import msgspec
import psutil

from hankstank.dev.fault_injection.baseline import Baseline
from hankstank.dev.fault_injection.compare import digest_state
from hankstank.dev.fault_injection.fault_types import FAULT_TYPES
from hankstank.dev.fault_injection.forecasts import find_forecast_errors
from hankstank.dev.fault_injection.injector import FaultInjector, InjectedFault
from hankstank.dev.fault_injection.machine import POISON_RUN_PREFIX, PipelineMachine
from hankstank.dev.fault_injection.scenario import SimulatedSources, scenario_date
from hankstank.dev.fault_injection.schedule import Fault, draw_faults
from hankstank.dev.fault_injection.store_copies import list_leftover_files, temporary_copy
from shared.adapters.local.durable_queue import DeliveriesPending
from shared.errors import Rejected
from shared.messaging.dead_letters import DeadLetter

MIN_FAULTS, MAX_FAULTS = 6, 14  # faults a run
_LEAK_CHECK_EVERY = 4  # one run in four also does the point-in-time check, which writes nothing
_NO_API_EVERY = 3  # one run in three has no API: the pipeline stores the forecasts
_GRADED_PARTS = (
    *("graded ", "tables grades", "snapshot track_record", "snapshot reliability"),
    "snapshot recent_games",  # has the forecast of each player
)
_WEATHER_TABLE = "tables weather_forecasts"  # forecasts of a morning without a request are lost


class RunOutcome(msgspec.Struct, frozen=True):
    """The outcome of a run; `wrong` is empty if nothing was lost, duplicated or left behind."""

    seed: int
    days: tuple[int, ...]
    hits: tuple[str, ...]  # each injected fault, with its call
    kinds: tuple[str, ...]  # of each injected fault
    wrong: tuple[str, ...]
    deaths: int
    letters: int = 0
    deliveries: int = 0
    undisturbed: int = 0  # deliveries
    allowed: int = 0
    memory_mb: float = 0.0


@dataclass(frozen=True)
class FaultPlan:
    """Settings of runs: days of each, fault types, and whether models are trained."""

    days: int = 2
    kinds: tuple[str, ...] = ()
    train_models: bool = False

    def select_days(self, seed: int, baseline: Baseline) -> tuple[int, ...]:
        """Return the days of a seed's run."""
        first = Random(f"first day of {seed}").randint(1, baseline.week.days - self.days + 1)
        return tuple(range(first, first + self.days))

    def select_faults(self, seed: int, baseline: Baseline) -> tuple[Fault, ...]:
        """Return a seed's faults."""
        return draw_faults(
            seed, self.select_days(seed, baseline), baseline.call_counts(), MIN_FAULTS, MAX_FAULTS, self.kinds
        )


@dataclass(frozen=True)
class FaultHarness:
    """Executes runs: holds the baseline and the simulated sources of all of them."""

    baseline: Baseline
    sources: SimulatedSources
    plan: FaultPlan = FaultPlan()

    def run_seed(self, seed: int) -> RunOutcome:
        """Execute a seed's run."""
        return self.run_faults(seed, self.plan.select_faults(seed, self.baseline))

    def run_faults(self, seed: int, faults: Sequence[Fault]) -> RunOutcome:
        """Run a seed's days with these faults and return the outcome."""
        days = self.plan.select_days(seed, self.baseline)
        with temporary_copy(self.baseline.home_after_day(days[0] - 1)) as home:
            injector = FaultInjector(home, faults)
            machine = PipelineMachine(
                home,
                self.sources,
                injector,
                train_models=self.plan.train_models,
                run_leak_check=seed % _LEAK_CHECK_EVERY == 0,
                serve_api=seed % _NO_API_EVERY != 0,
            )
            with closing(machine):
                fault_run = FaultRun(self, days, home, injector, machine)
                return fault_run.build_outcome(seed, fault_run.run_days() or fault_run.find_problems())

    def shrink_faults(self, seed: int) -> tuple[Fault, ...]:
        """Return a minimal list of a failing run's faults, found by dropping one at a time."""
        left = list(self.plan.select_faults(seed, self.baseline))
        for fault in tuple(left):
            fewer = [one for one in left if one != fault]
            if self.run_faults(seed, fewer).wrong:
                left = fewer
        return tuple(left)


@dataclass(frozen=True)
class FaultRun:
    """A run while it is executed and checked."""

    harness: FaultHarness
    days: tuple[int, ...]
    home: Path
    injector: FaultInjector
    machine: PipelineMachine

    def run_days(self) -> list[str]:
        """Run the days; return why they could not be completed."""
        try:
            for number in self.days:
                self.machine.run_day(number)
            self.machine.finish_pending()
        except DeliveriesPending as error:
            return [f"did not finish: {error}"]
        return []

    def find_problems(self) -> list[str]:
        """Return every difference from the baseline."""
        return [
            *self._state_differences(),
            *self._forecast_problems(),
            *(f"response 500: {bug}" for bug in self.machine.bugs),
            *find_dead_letter_errors(self.machine.dead_letters(), self.injector.injected),
            *self._excess_deliveries(),
            *(f"still pending: {name}" for name in self.machine.pending_deliveries()),
            *list_leftover_files(self.home),
        ]

    def build_outcome(self, seed: int, wrong: Sequence[str]) -> RunOutcome:
        """Return the outcome of the run."""
        return RunOutcome(
            seed=seed,
            days=self.days,
            hits=tuple(map(str, self.injector.injected)),
            kinds=tuple(hit.fault.kind for hit in self.injector.injected),
            wrong=tuple(wrong),
            deaths=self.machine.crashes,
            letters=len(self.machine.dead_letters()),
            deliveries=self.machine.deliveries,
            undisturbed=self._baseline_deliveries,
            allowed=self._allowed_deliveries,
            memory_mb=memory_mb(),
        )

    def _state_differences(self) -> list[str]:
        train_models = self.harness.plan.train_models
        try:
            ours = digest_state(self.machine.real_ports, with_forecasts=not train_models)
        except Rejected as error:
            return [f"cannot be served: {error}"]
        theirs = self.harness.baseline.days[self.days[-1]].state
        if train_models:  # its models are its own
            theirs = msgspec.structs.replace(theirs, forecasts={}, graded={})
        return [f"different {name}" for name in ours.find_differences(theirs) if not self._is_excused(name)]

    def _is_excused(self, name: str) -> bool:
        """Return whether a difference is allowed: data that came a day later, or models of the run's own."""
        if name == _WEATHER_TABLE:
            return any(map(_may_miss_a_day, self.injector.injected))
        follows = name.startswith(_GRADED_PARTS) and name != f"graded {scenario_date(self.days[0])}"
        return follows and (
            self.harness.plan.train_models or any(map(_may_lack_inputs, self.injector.injected))
        )

    def _forecast_problems(self) -> list[str]:
        """Return what is wrong with forecasts.

        If data comes a day later, the next day's line-ups may be missing, and then nobody is forecast.
        """
        lacks_inputs = any(map(_may_lack_inputs, self.injector.injected))
        days = self.harness.baseline.days
        games = days[self.days[0] if lacks_inputs else self.days[-1]].forecast
        return find_forecast_errors(
            self.machine.real_ports, self.machine.served_forecasts, games, days[self.days[0] - 1].release + 1
        )

    def _excess_deliveries(self) -> list[str]:
        if self.machine.deliveries <= self._allowed_deliveries:
            return []
        return [f"too many deliveries: {self.machine.deliveries}, {self._allowed_deliveries} allowed"]

    @property
    def _allowed_deliveries(self) -> int:
        """The most deliveries that the injected faults may cause."""
        return self._baseline_deliveries + sum(
            FAULT_TYPES[hit.fault.kind].extra_deliveries for hit in self.injector.injected
        )

    @property
    def _baseline_deliveries(self) -> int:
        return sum(self.harness.baseline.days[number].deliveries for number in self.days)


def _may_lack_inputs(hit: InjectedFault) -> bool:
    """Return whether a fault may keep data from the next day's forecasts."""
    return _may_miss_a_day(hit) or FAULT_TYPES[hit.fault.kind].causes_dead_letter


def _may_miss_a_day(hit: InjectedFault) -> bool:
    """Return whether a fault may delay the collection of a day to the next morning."""
    return FAULT_TYPES[hit.fault.kind].recovers_later or hit.fault.kind == "bus.late"


def find_dead_letter_errors(
    dead_letters: Sequence[DeadLetter], injected: Sequence[InjectedFault]
) -> list[str]:
    """Return unexpected dead letters, and a wrong number of expected ones."""
    poisoned = sum(hit.fault.kind.startswith("bus.poison") for hit in injected)
    expected = [
        dead_letter for dead_letter in dead_letters if dead_letter.run_id.startswith(POISON_RUN_PREFIX)
    ]
    others = [letter for letter in dead_letters if not letter.run_id.startswith(POISON_RUN_PREFIX)]
    wrong = [
        f"dead letter: {one.subscription}: {one.reason}" for one in others if not _is_explained(one, injected)
    ]
    if len(expected) != poisoned:
        wrong.append(f"{poisoned} poisoned messages, {len(expected)} dead letters of them")
    return wrong


def _is_explained(dead_letter: DeadLetter, injected: Sequence[InjectedFault]) -> bool:
    """Return whether an injected fault explains the dead letter."""
    if "planted store.corrupted_read" in dead_letter.reason:
        return True
    truncated = [hit.target for hit in injected if hit.fault.kind.startswith("store.torn_") and hit.target]
    if any(
        name in dead_letter.reason for name in truncated
    ):  # whoever reads the file reports it, in their words
        return True
    can_lose_games = any(
        FAULT_TYPES[hit.fault.kind].causes_dead_letter and hit.fault.operation == "source.get"
        for hit in injected
    )
    return can_lose_games and "rounds of re-collection" in dead_letter.reason


def memory_mb() -> float:
    """Return the resident memory of this process in MB."""
    return float(psutil.Process().memory_info().rss) / 1e6
