"""Counts evaluations of held-out seasons: each one adds a line to a log that the report sums up.

The log lies with the data that were looked at, so that a report in another folder counts on.
"""

import hashlib
import os
import stat
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from shared.storage.files import file_lock, write_atomically

LOG_FILE = "looks.jsonl"  # the name in existing folders


class EvaluationRun(msgspec.Struct, frozen=True):
    """One evaluation: its time, seasons and targets."""

    at: datetime
    seasons: tuple[int, ...]
    targets: tuple[str, ...]


def record_evaluation(
    folder: Path,
    seasons: Sequence[int],
    targets: Sequence[str],
    now: datetime,
    *,
    former: Path | None = None,
) -> dict[str, int]:
    """Log an evaluation in `folder`; return how often each of `seasons` was evaluated, this one included.

    Lines of a log in `former`, where an earlier release kept it, are added once. A lock is held meanwhile:
    two runs at once lose no line.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log_file, run = folder / LOG_FILE, EvaluationRun(now, tuple(seasons), tuple(targets))
    with file_lock(folder / f"{LOG_FILE}.lock"):
        logged = _read_lines(log_file)
        earlier = [line for line in _read_lines(former / LOG_FILE) if line not in logged] if former else []
        lines = [*earlier, *logged, msgspec.json.encode(run)]
        write_atomically(log_file, b"".join(line + b"\n" for line in lines))  # never half a line
    runs = [msgspec.json.decode(line, type=EvaluationRun) for line in lines]
    return {str(season): sum(season in one.seasons for one in runs) for season in seasons}


def log_folder(data: Path) -> Path:
    """Return where evaluations of the seasons in `data` are counted: there, if it can be written.

    Otherwise in the user's state folder (XDG_STATE_HOME, or ~/.local/state), under a name that is made from
    the path of the data.
    """
    if is_writable(data):
        return data
    name = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:16]
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "hankstank" / "evaluations" / name


def is_writable(folder: Path) -> bool:
    """Return whether files may be added; a folder that says nobody may is left alone by root, too."""
    return os.access(folder, os.W_OK) and bool(stat.S_IMODE(folder.stat().st_mode) & 0o222)


def _read_lines(log_file: Path) -> list[bytes]:
    return log_file.read_bytes().splitlines() if log_file.exists() else []
