"""How things stand, as a person asks: what is here, until when, what is missing, is it broken, since when."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from hankstank.ops import alerts, dead_letters, parked_loads
from hankstank.ops.forecast_days import described, without_forecasts
from hankstank.ops.queries import objects_of
from services.predict_api.serving.freshness import BROKEN_AFTER, FORECAST_AHEAD, LATE_AFTER
from shared.adapters.local.damage import QUEUE, WAREHOUSE
from shared.adapters.local.duckdb_reader import check_warehouse
from shared.adapters.local.durable_queue import LocalBus
from shared.errors import ObjectMissing, Rejected, StoreDamaged
from shared.messaging.dead_letters import DeadLetter
from shared.messaging.envelope import decode
from shared.messaging.events import DataLoaded, Grade
from shared.modeling import registry
from shared.ports import ObjectStore
from shared.runtime.data_world import REAL, World, read_world
from shared.runtime.ports_factory import utc_now
from shared.runtime.settings import Settings
from shared.storage import coverage, snapshot
from shared.storage.coverage import Coverage
from shared.storage.snapshot import Snapshot

ROOMS = ("collector", "validator", "loader", "features", "trainer")
GAMES = "games_historical"
DAY = timedelta(days=1)


def status(home: Path) -> dict[str, Any]:
    """Return how things stand; of a project without what only this machine's queue knows."""
    objects, settings = objects_of(home), Settings(home=home)
    world = read_world(objects)
    today = world.time(utc_now).date()
    release = registry.current_release(objects)
    served, spoilt = _served(objects, release)
    rooms = {room: _said(objects, room) for room in ROOMS}
    bus, damaged = (None, []) if settings.project else _stores(settings)
    waiting = bus.waiting() if bus else None
    listed = dead_letters.listed(settings) if bus or settings.project else []
    dead = [letter for letter in listed if letter.replayed_at is None]
    covered = coverage.read(objects, (served.as_of if served else today).year)
    played = _played(bus) if bus else set()
    unforecast = without_forecasts(objects, played, served.as_of) if served else []
    missing = [*_missing(served, covered, today), *_refused(covered), *_unforecast(unforecast)]
    parked = parked_loads.parked(objects)
    opened = [] if settings.project else alerts.alerts(home)
    stopped = [*_stopped(dead, parked, rooms), *_unbuilt(rooms["features"]), *_stale(served, today, world)]
    troubles = [*damaged, *_damaged_pointers(objects), *spoilt, *stopped]
    troubles = troubles or list(_critical(opened))  # what is wrong now is why most of them were raised
    return {
        "world": msgspec.to_builtins(world),
        "state": _state(troubles, [*opened, *(missing if release else ())], release),
        "since": min((trouble["since"] for trouble in troubles if trouble["since"]), default=None),
        "troubles": troubles,
        "days": _days(played) if bus else None,
        "as_of": served.as_of if served else None,
        "missing": missing,
        "days_without_forecasts": unforecast,
        "release": msgspec.to_builtins(release) if release else None,
        "rooms": rooms,
        "waiting": None if waiting is None else {one.subscription: one.deliveries for one in waiting},
        "waiting_since": min((one.since for one in waiting), default=None) if waiting else None,
        "alerts": opened,
        "dead_letters": len(dead),
        "is_local": not settings.project,
        "parked_loads": len(parked),
    }


def _state(troubles: Sequence[Any], opened: Sequence[Any], release: registry.Release | None) -> str:
    if troubles:
        return "broken"
    if opened:
        return "needs attention"
    return "in order" if release else "empty"


def _critical(opened: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a trouble for each kind of critical alert that is open, with how often it was raised."""
    critical = [one for one in opened if one["severity"] == "critical"]
    for title in dict.fromkeys(one["title"] for one in critical):
        same = [one for one in critical if one["title"] == title]
        often = f" ({len(same)} times)" if len(same) > 1 else ""
        yield _trouble(f"alert: {title}{often}", same[-1]["at"], "`hankstank alerts`")


def _stores(settings: Settings) -> tuple[LocalBus | None, list[dict[str, Any]]]:
    """Return the queue, None where it is damaged, and a trouble for each damaged file of this machine."""
    bus, damaged = None, []
    try:
        bus = LocalBus(settings.home / QUEUE)
        bus.check()
    except StoreDamaged as error:
        bus = None
        damaged.append(_trouble(str(error), None, "`hankstank rebuild`"))
    try:
        loads = bus.announced(DataLoaded.topic) if bus else ()
        check_warehouse(settings.home / WAREHOUSE, is_expected=bool(loads))
    except StoreDamaged as error:
        damaged.append(_trouble(str(error), None, "`hankstank rebuild`"))
    return bus, damaged


def _damaged_pointers(objects: ObjectStore) -> Iterator[dict[str, Any]]:
    """Yield a trouble for each release that cannot be read; publishing and serving pass it over."""
    for why in registry.damaged_pointers(objects).values():
        yield _trouble(
            f"a release cannot be read and is passed over: {why}", None, "docs/runbook.md#release-refused"
        )


def _served(
    objects: ObjectStore, release: registry.Release | None
) -> tuple[Snapshot | None, list[dict[str, Any]]]:
    if release is None:
        return None, []
    try:
        return snapshot.load(release.snapshot, objects), []
    except Rejected as error:
        told = f"release {release.id} cannot be served: {error}"
        look = "`hankstank rebuild` makes its snapshot anew, `hankstank verify` lists what else is damaged"
        return None, [_trouble(told, release.published_at, look)]


def _played(bus: LocalBus) -> set[date]:
    """Return the days whose games stand, by what the loads announced."""
    loaded: set[date] = set()
    for one in bus.announced(DataLoaded.topic):
        event = decode(one.topic, one.data)
        if isinstance(event, DataLoaded):
            loaded.update(event.partitions.get(GAMES, ()))
    return loaded


def _days(played: Collection[date]) -> dict[str, Any]:
    return {"first": min(played, default=None), "last": max(played, default=None), "days": len(played)}


def _missing(served: Snapshot | None, covered: Coverage, today: date) -> Iterator[str]:
    """Yield what ought to be known by now and is not: every day of the season."""
    yield from coverage.described(covered.gaps(served.as_of if served else today - DAY))
    if served is None:
        return
    if served.as_of < today - DAY:
        first, last = served.as_of + DAY, today - DAY
        yield f"the games of {first}" + (f" to {last}" if last > first else "")
    schedule = served.tables["schedule"]
    late = schedule.filter((pl.col("game_date") <= served.as_of) & (pl.col("status") != "Final"))
    for day, state, games in late.group_by("game_date", "detailed_state").len().sort("game_date").rows():
        yield f"the end of {games} game{'s' if games > 1 else ''} of {day} ({state})"


def _unforecast(days: Sequence[date]) -> Iterator[str]:
    if days:
        yield f"the forecasts of {described(days)}"


def _refused(covered: Coverage) -> Iterator[str]:
    if covered.refused:
        games = _counted(len(covered.refused), "listed game", "listed games")
        which = "; ".join(f"{name}: {why}" for name, why in covered.refused.items())
        yield f"{games} that the collector refuses ({which})"


def _stopped(
    dead: list[DeadLetter], parked: list[parked_loads.Parked], rooms: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    of_loads = [letter for letter in dead if any(parked_loads.is_of(letter, one) for one in parked)]
    others = [letter for letter in dead if letter not in of_loads]
    if others:
        told = f"{_counted(len(others), 'delivery', 'deliveries')} could not succeed: {others[0].reason}"
        yield _trouble(told, min(letter.parked_at for letter in others), "`hankstank dead-letters list`")
    if parked:
        told = f"{_counted(len(parked), 'load is', 'loads are')} parked: {parked[0].reasons[-1]}"
        since = min((letter.parked_at for letter in of_loads), default=None)
        yield _trouble(told, since, "`hankstank repair list`")
    validated = rooms["validator"] or {}
    if validated.get("grade") == Grade.F:
        days = ", ".join(validated.get("dates", ()))
        told = f"the last batch ({days}) was graded F and stopped before the warehouse"
        yield _trouble(told, validated.get("at"), f"its report: {validated.get('report')}")


def _unbuilt(features: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
    """A build of features that failed leaves the last good snapshot where it was."""
    if features and (failed := features.get("failed")):
        told = f"features could not be built, the last good snapshot stays: {failed['reason']}"
        yield _trouble(told, failed["at"], "docs/runbook.md#features")


def _stale(served: Snapshot | None, today: date, world: World) -> Iterator[dict[str, Any]]:
    """Nothing new for days is trouble only while games are scheduled."""
    if served is None or (today - served.as_of).days <= LATE_AFTER:
        return
    soon = served.tables["schedule"].filter(pl.col("game_date") <= served.as_of + FORECAST_AHEAD)
    if not soon.is_empty():
        age = (today - served.as_of).days
        word = "is late" if age <= BROKEN_AFTER else "does not come"
        told = f"nothing newer than {served.as_of} is known: what {age} days should have brought {word}"
        yield _trouble(told, served.as_of + DAY, f"`hankstank {'collect' if world == REAL else 'run'}`")


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _trouble(what: str, since: datetime | date | str | None, look: str) -> dict[str, Any]:
    return {"what": what, "since": str(since)[:16].replace("T", " ") if since else None, "look": look}


def _said(objects: ObjectStore, room: str) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(objects.get(f"status/{room}.json"), type=dict[str, Any])
    except ObjectMissing:
        return None
