"""The result of the last tick, stored as the collector's status object."""

from datetime import date, datetime
from typing import Literal

import msgspec

from shared.ports import ObjectStore

STATUS_OBJECT = "status/collector.json"
Reason = Literal["off_season", "no_games", "all_data_exists"]


class CollectorStatus(msgspec.Struct, frozen=True):
    """What a tick collected, or why it skipped."""

    status: Literal["collected", "skipped"]
    reason: Reason | None
    dates: tuple[date, ...]
    games: tuple[int, ...]
    season_phase: str | None
    run_id: str
    at: datetime
    failures: int = 0


def save_status(objects: ObjectStore, status: CollectorStatus) -> None:
    """Store the result where `status` and the HTTP caller read it."""
    objects.overwrite(STATUS_OBJECT, msgspec.json.encode(status))


def load_last_status(objects: ObjectStore) -> CollectorStatus:
    """Return the result of the last tick; raises ObjectMissing before the first."""
    return msgspec.json.decode(objects.read_bytes(STATUS_OBJECT), type=CollectorStatus)
