"""How often held-out seasons were looked at: every evaluation leaves a line, and the report counts them."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from shared.storage.files import file_lock, write_atomically

LOG_FILE = "looks.jsonl"


class EvaluationRun(msgspec.Struct, frozen=True):
    """One evaluation: when, of which seasons and targets."""

    at: datetime
    seasons: tuple[int, ...]
    targets: tuple[str, ...]


def record_evaluation(
    folder: Path, seasons: Sequence[int], targets: Sequence[str], now: datetime
) -> dict[str, int]:
    """Note a look in `folder` and return how often each of `seasons` was looked at, now included."""
    log_file = folder / LOG_FILE
    with file_lock(folder / f"{LOG_FILE}.lock"):
        logged = log_file.read_bytes() if log_file.exists() else b""
        run = msgspec.json.encode(EvaluationRun(now, tuple(seasons), tuple(targets)))
        write_atomically(log_file, logged + run + b"\n")  # never half a line, whatever the disk does
    runs = [msgspec.json.decode(line, type=EvaluationRun) for line in log_file.read_bytes().splitlines()]
    return {str(season): sum(season in look.seasons for look in runs) for season in seasons}
