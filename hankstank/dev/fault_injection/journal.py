"""A session's journal: what became of each run, on disk before the next counts, so that it can go on."""

import os
from pathlib import Path

import msgspec

from hankstank.dev.fault_injection.run import RunOutcome


class JournalHeader(msgspec.Struct, frozen=True):
    """What runs follow from: an entry of another heading says nothing of this session."""

    code: str  # hash of the sources
    league: int
    seed: int
    runs: int
    kills: int
    days: int
    kinds: tuple[str, ...]
    train_models: bool


class JournalEntry(msgspec.Struct, frozen=True):
    """A run that was lived, and where it went wrong, as few of its faults as still make it go wrong."""

    is_killed: bool
    outcome: RunOutcome
    shrunk: tuple[str, ...]


class RunJournal:
    """A file of JSON lines: the heading, then an entry for each run, in the order in which they ended.

    Whatever stops the process, what was written stays: a last line that is torn is cut off. `entries` are
    those known so far; `story` says in a sentence whether they are gone on from. Another heading, or one
    whose runs were all lived, begins anew.
    """

    def __init__(self, path: Path, header: JournalHeader) -> None:
        self._path = path
        data = path.read_bytes() if path.exists() else b""
        first, *lines = data.splitlines(keepends=True) or [b""]
        known, self.entries = _parse_header(first), list[JournalEntry]()
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
            return f"{completed} of {planned} runs were lived before: " + (
                "goes on" if completed < planned else "begins anew"
            )
        if known is not None and known.code != header.code:
            return "the code has changed since the last session here: begins anew"
        return "begins"


def _parse_header(line: bytes) -> JournalHeader | None:
    try:
        return msgspec.json.decode(line, type=JournalHeader)
    except msgspec.MsgspecError:
        return None


def _parse_entries(lines: list[bytes]) -> list[JournalEntry]:
    """Return the entries up to the first line that is not whole."""
    entries = []
    for line in lines:
        try:
            entries.append(msgspec.json.decode(line, type=JournalEntry))
        except msgspec.MsgspecError:
            break
        if not line.endswith(b"\n"):
            return entries[:-1]
    return entries
