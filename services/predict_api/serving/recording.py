"""Stores forecasts that no API stored, from the releases that would have answered with them."""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta

from services.predict_api.serving.forecast_log import store_day
from services.predict_api.serving.release_loader import load_release
from shared.errors import Rejected, Unavailable
from shared.messaging.events import Event
from shared.modeling import registry
from shared.modeling.registry import Release
from shared.ports import ObjectStore, Ports
from shared.storage import snapshot
from shared.storage.forecast_objects import LINES, PREFIX, forecast_object_name
from shared.storage.staging import read_struct

log = logging.getLogger(__name__)

RECENT_RELEASES = 24  # releases searched at each event: those of a week and more


def step(event: Event, ports: Ports, now: datetime) -> list[Event]:  # noqa: ARG001 - the current release is all it needs
    """Store forecasts of the current and recent releases that no API has stored; publishes nothing.

    Raises what loading the current release raises, so that the delivery becomes a dead letter.
    """
    release = registry.current_release(ports.objects)
    if release and release in find_unstored_releases(ports.objects, RECENT_RELEASES):
        _store_release(ports.objects, release, now)
    store_missing(ports.objects, lambda: now, RECENT_RELEASES)
    return []


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

    Of several releases as of one day only the last counts: it supersedes the others within the night.
    `newest` is how many releases are searched, by default all.
    """
    last = {
        snapshot.snapshot_date(release.snapshot): release for release in iter_served_releases(objects, newest)
    }
    return [
        release
        for as_of, release in sorted(last.items())
        if not _is_stored(objects, as_of + timedelta(days=1), release)
    ]


def iter_served_releases(objects: ObjectStore, newest: int | None = None) -> Iterator[Release]:
    """Yield releases that have models, oldest first; a pointer that cannot be read is skipped."""
    names: Sequence[str] = objects.list_names(registry.POINTERS)
    for name in names[-newest:] if newest else names:
        try:
            release = read_struct(objects, name, Release)
        except Rejected as error:
            log.warning("skipped: %s", error)
            continue
        if release.models:
            yield release


def _is_stored(objects: ObjectStore, day: date, release: Release) -> bool:
    """Return whether a release's forecasts of a day are stored; what earlier versions stored is enough."""
    names = objects.list_names(f"{PREFIX}{day}/")
    return forecast_object_name(day, release.id) in names or any(name.endswith(LINES) for name in names)
