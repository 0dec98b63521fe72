"""A stopped session goes on from its journal; a torn line, other code or a finished session does not."""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from hankstank.dev.fault_injection.journal import Entry, Heading, Journal
from hankstank.dev.fault_injection.run import Outcome

HEADING = Heading(code="a", league=7, seed=1, runs=3, kills=0, days=2, kinds=(), learns=False)


def entry(seed: int) -> Entry:
    return Entry(False, Outcome(seed, (1, 2), ("hit",), ("bus.late",), (), 0), ())


@dataclass
class Stopped:
    """A journal whose session was stopped after two of its three runs."""

    path: Path
    entries: list[Entry] = field(default_factory=lambda: [entry(1), entry(2)])

    def __post_init__(self) -> None:
        journal = Journal(self.path, HEADING)
        for one in self.entries:
            journal.add(one)


@pytest.fixture
def stopped(tmp_path: Path) -> Stopped:
    return Stopped(tmp_path / "journal.jsonl")


def test_goes_on_where_it_stopped(stopped: Stopped):
    again = Journal(stopped.path, HEADING)
    assert (again.entries, again.story) == (stopped.entries, "2 of 3 runs were lived before: goes on")


@pytest.mark.parametrize("cut", range(1, 40, 7))
def test_torn_last_line_is_lived_again(stopped: Stopped, cut: int):
    stopped.path.write_bytes(stopped.path.read_bytes()[:-cut])
    journal = Journal(stopped.path, HEADING)
    journal.add(entry(3))
    assert Journal(stopped.path, HEADING).entries == [entry(1), entry(3)]


def test_other_code_begins_anew_and_says_so(stopped: Stopped):
    other = Journal(stopped.path, msgspec.structs.replace(HEADING, code="b"))
    assert (other.entries, other.story) == (
        [],
        "the code has changed since the last session here: begins anew",
    )


def test_finished_session_begins_anew(stopped: Stopped):
    Journal(stopped.path, HEADING).add(entry(3))
    assert Journal(stopped.path, HEADING).entries == []
    assert len(stopped.path.read_bytes().splitlines()) == 1
