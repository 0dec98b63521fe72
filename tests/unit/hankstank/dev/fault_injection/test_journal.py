"""A stopped session goes on from its journal; a torn line, other code or a finished session does not."""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from hankstank.dev.fault_injection.journal import JournalEntry, JournalHeader, RunJournal
from hankstank.dev.fault_injection.run import RunOutcome

HEADING = JournalHeader(code="a", league=7, seed=1, runs=3, kills=0, days=2, kinds=(), train_models=False)


def entry(seed: int) -> JournalEntry:
    return JournalEntry(False, RunOutcome(seed, (1, 2), ("hit",), ("bus.late",), (), 0), ())


@dataclass
class Stopped:
    """A journal whose session was stopped after two of its three runs."""

    path: Path
    entries: list[JournalEntry] = field(default_factory=lambda: [entry(1), entry(2)])

    def __post_init__(self) -> None:
        journal = RunJournal(self.path, HEADING)
        for one in self.entries:
            journal.append_entry(one)


@pytest.fixture
def stopped(tmp_path: Path) -> Stopped:
    return Stopped(tmp_path / "journal.jsonl")


def test_goes_on_where_it_stopped(stopped: Stopped):
    again = RunJournal(stopped.path, HEADING)
    assert (again.entries, again.resume_message) == (
        stopped.entries,
        "2 of 3 runs are done: resuming",
    )


@pytest.mark.parametrize("cut", range(1, 40, 7))
def test_torn_last_line_is_lived_again(stopped: Stopped, cut: int):
    stopped.path.write_bytes(stopped.path.read_bytes()[:-cut])
    journal = RunJournal(stopped.path, HEADING)
    journal.append_entry(entry(3))
    assert RunJournal(stopped.path, HEADING).entries == [entry(1), entry(3)]


def test_other_code_begins_anew_and_says_so(stopped: Stopped):
    other = RunJournal(stopped.path, msgspec.structs.replace(HEADING, code="b"))
    assert (other.entries, other.resume_message) == (
        [],
        "the code has changed since the last session here: starting over",
    )


def test_finished_session_begins_anew(stopped: Stopped):
    RunJournal(stopped.path, HEADING).append_entry(entry(3))
    assert RunJournal(stopped.path, HEADING).entries == []
    assert len(stopped.path.read_bytes().splitlines()) == 1
