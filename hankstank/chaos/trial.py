"""One disturbed run: lived from a day of the undisturbed week, and held against it in the end."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import msgspec

from hankstank.chaos.baseline import Baseline, objects
from hankstank.chaos.compare import likeness
from hankstank.chaos.fate import Fate, Hit
from hankstank.chaos.kinds import KINDS
from hankstank.chaos.life import POISON, Life
from hankstank.chaos.schedule import Fault, drawn
from hankstank.chaos.week import Outside
from shared.adapters.local.durable_queue import StillPending
from shared.dead_letters import DeadLetter

FEWEST, MOST = 6, 14  # faults a run
_MISSED = "tables weather_forecasts"  # the weather as it was foretold on a morning when nobody asked


class Outcome(msgspec.Struct, frozen=True):
    """What became of a run; `wrong` is empty where nothing was lost, doubled or left behind."""

    seed: int
    days: tuple[int, ...]
    faults: tuple[str, ...]
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
    """What runs are made of: how many days each lives, and which kinds of faults are drawn."""

    days: int = 2
    kinds: tuple[str, ...] = ()
    learns: bool = False

    def first(self, seed: int, week: int) -> int:
        """Return the day on which a seed's run begins."""
        return Random(f"first day of {seed}").randint(1, week - self.days + 1)  # noqa: S311

    def faults(self, seed: int, baseline: Baseline) -> tuple[Fault, ...]:
        """Return a seed's faults."""
        return drawn(seed, self.of(seed, baseline), baseline.counts(), FEWEST, MOST, self.kinds)

    def of(self, seed: int, baseline: Baseline) -> tuple[int, ...]:
        """Return the days of a seed's run."""
        first = self.first(seed, baseline.week.days)
        return tuple(range(first, first + self.days))


def tried(seed: int, plan: Plan, baseline: Baseline, outside: Outside, faults: Sequence[Fault]) -> Outcome:
    """Live a run's days with these faults and say what became of them."""
    days = plan.of(seed, baseline)
    with tempfile.TemporaryDirectory(prefix="hankstank-chaos-") as folder:
        home = shutil.copytree(baseline.home(days[0] - 1), Path(folder) / "home")
        fate = Fate(home, faults)
        life = Life(home, outside, fate, learns=plan.learns)
        try:
            wrong = _lived(life, fate, days)
            wrong = wrong or _found(life, fate, home, baseline, days, plan)
        finally:
            life.close()
        return _outcome(seed, days, faults, fate, life, wrong, baseline, home)


def _lived(life: Life, fate: Fate, days: Sequence[int]) -> list[str]:
    """Live the days; return why that was not possible to their end."""
    try:
        for number in days:
            life.live(number)
        life.settle()
    except StillPending as error:
        return [f"came to no end: {error}"]
    fate.faults = ()
    return []


def _found(
    life: Life, fate: Fate, home: Path, baseline: Baseline, days: Sequence[int], plan: Plan
) -> list[str]:
    """Return everything that is not as in the undisturbed week."""
    ours = likeness(life.ports, with_forecasts=not plan.learns)
    theirs = baseline.days[days[-1]].likeness
    if plan.learns:
        theirs = msgspec.structs.replace(theirs, forecasts={})
    excused = _MISSED if any(map(_misses_a_morning, fate.hits)) else ""
    wrong = [f"another {name}" for name in ours.differences(theirs) if name != excused]
    wrong += [f"answered 500: {bug}" for bug in life.bugs]
    wrong += _letters(life.letters(), fate.hits)
    if life.deliveries > (allowed := _allowed(baseline, days, fate.hits)):
        wrong.append(f"a storm: {life.deliveries} deliveries, {allowed} allowed")
    wrong += [f"still pending: {name}" for name in life.pending()]
    return wrong + left_behind(home)


def left_behind(home: Path) -> list[str]:
    """Return files that a process which died while it wrote has left, and nobody removed."""
    return [f"left behind: {path.name}" for path in sorted((home / "objects" / ".tmp").glob("*"))]


def _misses_a_morning(hit: Hit) -> bool:
    """Return whether a stroke may keep a day from being collected until the next morning."""
    return KINDS[hit.fault.kind].heals_later or hit.fault.kind == "bus.late"


def _letters(letters: Sequence[DeadLetter], hits: Sequence[Hit]) -> list[str]:
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
        return any(hit.fault.kind == "store.torn_file" and hit.what == name for hit in hits)
    parks = any(KINDS[hit.fault.kind].parks and hit.fault.place == "source.get" for hit in hits)
    return parks and "rounds of re-collection" in letter.reason


def _allowed(baseline: Baseline, days: Sequence[int], hits: Sequence[Hit]) -> int:
    """Return the most deliveries that these strokes excuse."""
    excused = sum(KINDS[hit.fault.kind].deliveries for hit in hits)
    return _undisturbed(baseline, days) + excused


def _undisturbed(baseline: Baseline, days: Sequence[int]) -> int:
    return sum(baseline.days[number].deliveries for number in days)


def _outcome(
    seed: int,
    days: tuple[int, ...],
    faults: Sequence[Fault],
    fate: Fate,
    life: Life,
    wrong: Sequence[str],
    baseline: Baseline,
    home: Path,
) -> Outcome:
    return Outcome(
        seed=seed,
        days=days,
        faults=tuple(map(str, faults)),
        hits=tuple(map(str, fate.hits)),
        kinds=tuple(hit.fault.kind for hit in fate.hits),
        wrong=tuple(wrong),
        deaths=life.deaths,
        letters=len(life.letters()),
        deliveries=life.deliveries,
        undisturbed=_undisturbed(baseline, days),
        allowed=_allowed(baseline, days, fate.hits),
        objects=objects(home) - baseline.days[days[-1]].objects,
        memory_mb=memory_mb(),
    )


def memory_mb() -> float:
    """Return the memory that this process holds now; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * 4096 / 1_000_000


def shrunk(
    seed: int, plan: Plan, baseline: Baseline, outside: Outside, faults: Sequence[Fault]
) -> tuple[Fault, ...]:
    """Return as few of a failing run's faults as still make it fail, dropped one at a time."""
    left = list(faults)
    for fault in faults:
        fewer = [one for one in left if one != fault]
        if tried(seed, plan, baseline, outside, fewer).wrong:
            left = fewer
    return tuple(left)
