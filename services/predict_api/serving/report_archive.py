"""The archive of morning reports, as objects; what was read is kept for some minutes."""

from collections.abc import Callable
from datetime import date
from threading import Lock
from typing import TypeVar

from shared.ports import ObjectStore
from shared.runtime.data_world import read_world
from shared.storage.daily_reports import DailyReport, list_report_days, newest_report

KEPT_SECONDS = 300.0  # a report is rarely built again
_MOST_KEPT = 100

T = TypeVar("T")
Month = tuple[int, int]


class ReportArchive:
    """Reads reports; `now` counts seconds."""

    def __init__(self, objects: ObjectStore, now: Callable[[], float]) -> None:
        self._objects, self._now = objects, now
        self._kept: dict[date | str, tuple[float, object]] = {}
        self._lock = Lock()

    def list_days(self) -> list[date]:
        """Return the mornings that have a report, newest first."""
        return self._read("days", lambda: list_report_days(self._objects))

    def world(self) -> str:
        """Return the data source of the stores."""
        return self._read("world", lambda: read_world(self._objects).label)

    def list_months(self) -> list[Month]:
        """Return the months that have a report as year and month, newest first."""
        return list(dict.fromkeys((day.year, day.month) for day in self.list_days()))

    def find_report(self, morning: date) -> DailyReport | None:
        """Return the report of a morning; None without one, or where it cannot be read."""
        if morning not in self.list_days():
            return None
        return self._read(morning, lambda: newest_report(self._objects, [morning]))

    def list_reports(self, month: Month) -> list[DailyReport]:
        """Return the reports of a month, newest first."""
        days = [day for day in self.list_days() if (day.year, day.month) == month]
        return [report for day in days if (report := self.find_report(day))]

    def _read(self, key: date | str, read: Callable[[], T]) -> T:
        with self._lock:
            kept = self._kept.get(key)
        if kept and self._now() - kept[0] < KEPT_SECONDS:
            return kept[1]  # type: ignore[return-value] # a key always has values of one type
        value = read()
        with self._lock:
            while len(self._kept) >= _MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = (self._now(), value)
        return value
