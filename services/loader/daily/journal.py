"""What the stores held at the last check and no table names: releases, and the objects of forecasts."""

import logging
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import msgspec

from shared.errors import ObjectCorrupted, ObjectMissing
from shared.modeling import registry
from shared.modeling.registry import Release
from shared.ports import ObjectStore
from shared.storage.forecast_objects import PREFIX, parse_forecast_rows

log = logging.getLogger(__name__)

JOURNAL_OBJECT = "daily/journal.json"
KEPT_RELEASES = 60
_FORECAST_DAYS = range(-7, 4)  # of today: the days whose forecasts are loaded, scored or still made
_DAY = timedelta(days=1)


class Journal(msgspec.Struct, frozen=True):
    """The newest releases, the oldest first, and the names of recent forecasts."""

    releases: tuple[Release, ...] = ()
    forecasts: tuple[str, ...] = ()


def load_journal(objects: ObjectStore) -> Journal:
    """Return the journal; an empty one before the first check, or where it is damaged."""
    try:
        return msgspec.json.decode(objects.read_bytes(JOURNAL_OBJECT), type=Journal)
    except ObjectMissing:
        return Journal()
    except (ObjectCorrupted, msgspec.MsgspecError) as error:
        log.warning("%s: damaged, a new one begins: %s", JOURNAL_OBJECT, error)
        return Journal()


def update_journal(objects: ObjectStore, known: Journal, today: date) -> None:
    """Add what the stores hold now; a release that is lost stays, to be restored from here."""
    newest = registry.newest_releases(objects, KEPT_RELEASES)
    releases = {one.number: one for one in (*known.releases, *newest)}
    kept = tuple(releases[number] for number in sorted(releases)[-KEPT_RELEASES:])
    updated = Journal(kept, tuple(list_recent_forecasts(objects, today)))
    objects.overwrite(JOURNAL_OBJECT, msgspec.json.encode(updated, order="sorted"))


def lost_releases(objects: ObjectStore, known: Journal) -> list[Release]:
    """Return the releases of the journal whose pointers are missing, cannot be read, or are another's.

    The next publisher takes the number of a newest pointer that is lost.
    """
    if not known.releases:
        return []
    readable = {one.number: one for one in registry.newest_releases(objects, 2 * KEPT_RELEASES)}
    return [one for one in known.releases if readable.get(one.number) != one]


def restore_release(objects: ObjectStore, release: Release, now: datetime) -> None:
    """Write a pointer as it was; where another publisher took its number, release its models again."""
    if release.object in registry.damaged_pointers(objects):
        objects.delete(release.object)
    if not objects.create_if_absent(release.object, msgspec.json.encode(release, order="sorted")):
        registry.publish_release(
            objects,
            snapshot=None,
            models=release.models,
            challengers=release.challengers,
            run_id=release.run_id,
            now=now,
            reason=f"release {release.id} was lost: its models again",
        )


def list_recent_forecasts(objects: ObjectStore, today: date) -> Iterator[str]:
    """Yield the names of the forecasts of recent and coming days."""
    for n in _FORECAST_DAYS:
        yield from objects.list_names(f"{PREFIX}{today + n * _DAY}/")


def damaged_forecasts(objects: ObjectStore, today: date) -> list[str]:
    """Return the recent forecasts that cannot be read."""
    damaged = []
    for name in list_recent_forecasts(objects, today):
        try:
            parse_forecast_rows(name, objects.read_bytes(name))
        except ObjectCorrupted as error:
            log.warning("%s is made again: %s", name, error)
            damaged.append(name)
    return damaged


def lost_forecasts(objects: ObjectStore, known: Journal, today: date) -> list[str]:
    """Return the forecasts of today and later that the journal has and the stores do not."""
    names = set(list_recent_forecasts(objects, today))
    oldest = f"{PREFIX}{today + _FORECAST_DAYS[0] * _DAY}/"
    return [name for name in known.forecasts if name >= oldest and name not in names]
