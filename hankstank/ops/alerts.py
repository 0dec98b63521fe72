"""Lists and closes the alerts of this machine's stores."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from hankstank.local.stores import objects_of
from shared.adapters.local.notifier import LocalNotifier
from shared.errors import UserError
from shared.runtime.ports_factory import utc_now
from shared.runtime.settings import Settings


def list_alerts(home: Path, *, closed_too: bool = False) -> list[dict[str, Any]]:
    """Return the open alerts, newest first; with `closed_too` all of them."""
    rows = _local_notifier(home).list_alerts()
    return [row for row in reversed(rows) if closed_too or row["closed_at"] is None]


def close_alerts(home: Path, numbers: Collection[int]) -> None:
    """Close these alerts; without numbers, all open ones.

    Raises UserError for a number that no open alert has; then none is closed.
    """
    opened = sorted(row["number"] for row in list_alerts(home))
    if unknown := sorted(set(numbers) - set(opened)):
        known = ", ".join(map(str, opened)) or "none is open"
        raise UserError(f"expected numbers of open alerts ({known}), got {', '.join(map(str, unknown))}")
    if closed := sorted(set(numbers)) or opened:
        _local_notifier(home).close_alerts(closed)


def _local_notifier(home: Path) -> LocalNotifier:
    settings = Settings(home=home)
    if settings.project:
        raise UserError(f"alerts of {settings.project} are in Cloud Monitoring: see docs/runbook.md")
    objects_of(home)
    return LocalNotifier(home, utc_now)
