"""Stores forecasts that no API stored, from the releases that would have answered with them."""

import functools
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from services.predict_api.serving.forecast_log import store_day
from services.predict_api.serving.release_loader import load_release
from shared.errors import Rejected, Unavailable
from shared.messaging.events import REPAIR, Event, FeaturesCreated
from shared.modeling import registry
from shared.modeling.registry import Release
from shared.ports import ObjectStore, Ports
from shared.storage import snapshot
from shared.storage.forecast_objects import LINES, PREFIX, forecast_object_name
from shared.storage.staging import read_struct

log = logging.getLogger(__name__)

RECENT_RELEASES = 24  # stored releases in a row at which the search of an event ends: those of a day and more
FIRST_START = time(12, tzinfo=UTC)  # no game starts earlier on its day
_DAY = timedelta(days=1)


def step(event: Event, ports: Ports, now: datetime) -> list[Event]:
    """Store forecasts of the current and recent releases that no API has stored; publishes nothing.

    Raises what loading the current release raises, so that the delivery becomes a dead letter.
    """
    release = registry.current_release(ports.objects)
    if release and release in find_unstored_releases(ports.objects, RECENT_RELEASES):
        _store_release(ports.objects, release, now)
    store_missing(ports.objects, lambda: now, RECENT_RELEASES)
    if is_repair(event):
        restore_lost(ports.objects, lambda: now)
    return []


def is_repair(event: Event) -> bool:
    """Return whether an event announces that lost things are made again."""
    return isinstance(event, FeaturesCreated) and event.trigger == REPAIR


def restore_lost(objects: ObjectStore, clock: Callable[[], datetime]) -> None:
    """Store the forecasts that releases of yesterday and today lack, of later days too.

    They are those that were lost: a forecast is made when its release is published, not when it is stored.
    """
    recent = clock().date() - _DAY
    for release, first_day in reversed(list(_iter_due_releases(objects, recent))):
        log.info(
            "release %s: its forecasts of %s and later are stored where they are lost", release.id, first_day
        )
        try:
            _store_release(objects, release, clock())
        except Unavailable:
            raise
        except Exception:  # a release that fails to load must not stop the others
            log.warning("release %s: its forecasts cannot be stored", release.id, exc_info=True)


def store_missing(
    objects: ObjectStore, clock: Callable[[], datetime], newest: int | None = None
) -> list[date]:
    """Store forecasts of `find_unstored_releases` and return their first days; one that fails is skipped.

    A release has no data from after it was published, so its forecasts of a day are the same before and
    after the day.
    """
    stored = []
    for release in find_unstored_releases(objects, newest):
        try:
            stored.append(_store_release(objects, release, clock()))
        except Unavailable:
            raise
        except Exception:  # a release that fails to load must not stop the others
            log.warning("release %s: its forecasts cannot be stored", release.id, exc_info=True)
    return stored


def _store_release(objects: ObjectStore, release: Release, now: datetime) -> date:
    forecaster, _ = load_release(objects, release, None)
    first, *later = forecaster.next_days()
    for day in (*later, first):  # the first day last: once it is stored, all are
        store_day(objects, forecaster, day, now)
    return first


def find_unstored_releases(objects: ObjectStore, newest: int | None = None) -> list[Release]:
    """Return releases whose forecasts of the day after their snapshot are not stored, oldest first.

    A release that a later one of the same day superseded counts too, for games that began in between: not
    where the later one is of the same run, or was published before any game of the day can begin. The search
    goes from the newest back, and ends after `newest` releases in a row that are stored, by default never.
    """
    stored = functools.cache(lambda day: objects.list_names(f"{PREFIX}{day}/"))
    missing: list[Release] = []
    in_a_row = 0
    for release, first_day in _iter_due_releases(objects):
        is_stored = _is_stored(stored(first_day), first_day, release)
        in_a_row = in_a_row + 1 if is_stored else 0
        missing += [] if is_stored else [release]
        if in_a_row == newest:
            break
    return missing[::-1]


def _iter_due_releases(objects: ObjectStore, since: date | None = None) -> Iterator[tuple[Release, date]]:
    """Yield the releases whose forecasts must be stored with the first day of these, the newest first.

    `since` ends with the first release of an earlier day.
    """
    later: defaultdict[date, list[Release]] = defaultdict(list)
    for release in iter_served_releases(objects, newest_first=True):
        first_day = snapshot.snapshot_date(release.snapshot) + _DAY
        if since and first_day < since:
            return
        if not any(_supersedes(one, release, first_day) for one in later[first_day]):
            yield release, first_day
        later[first_day].append(release)


def _supersedes(later: Release, release: Release, first_day: date) -> bool:
    """Return whether a later release of the same day replaces one before any game of the day can begin."""
    return later.run_id == release.run_id or later.published_at <= datetime.combine(first_day, FIRST_START)


def iter_served_releases(objects: ObjectStore, *, newest_first: bool = False) -> Iterator[Release]:
    """Yield releases that have models, oldest first by default; a pointer that cannot be read is skipped."""
    names = objects.list_names(registry.POINTERS)
    for name in reversed(names) if newest_first else names:
        try:
            release = read_struct(objects, name, Release)
        except Rejected as error:
            log.warning("skipped: %s", error)
            continue
        if release.models:
            yield release


def _is_stored(names: Sequence[str], day: date, release: Release) -> bool:
    """Return whether a release's forecasts of a day are stored; what earlier versions stored is enough."""
    return forecast_object_name(day, release.id) in names or any(name.endswith(LINES) for name in names)
