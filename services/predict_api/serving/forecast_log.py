"""Stores all forecasts of a release and day before the first answer, to be loaded and scored."""

import logging
import threading
from collections.abc import Callable
from datetime import date, datetime

from services.predict_api.serving import response_builder
from services.predict_api.serving.forecaster import Forecaster
from shared.errors import Unavailable
from shared.ports import ObjectStore
from shared.storage.forecast_objects import encode_forecasts, forecast_object_name

log = logging.getLogger(__name__)

_MAX_REMEMBERED = 4096  # days of releases known to be stored


class ForecastLog:
    """Stores a day's forecasts as `forecasts/<date>/release-<id>.json.zst`, each once.

    Forecasts depend on the release alone: every process would store the same. So a forecast outlives the
    process that answers it. Where the store cannot be written, the answer is sent all the same, and
    `flush_unstored` stores the day later.
    """

    def __init__(self, objects: ObjectStore, clock: Callable[[], datetime]) -> None:
        self._objects, self._clock = objects, clock
        self._stored: set[tuple[str, date]] = set()
        self._unstored: dict[tuple[str, date], Forecaster] = {}
        self._write_lock = threading.Lock()

    @property
    def unstored_days(self) -> tuple[date, ...]:
        """Return the days whose forecasts could not be stored yet."""
        return tuple(sorted({day for _, day in self._unstored}))

    def store_next_days(self, forecaster: Forecaster) -> None:
        """Store the forecasts of a release's next days."""
        for day in reversed(forecaster.next_days()):  # the first last: where it is stored, all are
            self.store_forecasts(forecaster, day)

    def store_forecasts(self, forecaster: Forecaster, day: date) -> None:
        """Store a day's forecasts unless they are; after this they may be answered."""
        if (forecaster.cache_key, day) in self._stored:
            return
        with self._write_lock:
            if (forecaster.cache_key, day) not in self._stored:
                self._write_day(forecaster, day)

    def flush_unstored(self) -> None:
        """Store days that could not be stored before."""
        for (_, day), forecaster in list(self._unstored.items()):
            with self._write_lock:
                self._write_day(forecaster, day)

    def _write_day(self, forecaster: Forecaster, day: date) -> None:
        release_day = forecaster.cache_key, day
        try:
            store_day(self._objects, forecaster, day, self._clock())
        except Unavailable as error:
            if release_day not in self._unstored:
                log.warning("forecasts of %s are not stored yet: %s", day, error)
            # Only this release's days are retried: recording.py stores what an older release lacks.
            same_release = {key: value for key, value in self._unstored.items() if value is forecaster}
            self._unstored = {**same_release, release_day: forecaster}
        else:
            self._unstored.pop(release_day, None)
        if len(self._stored) >= _MAX_REMEMBERED:
            self._stored.clear()
        self._stored.add(release_day)  # a failure too: `flush_unstored` retries it, not every answer


def store_day(objects: ObjectStore, forecaster: Forecaster, day: date, now: datetime) -> None:
    """Store all forecasts of a release and day unless they are stored; raises Unavailable."""
    name = forecast_object_name(day, forecaster.release.id)
    if not objects.exists(name):
        objects.create_if_absent(
            name, encode_forecasts(response_builder.build_day_forecasts(forecaster, day, now))
        )
