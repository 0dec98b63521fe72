"""A run's faults, drawn from its seed: which kind strikes which call of which day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from hankstank.dev.fault_injection.fault_types import FAULT_TYPES

CallCounts = Mapping[tuple[int, str], int]  # calls of an undisturbed day at a place


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """A kind that strikes `times` calls in a row at a place, from the `nth` of a day on that suits it."""

    day: int
    operation: str
    nth: int
    kind: str
    times: int = 1

    def __str__(self) -> str:
        """Return it in a line, as a failing run prints it."""
        return f"day {self.day}, {self.operation} call {self.nth}: {self.kind}" + f" x{self.times}" * (
            self.times > 1
        )


def draw_faults(
    seed: int, days: Sequence[int], counts: CallCounts, fewest: int, most: int, kinds: Sequence[str] = ()
) -> tuple[Fault, ...]:
    """Return a seed's faults for some days of the week, in the order of days and calls.

    `kinds` are the names, or beginnings of names, to draw from (default: all). Of a single day, nothing is
    drawn that only a later day could heal.
    """
    rng = Random(seed)
    requested = [name for name in FAULT_TYPES if not kinds or name.startswith(tuple(kinds))]
    names = [name for name in requested if len(days) > 1 or not FAULT_TYPES[name].recovers_later]
    if not names:
        raise ValueError(f"expected kinds among {', '.join(FAULT_TYPES)}, got {', '.join(kinds)}")
    layers = sorted({layer_of(name) for name in names})
    faults = set()
    for _ in range(rng.randint(fewest, most)):
        layer = rng.choice(layers)
        name = rng.choice([name for name in names if layer_of(name) == layer])
        faults.add(_draw_fault(rng, name, days, counts))
    return tuple(sorted(faults))


def layer_of(kind: str) -> str:
    """Return what a kind befalls: source, book, bus, store, warehouse, clock, or the process itself."""
    return kind.partition(".")[0]


def _draw_fault(rng: Random, name: str, days: Sequence[int], counts: CallCounts) -> Fault:
    kind = FAULT_TYPES[name]
    on = rng.choice(days[:-1] if kind.recovers_later else days)
    operation = rng.choice(kind.operations)
    calls = max(1, counts.get((on, operation), 1))
    return Fault(on, operation, rng.randint(1, calls), name, rng.randint(*kind.times))
