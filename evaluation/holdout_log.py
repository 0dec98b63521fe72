"""How often held-out seasons were looked at: every evaluation leaves a line, and the report counts them."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from shared.storage.files import locked, write_whole

LEDGER = "looks.jsonl"


class Look(msgspec.Struct, frozen=True):
    """One evaluation: when, of which seasons and targets."""

    at: datetime
    seasons: tuple[int, ...]
    targets: tuple[str, ...]


def note(folder: Path, seasons: Sequence[int], targets: Sequence[str], now: datetime) -> dict[str, int]:
    """Note a look in `folder` and return how often each of `seasons` was looked at, now included."""
    ledger = folder / LEDGER
    with locked(folder / f"{LEDGER}.lock"):
        known = ledger.read_bytes() if ledger.exists() else b""
        look = msgspec.json.encode(Look(now, tuple(seasons), tuple(targets)))
        write_whole(ledger, known + look + b"\n")  # never half a line, whatever the disk does
    looks = [msgspec.json.decode(line, type=Look) for line in ledger.read_bytes().splitlines()]
    return {str(season): sum(season in look.seasons for look in looks) for season in seasons}
