"""Every forecast that was answered, appended to objects so that it can be loaded and graded."""

import logging
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from shared.errors import Unavailable
from shared.ports import ObjectStore

log = logging.getLogger(__name__)


RELEASES_REMEMBERED = 4  # whose forecasts are known to be written


class Journal:
    """Collects forecasts and writes them as `forecasts/<date>/<instance>-<n>.jsonl`, one object a flush."""

    def __init__(self, objects: ObjectStore, instance: str) -> None:
        self._objects = objects
        self._instance = instance
        self._lock = threading.Lock()
        self._rows: dict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
        self._known: dict[str, set[str]] = {}  # by release: recorded or written
        self._flushes = 0

    def lacks(self, forecast_id: str, release_id: str) -> bool:
        """Return whether a forecast was not recorded yet."""
        return forecast_id not in self._known.get(release_id, ())

    def record(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Keep rows of `tables/forecasts.json` until the next flush; the same forecast is kept once."""
        with self._lock:
            for row in rows:
                if self.lacks(row["forecast_id"], row["release_id"]):
                    self._known.setdefault(row["release_id"], set()).add(row["forecast_id"])
                    self._rows[str(row["game_date"])][row["forecast_id"]] = row
            for release_id in sorted(self._known)[:-RELEASES_REMEMBERED]:
                del self._known[release_id]

    def flush(self) -> int:
        """Write what was recorded and return how many forecasts; what cannot be written is kept for later."""
        with self._lock:
            pending, self._rows = self._rows, defaultdict(dict)
        return sum(self._write(day, rows) for day, rows in pending.items())

    def _write(self, day: str, rows: dict[str, Mapping[str, Any]]) -> int:
        self._flushes += 1
        name = f"forecasts/{day}/{self._instance}-{self._flushes:06d}.jsonl"
        try:
            self._objects.put(name, b"\n".join(msgspec.json.encode(row) for row in rows.values()))
        except Unavailable as error:
            log.warning("forecasts of %s wait for the next flush: %s", day, error)
            with self._lock:
                self._rows[day] = {**rows, **self._rows[day]}
            return 0
        return len(rows)


def stored(objects: ObjectStore, day: str) -> list[dict[str, Any]]:
    """Return the forecasts stored for a day, in the order they were written; a torn line is passed over."""
    rows: list[dict[str, Any]] = []
    for name in objects.names(f"forecasts/{day}/"):
        for line in objects.get(name).splitlines():
            try:
                rows.append(msgspec.json.decode(line, type=dict[str, Any]))
            except msgspec.MsgspecError:
                log.warning("%s: passed over a line that is no JSON object", name)
    return rows
