"""Draws the faults of a run from its seed: which type, which call, which day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from hankstank.dev.fault_injection.fault_types import FAULT_TYPES

CallCounts = Mapping[tuple[int, str], int]  # by day and operation, of the baseline


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """A fault for `times` consecutive matching calls of an operation, from the `nth` call of a day on."""

    day: int
    operation: str
    nth: int
    kind: str
    times: int = 1

    def __str__(self) -> str:
        """Return one line for reports."""
        return f"day {self.day}, {self.operation} call {self.nth}: {self.kind}" + f" x{self.times}" * (
            self.times > 1
        )


def draw_faults(
    seed: int, days: Sequence[int], counts: CallCounts, fewest: int, most: int, kinds: Sequence[str] = ()
) -> tuple[Fault, ...]:
    """Return a seed's faults for some days of the week, in the order of days and calls.

    `kinds` are fault types or prefixes to draw from (default: all). For a single day, no fault is drawn
    that only a later day repairs.
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
    """Return the layer of a fault type: source, book, bus, store, warehouse, clock or death."""
    return kind.partition(".")[0]


def _draw_fault(rng: Random, name: str, days: Sequence[int], counts: CallCounts) -> Fault:
    kind = FAULT_TYPES[name]
    on = rng.choice(days[:-1] if kind.recovers_later else days)
    operation = rng.choice(kind.operations)
    calls = max(1, counts.get((on, operation), 1))
    return Fault(on, operation, rng.randint(1, calls), name, rng.randint(*kind.times))
