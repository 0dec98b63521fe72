"""A bounded cache of what is stored for single days: the days used last, checked again after a minute."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")

RECHECK_INTERVAL = 60.0  # seconds: results and forecasts of a known day may still be stored


@dataclass
class _Entry(Generic[T]):
    value: T
    checked_at: float


class DayCache(Generic[T]):
    """The values of the days that were used last.

    `load` takes a day and the value that was loaded before, if any, and may return that again. `size` is how
    many days are kept.
    """

    def __init__(
        self, load: Callable[[date, T | None], T], size: int, timer: Callable[[], float] = monotonic
    ) -> None:
        self._load, self._size, self._timer = load, size, timer
        self._entries: OrderedDict[date, _Entry[T]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, day: date) -> T:
        """Return the value of a day; raises what loading it raises."""
        with self._lock:
            entry = self._entries.get(day)
            if entry is not None:
                self._entries.move_to_end(day)
        if entry is not None and self._timer() - entry.checked_at < RECHECK_INTERVAL:
            return entry.value
        value = self._load(day, entry.value if entry else None)
        with self._lock:
            self._entries[day] = _Entry(value, self._timer())
            self._entries.move_to_end(day)
            while len(self._entries) > self._size:
                self._entries.popitem(last=False)
        return value
