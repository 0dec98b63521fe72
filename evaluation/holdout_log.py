"""Counts evaluations of held-out seasons: each one adds a line to a log that the report sums up."""

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
    folder: Path, seasons: Sequence[int], targets: Sequence[str], now: datetime
) -> dict[str, int]:
    """Log an evaluation in `folder`; return how often each of `seasons` was evaluated, this one included."""
    log_file = folder / LOG_FILE
    with file_lock(folder / f"{LOG_FILE}.lock"):
        logged = log_file.read_bytes() if log_file.exists() else b""
        line = msgspec.json.encode(EvaluationRun(now, tuple(seasons), tuple(targets)))
        write_atomically(log_file, logged + line + b"\n")  # a full disk never leaves half a line
    runs = [msgspec.json.decode(line, type=EvaluationRun) for line in log_file.read_bytes().splitlines()]
    return {str(season): sum(season in run.seasons for run in runs) for season in seasons}
