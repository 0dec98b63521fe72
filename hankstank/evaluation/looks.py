"""How often held-out seasons were looked at: every evaluation leaves a line, and the report counts them."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

LEDGER = "looks.jsonl"


class Look(msgspec.Struct, frozen=True):
    """One evaluation: when, of which seasons and targets."""

    at: datetime
    seasons: tuple[int, ...]
    targets: tuple[str, ...]


def note(folder: Path, seasons: Sequence[int], targets: Sequence[str], now: datetime) -> dict[str, int]:
    """Note a look in `folder` and return how often each of `seasons` was looked at, now included."""
    look = Look(now, tuple(seasons), tuple(targets))
    with (folder / LEDGER).open("ab") as ledger:
        ledger.write(msgspec.json.encode(look) + b"\n")
    looks = [msgspec.json.decode(line, type=Look) for line in (folder / LEDGER).read_bytes().splitlines()]
    return {str(season): sum(season in known.seasons for known in looks) for season in seasons}
