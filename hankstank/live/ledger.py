"""The ledger of `hankstank live`: which occurrences of each schedule are done, and which run is pending.

One small file in the home, replaced as a whole: a process that is killed leaves the old one or the new one.
"""

import logging
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from shared.storage.files import write_atomically

log = logging.getLogger(__name__)

LEDGER_FILE = "live.json"
Outcome = Literal["done", "failed", "covered"]


class Occurrences(msgspec.Struct, frozen=True):
    """Occurrences of one schedule that one run stands for: the first, the last and how many."""

    first: datetime
    last: datetime
    count: int

    def joined(self, others: "Occurrences | None") -> "Occurrences":
        """Return these and others as one."""
        if others is None:
            return self
        first, last = min(self.first, others.first), max(self.last, others.last)
        return Occurrences(first, last, self.count + others.count)


class JobRun(msgspec.Struct, frozen=True):
    """A run that is to be done: the occurrences it stands for, its own and those of schedules it covers.

    It keeps its id until it succeeds, or until it failed and a later occurrence takes its place.
    """

    schedule: str
    run_id: str
    occurrences: Occurrences
    covers: dict[str, Occurrences] = {}
    started_at: datetime | None = None
    failures: int = 0
    retry_at: datetime | None = None

    @property
    def due(self) -> datetime:
        """Return the moment it stands for: its last occurrence."""
        return self.occurrences.last

    @property
    def is_interrupted(self) -> bool:
        """Return whether a process that started it has not entered how it ended."""
        return self.started_at is not None


class FinishedRun(msgspec.Struct, frozen=True):
    """How a schedule's last run ended; `covered` by the run of another schedule, which `run_id` names."""

    run_id: str
    due: datetime
    started_at: datetime | None
    ended_at: datetime
    outcome: Outcome
    reason: str = ""


class ScheduleState(msgspec.Struct, frozen=True):
    """One schedule: occurrences up to `through` are done, covered or pending, up to `succeeded` done."""

    through: datetime
    pending: JobRun | None = None
    last: FinishedRun | None = None
    succeeded: datetime | None = None


class Ledger(msgspec.Struct, frozen=True):
    """All schedules, and the latest time that the clock showed; `resets` counts clocks set far back."""

    seen: datetime
    schedules: dict[str, ScheduleState] = {}
    resets: int = 0


def load_ledger(home: Path) -> Ledger | None:
    """Return the ledger of a home; None before the first start, or where the file cannot be read."""
    path = home / LEDGER_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Ledger)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        log.warning("%s: expected a ledger: %s: schedules begin again at the present time", path, error)
        return None


def save_ledger(home: Path, ledger: Ledger) -> None:
    """Replace the ledger of a home; raises OSError."""
    write_atomically(home / LEDGER_FILE, msgspec.json.encode(ledger))
