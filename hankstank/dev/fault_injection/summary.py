"""Aggregates the outcomes of many runs, also as a Markdown table."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from hankstank.dev.fault_injection.journal import JournalEntry, JournalHeader
from hankstank.dev.fault_injection.run import RunOutcome


class FaultCount(msgspec.Struct, frozen=True):
    """How often a fault type was injected, in how many runs, and how many of those failed."""

    kind: str
    faults: int
    runs: int
    wrong: int


class Summary(msgspec.Struct, frozen=True):
    """The summary of a session."""

    first_seed: int
    runs: int
    days: int
    faults: int
    deaths: int
    letters: int
    deliveries: int
    undisturbed: int
    most_of_allowed: float  # largest share of the deliveries that a run's faults allow
    memory_mb: tuple[float, float]  # of a worker after its first and its last runs
    seconds: float  # of this call only, if it resumed a session
    kinds: tuple[FaultCount, ...]
    failures: tuple[JournalEntry, ...]


def build_summary(header: JournalHeader, entries: Sequence[JournalEntry], seconds: float) -> Summary:
    """Return the summary of entries, given in the order in which their runs ended."""
    outcomes = [entry.outcome for entry in entries]
    memory = [one.memory_mb for one in outcomes]
    tenth = max(1, len(memory) // 10)
    return Summary(
        first_seed=header.seed,
        runs=len(outcomes),
        days=header.days,
        faults=sum(len(one.kinds) for one in outcomes),
        deaths=sum(one.deaths for one in outcomes),
        letters=sum(one.letters for one in outcomes),
        deliveries=sum(one.deliveries for one in outcomes),
        undisturbed=sum(one.undisturbed for one in outcomes),
        most_of_allowed=max((one.deliveries / one.allowed for one in outcomes if one.allowed), default=0.0),
        memory_mb=(max(memory[:tenth], default=0.0), max(memory[-tenth:], default=0.0)),
        seconds=round(seconds, 1),
        kinds=_count_by_kind(outcomes),
        failures=tuple(entry for entry in entries if entry.outcome.wrong),
    )


def _count_by_kind(outcomes: Sequence[RunOutcome]) -> tuple[FaultCount, ...]:
    injected = Counter(kind for one in outcomes for kind in one.kinds)
    runs = Counter(kind for one in outcomes for kind in set(one.kinds))
    wrong = Counter(kind for one in outcomes if one.wrong for kind in set(one.kinds))
    return tuple(FaultCount(kind, injected[kind], runs[kind], wrong[kind]) for kind in sorted(injected))


def render_page(summary: Summary) -> str:
    """Return the fault types and their total as a Markdown table, for docs/fault-injection.md."""
    wrong = len(summary.failures)
    rows = [f"| `{one.kind}` | {one.faults:,} | {one.runs:,} | {one.wrong:,} |" for one in summary.kinds]
    total = f"| **all** | **{summary.faults:,}** | **{summary.runs:,}** | **{wrong:,}** |"
    head = ["| kind | faults | runs | failed runs |", "|---|---:|---:|---:|"]
    return "\n".join([*head, *rows, total, ""])
