"""One disturbed run: lived from a day of the undisturbed week, and held against it in the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import msgspec

from hankstank.dev.fault_injection.baseline import Baseline, objects
from hankstank.dev.fault_injection.compare import likeness
from hankstank.dev.fault_injection.fault_types import KINDS
from hankstank.dev.fault_injection.forecasts import faults
from hankstank.dev.fault_injection.injector import Fate, Hit
from hankstank.dev.fault_injection.machine import POISON, Life
from hankstank.dev.fault_injection.scenario import Outside, day
from hankstank.dev.fault_injection.schedule import Fault, drawn
from hankstank.dev.fault_injection.store_copies import copied, left_behind
from shared.adapters.local.durable_queue import StillPending
from shared.errors import Rejected
from shared.messaging.dead_letters import DeadLetter

FEWEST, MOST = 6, 14  # faults a run
_PROVED = 4  # one run in so many lets features prove that nothing leaks: the proof writes nothing
_UNSERVED = 3  # one run in so many has no API: forecasts are stored where the machine runs
_GRADED = (
    *("graded ", "tables grades", "snapshot track_record", "snapshot reliability"),
    "snapshot recent_games",  # with what was expected of each player
)
_MISSED = "tables weather_forecasts"  # the weather as it was foretold on a morning when nobody asked


class Outcome(msgspec.Struct, frozen=True):
    """What became of a run; `wrong` is empty where nothing was lost, doubled or left behind."""

    seed: int
    days: tuple[int, ...]
    hits: tuple[str, ...]  # each stroke, with the call that it hit
    kinds: tuple[str, ...]  # of each stroke
    wrong: tuple[str, ...]
    deaths: int
    letters: int = 0
    deliveries: int = 0
    undisturbed: int = 0  # deliveries
    allowed: int = 0
    objects: int = 0  # more than undisturbed
    memory_mb: float = 0.0


@dataclass(frozen=True)
class Plan:
    """What runs are made of: the days each lives, the faults drawn, and whether models are deployed."""

    days: int = 2
    kinds: tuple[str, ...] = ()
    learns: bool = False

    def of(self, seed: int, baseline: Baseline) -> tuple[int, ...]:
        """Return the days of a seed's run."""
        first = Random(f"first day of {seed}").randint(1, baseline.week.days - self.days + 1)
        return tuple(range(first, first + self.days))

    def faults(self, seed: int, baseline: Baseline) -> tuple[Fault, ...]:
        """Return a seed's faults."""
        return drawn(seed, self.of(seed, baseline), baseline.counts(), FEWEST, MOST, self.kinds)


@dataclass(frozen=True)
class Stage:
    """Where runs are played: the undisturbed week, and the outside world of all of them."""

    baseline: Baseline
    outside: Outside
    plan: Plan = Plan()

    def played(self, seed: int) -> Outcome:
        """Play a seed's run."""
        return self.tried(seed, self.plan.faults(seed, self.baseline))

    def tried(self, seed: int, faults: Sequence[Fault]) -> Outcome:
        """Live a seed's days with these faults and say what became of them."""
        days = self.plan.of(seed, self.baseline)
        with copied(self.baseline.home(days[0] - 1)) as home:
            fate = Fate(home, faults)
            learns, proves, serves = self.plan.learns, seed % _PROVED == 0, seed % _UNSERVED != 0
            life = Life(home, self.outside, fate, learns=learns, proves=proves, serves=serves)
            try:
                trial = Trial(self, days, home, fate, life)
                return trial.outcome(seed, trial.lived() or trial.found())
            finally:
                life.close()

    def shrunk(self, seed: int) -> tuple[Fault, ...]:
        """Return as few of a failing run's faults as still make it fail, dropped one at a time."""
        left = list(self.plan.faults(seed, self.baseline))
        for fault in tuple(left):
            fewer = [one for one in left if one != fault]
            if self.tried(seed, fewer).wrong:
                left = fewer
        return tuple(left)


@dataclass(frozen=True)
class Trial:
    """A run while it is played and judged."""

    stage: Stage
    days: tuple[int, ...]
    home: Path
    fate: Fate
    life: Life

    def lived(self) -> list[str]:
        """Live the days; return why that was not possible to their end."""
        try:
            for number in self.days:
                self.life.live(number)
            self.life.settle()
        except StillPending as error:
            return [f"came to no end: {error}"]
        return []

    def found(self) -> list[str]:
        """Return everything that is not as in the undisturbed week."""
        return [
            *self._differences(),
            *self._forecasts(),
            *(f"answered 500: {bug}" for bug in self.life.bugs),
            *misparked(self.life.letters(), self.fate.hits),
            *self._storm(),
            *(f"still pending: {name}" for name in self.life.pending()),
            *left_behind(self.home),
        ]

    def outcome(self, seed: int, wrong: Sequence[str]) -> Outcome:
        """Return what is told of the run."""
        return Outcome(
            seed=seed,
            days=self.days,
            hits=tuple(map(str, self.fate.hits)),
            kinds=tuple(hit.fault.kind for hit in self.fate.hits),
            wrong=tuple(wrong),
            deaths=self.life.deaths,
            letters=len(self.life.letters()),
            deliveries=self.life.deliveries,
            undisturbed=self._undisturbed,
            allowed=self._allowed,
            objects=objects(self.home) - self.stage.baseline.days[self.days[-1]].objects,
            memory_mb=memory_mb(),
        )

    def _differences(self) -> list[str]:
        learns = self.stage.plan.learns
        try:
            ours = likeness(self.life.ports, with_forecasts=not learns)
        except Rejected as error:
            return [f"cannot be served: {error}"]
        theirs = self.stage.baseline.days[self.days[-1]].likeness
        if learns:  # its models are its own
            theirs = msgspec.structs.replace(theirs, forecasts={}, graded={})
        return [f"another {name}" for name in ours.differences(theirs) if not self._is_excused(name)]

    def _is_excused(self, name: str) -> bool:
        """Return whether a difference may follow from a morning that knew less, or from own models."""
        if name == _MISSED:
            return any(map(_misses_a_morning, self.fate.hits))
        follows = name.startswith(_GRADED) and name != f"graded {day(self.days[0])}"
        return follows and (self.stage.plan.learns or any(map(_knows_less, self.fate.hits)))

    def _forecasts(self) -> list[str]:
        """Return what is wrong with forecasts.

        A morning that knows less may lack the line-ups of the next day's clubs, and then forecasts nobody.
        """
        knows_less = any(map(_knows_less, self.fate.hits))
        days = self.stage.baseline.days
        games = days[self.days[0] if knows_less else self.days[-1]].forecast
        return faults(self.life.ports, self.life.answers, games, days[self.days[0] - 1].release + 1)

    def _storm(self) -> list[str]:
        if self.life.deliveries <= self._allowed:
            return []
        return [f"a storm: {self.life.deliveries} deliveries, {self._allowed} allowed"]

    @property
    def _allowed(self) -> int:
        """The most deliveries that the strokes excuse."""
        return self._undisturbed + sum(KINDS[hit.fault.kind].deliveries for hit in self.fate.hits)

    @property
    def _undisturbed(self) -> int:
        return sum(self.stage.baseline.days[number].deliveries for number in self.days)


def _knows_less(hit: Hit) -> bool:
    """Return whether a stroke may keep something from the next day's forecasts that was known in time."""
    return _misses_a_morning(hit) or KINDS[hit.fault.kind].parks


def _misses_a_morning(hit: Hit) -> bool:
    """Return whether a stroke may keep a day from being collected until the next morning."""
    return KINDS[hit.fault.kind].heals_later or hit.fault.kind == "bus.late"


def misparked(letters: Sequence[DeadLetter], hits: Sequence[Hit]) -> list[str]:
    """Return dead letters that nobody meant, and meant ones that are not there, once."""
    poisoned = sum(hit.fault.kind.startswith("bus.poison") for hit in hits)
    meant = [letter for letter in letters if letter.run_id.startswith(POISON)]
    others = [letter for letter in letters if not letter.run_id.startswith(POISON)]
    wrong = [f"parked: {one.subscription}: {one.reason}" for one in others if not _explained(one, hits)]
    if len(meant) != poisoned:
        wrong.append(f"{poisoned} poisoned messages, {len(meant)} dead letters of them")
    return wrong


def _explained(letter: DeadLetter, hits: Sequence[Hit]) -> bool:
    """Return whether a stroke that may end in a dead letter is what the letter is about."""
    if "planted store.corrupted_read" in letter.reason:
        return True
    if letter.reason.startswith("ObjectCorrupted: "):
        name = letter.reason.removeprefix("ObjectCorrupted: ").partition(":")[0]
        return any(hit.fault.kind.startswith("store.torn_") and hit.what == name for hit in hits)
    parks = any(KINDS[hit.fault.kind].parks and hit.fault.place == "source.get" for hit in hits)
    return parks and "rounds of re-collection" in letter.reason


def memory_mb() -> float:
    """Return the memory that this process holds now; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * 4096 / 1_000_000
