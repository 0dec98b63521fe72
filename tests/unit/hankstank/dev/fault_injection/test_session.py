"""What outcomes add up to, which dead letters are meant, and that every kind of fault is documented."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hankstank.dev.fault_injection.fault_types import FAULT_TYPES
from hankstank.dev.fault_injection.injector import InjectedFault
from hankstank.dev.fault_injection.journal import JournalEntry, JournalHeader
from hankstank.dev.fault_injection.run import RunOutcome, find_dead_letter_errors
from hankstank.dev.fault_injection.schedule import Fault
from hankstank.dev.fault_injection.session import format_pace
from hankstank.dev.fault_injection.summary import build_summary, render_page
from shared.messaging.dead_letters import DeadLetter

PAGE = Path(__file__).parents[5] / "docs" / "fault-injection.md"
HEADING = JournalHeader(code="a", league=7, seed=1, runs=2, kills=0, days=2, kinds=(), train_models=False)


def outcome(seed, *kinds, wrong=(), **result):
    return RunOutcome(seed, (1, 2), kinds, kinds, wrong, deaths=0, **result)


def summary():
    calm = outcome(1, "bus.late", "bus.late", deliveries=14, undisturbed=12, allowed=28, memory_mb=300.0)
    storm = outcome(
        2, "bus.late", wrong=("a storm",), deliveries=30, undisturbed=12, allowed=20, memory_mb=310.0
    )
    return build_summary(HEADING, [JournalEntry(False, calm, ()), JournalEntry(False, storm, ())], 7.0)


def test_faults_are_counted_by_kind():
    (late,) = summary().kinds
    assert (late.faults, late.runs, late.wrong) == (3, 2, 1)


def test_worst_share_of_deliveries_is_told():
    result = summary()
    assert (result.most_of_allowed, result.memory_mb) == (1.5, (300.0, 310.0))


def test_table_ends_with_its_sum():
    rows = render_page(summary()).splitlines()
    assert rows[2:] == ["| `bus.late` | 3 | 2 | 1 |", "| **all** | **3** | **2** | **1** |"]


def test_pace_is_told_in_runs_a_minute():
    assert format_pace(10, 30, 60.0) == "10.0 runs a minute, 3 min left"


def letter(run_id, reason):
    at = datetime(2026, 4, 1, tzinfo=UTC)
    return DeadLetter(at, None, 1, "data.validated--loader", "data.validated", run_id, "live", 1, reason, b"")


def hit(kind, what="", place="bus.poison"):
    return InjectedFault(Fault(1, place, 1, kind), what)


@pytest.mark.parametrize(
    "reader", ["ObjectCorrupted: {}", "ReleasePartDamaged: the snapshot is damaged ({})"]
)
def test_torn_snapshot_explains_the_release_that_nobody_can_serve(reader):
    name = "snapshot/2026-04-01/daily-1/people-0123.parquet"
    unserved = letter("daily-1", reader.format(f"{name}: the bytes are not the bytes that were written"))
    assert find_dead_letter_errors([unserved], [hit("store.torn_snapshot", name, "objects.put")]) == []
    other = hit("store.torn_snapshot", "snapshot/other", "objects.put")
    assert find_dead_letter_errors([unserved], [other]) != []


def test_poison_is_parked_once():
    poison = letter("poison-1", "ObjectMissing: reports/poison-1")
    assert find_dead_letter_errors([poison], [hit("bus.poison_object")]) == []
    assert find_dead_letter_errors([], [hit("bus.poison_object")]) == [
        "1 poisoned messages, 0 dead letters of them"
    ]


def test_letter_that_no_stroke_explains_is_wrong():
    assert find_dead_letter_errors([letter("daily-1", "TableMismatch: x")], [hit("bus.late")]) == [
        "dead letter: data.validated--loader: TableMismatch: x"
    ]


def test_torn_file_explains_its_own_letter_only():
    truncated = [hit("store.torn_file", "staging/a.parquet", "objects.put")]
    assert (
        find_dead_letter_errors([letter("daily-1", "ObjectCorrupted: staging/a.parquet: torn")], truncated)
        == []
    )
    assert (
        find_dead_letter_errors([letter("daily-1", "ObjectCorrupted: staging/b.parquet: torn")], truncated)
        != []
    )


def test_every_kind_is_documented():
    page = PAGE.read_text()
    assert [kind for kind in FAULT_TYPES if f"`{kind}`" not in page] == []
