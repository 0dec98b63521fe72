"""A session's journal: each outcome is forced to disk, so that an interrupted session can resume."""

import os
from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path
from typing import TypeVar

import msgspec

from hankstank.dev.fault_injection.run import RunOutcome

T = TypeVar("T")


class JournalHeader(msgspec.Struct, frozen=True):
    """The inputs of a session; entries under another header do not belong to it."""

    code: str  # hash of the sources
    league: int
    seed: int
    runs: int
    kills: int
    days: int
    kinds: tuple[str, ...]
    train_models: bool


class JournalEntry(msgspec.Struct, frozen=True):
    """The outcome of a run; `shrunk` is a minimal list of faults that still makes it fail."""

    is_killed: bool
    outcome: RunOutcome
    shrunk: tuple[str, ...]


class RunJournal:
    """A file of JSON lines: the header, then an entry for each run in the order in which they ended.

    A truncated last line is cut off. `entries` are those of this session so far; `resume_message` says
    whether it resumes. Another header, or a complete session, starts over.
    """

    def __init__(self, path: Path, header: JournalHeader) -> None:
        self._path = path
        data = path.read_bytes() if path.exists() else b""
        first, *lines = data.splitlines(keepends=True) or [b""]
        known, self.entries = _parse_line(first, JournalHeader), list[JournalEntry]()
        if known == header:
            self.entries = _parse_entries(lines)
        self.resume_message = self._describe_resume(header, known)
        if known == header and len(self.entries) < header.runs + header.kills:
            kept = b"".join([first, *lines[: len(self.entries)]])
            os.truncate(path, len(kept))
        else:
            self.entries = []
            path.write_bytes(msgspec.json.encode(header) + b"\n")

    def append_entry(self, entry: JournalEntry) -> None:
        """Write an entry and force it to disk."""
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(entry) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self.entries.append(entry)

    def _describe_resume(self, header: JournalHeader, known: JournalHeader | None) -> str:
        completed, planned = len(self.entries), header.runs + header.kills
        if known == header:
            return f"{completed} of {planned} runs are done: " + (
                "resuming" if completed < planned else "starting over"
            )
        if known is not None and known.code != header.code:
            return "the code has changed since the last session here: starting over"
        return "starting"


def _parse_line(line: bytes, kind: type[T]) -> T | None:
    """Return a line's content; None if it is incomplete or something else."""
    try:
        return msgspec.json.decode(line, type=kind) if line.endswith(b"\n") else None
    except msgspec.MsgspecError:
        return None


def _parse_entries(lines: Iterable[bytes]) -> list[JournalEntry]:
    """Return the entries up to the first incomplete line."""
    entries = takewhile(lambda entry: entry is not None, (_parse_line(line, JournalEntry) for line in lines))
    return list(filter(None, entries))
