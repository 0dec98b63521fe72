"""The record of forecasts over the last days, and the day of every game that it covers."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from time import monotonic

from shared.modeling.forecast_record import ForecastRecord, summarize_record
from shared.ports import ObjectStore
from shared.storage.day_results import DayTotals, list_result_days, load_day_totals

RECHECK_INTERVAL = 60.0  # seconds
_MAY_CHANGE = timedelta(days=10)  # corrections of older days are read with the next release


@dataclass(frozen=True)
class _Loaded:
    """What was read last: sums by day, the record, and each game's day."""

    key: tuple[str, date]
    checked_at: float
    totals: Mapping[date, DayTotals]
    record: ForecastRecord
    game_days: Mapping[int, date]


class RecordWindows:
    """Keeps the record of one release's last day in memory; the newest days are read again every minute."""

    def __init__(self, objects: ObjectStore, timer: Callable[[], float] = monotonic) -> None:
        self._objects, self._timer = objects, timer
        self._loaded: _Loaded | None = None
        self._lock = threading.Lock()

    def record(self, release: str, through: date) -> ForecastRecord:
        """Return the record up to a day, as of a release."""
        return self._load(release, through).record

    def game_day(self, release: str, through: date, game_pk: int) -> date | None:
        """Return the last day of this season and the one before on which a game is listed."""
        return self._load(release, through).game_days.get(game_pk)

    def result_days(self, release: str, through: date) -> list[date]:
        """Return the days with results of this season and the one before, in order."""
        return list(self._load(release, through).totals)

    def _load(self, release: str, through: date) -> _Loaded:
        with self._lock:
            known = self._loaded
            is_same = known is not None and known.key == (release, through)
            if known is not None and is_same and self._timer() - known.checked_at < RECHECK_INTERVAL:
                return known
            self._loaded = self._read(release, through, known.totals if known and is_same else {})
            return self._loaded

    def _read(self, release: str, through: date, known: Mapping[date, DayTotals]) -> _Loaded:
        seasons = (through.year - 1, through.year)
        days = [
            day for season in seasons for day in list_result_days(self._objects, season) if day <= through
        ]
        due = [day for day in days if day not in known or day > through - _MAY_CHANGE]
        read = {one.game_date: one for one in load_day_totals(self._objects, due)}
        totals = {day: found for day in days if (found := read.get(day) or known.get(day))}
        game_days = {game: day for day, one in totals.items() for game in one.games}
        record = summarize_record(totals.values(), through)
        return _Loaded((release, through), self._timer(), totals, record, game_days)
