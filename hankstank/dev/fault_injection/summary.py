"""What many runs add up to, for people and as the table of a page."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from hankstank.dev.fault_injection.journal import JournalEntry, JournalHeader
from hankstank.dev.fault_injection.run import RunOutcome


class FaultCount(msgspec.Struct, frozen=True):
    """How often a kind of fault struck, in how many runs, and how many of those went wrong."""

    kind: str
    strokes: int
    runs: int
    wrong: int


class Summary(msgspec.Struct, frozen=True):
    """What a session came to."""

    first_seed: int
    runs: int
    days: int
    strokes: int
    deaths: int
    letters: int
    deliveries: int
    undisturbed: int
    most_of_allowed: float  # the largest share of the deliveries that a run's faults excuse
    memory_mb: tuple[float, float]  # of a worker after its first runs, and after its last
    seconds: float  # of this call, where an earlier one was stopped
    kinds: tuple[FaultCount, ...]
    failures: tuple[JournalEntry, ...]


def build_summary(header: JournalHeader, entries: Sequence[JournalEntry], seconds: float) -> Summary:
    """Return what the entries, in the order in which their runs ended, add up to."""
    outcomes = [entry.outcome for entry in entries]
    memory = [one.memory_mb for one in outcomes]
    tenth = max(1, len(memory) // 10)
    return Summary(
        first_seed=header.seed,
        runs=len(outcomes),
        days=header.days,
        strokes=sum(len(one.kinds) for one in outcomes),
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
    """Return the kinds and their sum as a table in Markdown, as docs/fault-injection.md shows it."""
    wrong = len(summary.failures)
    rows = [f"| `{one.kind}` | {one.strokes:,} | {one.runs:,} | {one.wrong:,} |" for one in summary.kinds]
    total = f"| **all** | **{summary.strokes:,}** | **{summary.runs:,}** | **{wrong:,}** |"
    head = ["| kind | faults | runs | of them wrong |", "|---|---:|---:|---:|"]
    return "\n".join([*head, *rows, total, ""])
