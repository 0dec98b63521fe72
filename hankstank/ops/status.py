"""How things stand, as a person asks: what is here, until when, what is missing, is it broken, since when."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from hankstank.ops import alerts, dead_letters, parked_loads
from hankstank.ops.forecast_days import days_without_forecasts, describe_days
from hankstank.ops.queries import objects_of
from services.predict_api.serving.freshness import BROKEN_AFTER_DAYS, LATE_AFTER_DAYS, SCHEDULE_HORIZON
from shared.adapters.local.damage import QUEUE, WAREHOUSE
from shared.adapters.local.duckdb_reader import check_warehouse
from shared.adapters.local.durable_queue import LocalBus
from shared.errors import ObjectMissing, Rejected, StoreCorrupted
from shared.messaging.dead_letters import DeadLetter
from shared.messaging.envelope import decode_event
from shared.messaging.events import DataLoaded, Grade
from shared.modeling import registry
from shared.ports import ObjectStore
from shared.runtime.data_world import REAL_WORLD, DataWorld, read_world
from shared.runtime.ports_factory import utc_now
from shared.runtime.settings import Settings
from shared.storage import coverage, snapshot
from shared.storage.coverage import SeasonCoverage
from shared.storage.snapshot import Snapshot

SERVICES = ("collector", "validator", "loader", "features", "trainer")
GAMES = "games_historical"
DAY = timedelta(days=1)


def read_status(home: Path) -> dict[str, Any]:
    """Return how things stand; of a project without what only this machine's queue knows."""
    objects, settings = objects_of(home), Settings(home=home)
    world = read_world(objects)
    today = world.current_time(utc_now).date()
    release = registry.current_release(objects)
    served, unservable = _load_served_snapshot(objects, release)
    services = {room: _service_status(objects, room) for room in SERVICES}
    bus, damaged = (None, []) if settings.project else _check_stores(settings)
    waiting = bus.list_pending() if bus else None
    listed = dead_letters.list_dead_letters(settings) if bus or settings.project else []
    dead = [letter for letter in listed if letter.replayed_at is None]
    covered = coverage.load_coverage(objects, (served.as_of if served else today).year)
    played = _loaded_days(bus) if bus else set()
    unforecast = days_without_forecasts(objects, played, served.as_of) if served else []
    missing = [
        *_missing_data(served, covered, today),
        *_refused_games(covered),
        *_missing_forecasts(unforecast),
    ]
    failed_loads = parked_loads.find_failed_loads(objects)
    opened = [] if settings.project else alerts.list_alerts(home)
    stopped = [
        *_failed_deliveries(dead, failed_loads, services),
        *_failed_features(services["features"]),
        *_stale_data(served, today, world),
    ]
    troubles = [*damaged, *_damaged_pointers(objects), *unservable, *stopped]
    troubles = troubles or list(_critical_alerts(opened))  # what is wrong now is why most of them were raised
    return {
        "world": msgspec.to_builtins(world),
        "state": _overall_state(troubles, [*opened, *(missing if release else ())], release),
        "since": min((trouble["since"] for trouble in troubles if trouble["since"]), default=None),
        "troubles": troubles,
        "days": _day_range(played) if bus else None,
        "as_of": served.as_of if served else None,
        "missing": missing,
        "days_without_forecasts": unforecast,
        "release": msgspec.to_builtins(release) if release else None,
        "rooms": services,
        "waiting": None if waiting is None else {one.subscription: one.deliveries for one in waiting},
        "waiting_since": min((one.since for one in waiting), default=None) if waiting else None,
        "alerts": opened,
        "dead_letters": len(dead),
        "is_local": not settings.project,
        "parked_loads": len(failed_loads),
    }


def _overall_state(troubles: Sequence[Any], opened: Sequence[Any], release: registry.Release | None) -> str:
    if troubles:
        return "broken"
    if opened:
        return "needs attention"
    return "in order" if release else "empty"


def _critical_alerts(opened: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a trouble for each kind of critical alert that is open, with how often it was raised."""
    critical = [one for one in opened if one["severity"] == "critical"]
    for title in dict.fromkeys(one["title"] for one in critical):
        same = [one for one in critical if one["title"] == title]
        often = f" ({len(same)} times)" if len(same) > 1 else ""
        yield _make_trouble(f"alert: {title}{often}", same[-1]["at"], "`hankstank alerts`")


def _check_stores(settings: Settings) -> tuple[LocalBus | None, list[dict[str, Any]]]:
    """Return the queue, None where it is damaged, and a trouble for each damaged file of this machine."""
    bus, damaged = None, []
    try:
        bus = LocalBus(settings.home / QUEUE)
        bus.check_integrity()
    except StoreCorrupted as error:
        bus = None
        damaged.append(_make_trouble(str(error), None, "`hankstank rebuild`"))
    try:
        loads = bus.published_on(DataLoaded.topic) if bus else ()
        check_warehouse(settings.home / WAREHOUSE, is_expected=bool(loads))
    except StoreCorrupted as error:
        damaged.append(_make_trouble(str(error), None, "`hankstank rebuild`"))
    return bus, damaged


def _damaged_pointers(objects: ObjectStore) -> Iterator[dict[str, Any]]:
    """Yield a trouble for each release that cannot be read; publishing and serving pass it over."""
    for why in registry.damaged_pointers(objects).values():
        yield _make_trouble(
            f"a release cannot be read and is passed over: {why}", None, "docs/runbook.md#release-refused"
        )


def _load_served_snapshot(
    objects: ObjectStore, release: registry.Release | None
) -> tuple[Snapshot | None, list[dict[str, Any]]]:
    if release is None:
        return None, []
    try:
        return snapshot.load_snapshot(release.snapshot, objects), []
    except Rejected as error:
        message = f"release {release.id} cannot be served: {error}"
        look = "`hankstank rebuild` makes its snapshot anew, `hankstank verify` lists what else is damaged"
        return None, [_make_trouble(message, release.published_at, look)]


def _loaded_days(bus: LocalBus) -> set[date]:
    """Return the days whose games stand, by what the loads announced."""
    loaded: set[date] = set()
    for one in bus.published_on(DataLoaded.topic):
        event = decode_event(one.topic, one.data)
        if isinstance(event, DataLoaded):
            loaded.update(event.partitions.get(GAMES, ()))
    return loaded


def _day_range(played: Collection[date]) -> dict[str, Any]:
    return {"first": min(played, default=None), "last": max(played, default=None), "days": len(played)}


def _missing_data(served: Snapshot | None, covered: SeasonCoverage, today: date) -> Iterator[str]:
    """Yield what ought to be known by now and is not: every day of the season."""
    yield from coverage.describe_gaps(covered.missing_games(served.as_of if served else today - DAY))
    if served is None:
        return
    if served.as_of < today - DAY:
        first, last = served.as_of + DAY, today - DAY
        yield f"the games of {first}" + (f" to {last}" if last > first else "")
    schedule = served.tables["schedule"]
    late = schedule.filter((pl.col("game_date") <= served.as_of) & (pl.col("status") != "Final"))
    for day, state, games in late.group_by("game_date", "detailed_state").len().sort("game_date").rows():
        yield f"the end of {games} game{'s' if games > 1 else ''} of {day} ({state})"


def _missing_forecasts(days: Sequence[date]) -> Iterator[str]:
    if days:
        yield f"the forecasts of {describe_days(days)}"


def _refused_games(covered: SeasonCoverage) -> Iterator[str]:
    if covered.refused:
        games = _count_text(len(covered.refused), "listed game", "listed games")
        which = "; ".join(f"{name}: {why}" for name, why in covered.refused.items())
        yield f"{games} that the collector refuses ({which})"


def _failed_deliveries(
    dead: list[DeadLetter], failed_loads: list[parked_loads.FailedLoadGroup], services: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    of_loads = [
        letter for letter in dead if any(parked_loads.carries_load(letter, one) for one in failed_loads)
    ]
    others = [letter for letter in dead if letter not in of_loads]
    if others:
        message = (
            f"{_count_text(len(others), 'delivery', 'deliveries')} could not succeed: {others[0].reason}"
        )
        yield _make_trouble(
            message, min(letter.parked_at for letter in others), "`hankstank dead-letters list`"
        )
    if failed_loads:
        message = (
            f"{_count_text(len(failed_loads), 'load is', 'loads are')} parked: {failed_loads[0].reasons[-1]}"
        )
        since = min((letter.parked_at for letter in of_loads), default=None)
        yield _make_trouble(message, since, "`hankstank repair list`")
    validated = services["validator"] or {}
    if validated.get("grade") == Grade.F:
        days = ", ".join(validated.get("dates", ()))
        message = f"the last batch ({days}) was graded F and stopped before the warehouse"
        yield _make_trouble(message, validated.get("at"), f"its report: {validated.get('report')}")


def _failed_features(features: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
    """A build of features that failed leaves the last good snapshot where it was."""
    if features and (failed := features.get("failed")):
        message = f"features could not be built, the last good snapshot stays: {failed['reason']}"
        yield _make_trouble(message, failed["at"], "docs/runbook.md#features")


def _stale_data(served: Snapshot | None, today: date, world: DataWorld) -> Iterator[dict[str, Any]]:
    """Nothing new for days is trouble only while games are scheduled."""
    if served is None or (today - served.as_of).days <= LATE_AFTER_DAYS:
        return
    soon = served.tables["schedule"].filter(pl.col("game_date") <= served.as_of + SCHEDULE_HORIZON)
    if not soon.is_empty():
        age = (today - served.as_of).days
        word = "is late" if age <= BROKEN_AFTER_DAYS else "does not come"
        message = f"nothing newer than {served.as_of} is known: what {age} days should have brought {word}"
        yield _make_trouble(
            message, served.as_of + DAY, f"`hankstank {'collect' if world == REAL_WORLD else 'run'}`"
        )


def _count_text(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _make_trouble(what: str, since: datetime | date | str | None, look: str) -> dict[str, Any]:
    return {"what": what, "since": str(since)[:16].replace("T", " ") if since else None, "look": look}


def _service_status(objects: ObjectStore, room: str) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(objects.read_bytes(f"status/{room}.json"), type=dict[str, Any])
    except ObjectMissing:
        return None
