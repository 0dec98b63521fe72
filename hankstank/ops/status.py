"""Reports the state of the stores: what is stored, what is missing, what is broken and since when."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from hankstank.local.stores import objects_of
from hankstank.ops import alerts, dead_letters, failed_loads
from hankstank.ops.forecast_days import days_without_forecasts, describe_days
from services.predict_api.serving.freshness import BROKEN_AFTER_DAYS, LATE_AFTER_DAYS, SCHEDULE_HORIZON
from shared.adapters.local.damage import QUEUE, WAREHOUSE
from shared.adapters.local.duckdb_reader import check_warehouse
from shared.adapters.local.durable_queue import LocalBus
from shared.errors import ObjectMissing, Rejected, StoreCorrupted
from shared.messaging.dead_letters import DeadLetter
from shared.messaging.envelope import decode_event
from shared.messaging.events import DataLoaded, Grade
from shared.modeling import registry
from shared.modeling.forecast_quality import describe_worse, load_quality
from shared.ports import ObjectStore
from shared.runtime.data_world import REAL_WORLD, DataWorld, read_world
from shared.runtime.ports_factory import utc_now
from shared.runtime.settings import Settings
from shared.storage import coverage, snapshot
from shared.storage.coverage import SeasonCoverage
from shared.storage.daily_outputs import load_daily_outputs
from shared.storage.healing_ledger import load_ledger
from shared.storage.snapshot import Snapshot

SERVICES = ("collector", "validator", "loader", "features", "trainer")
GAMES = "games_historical"
DAY = timedelta(days=1)
_DAYS, _REPAIRS = 28, 10


def read_status(home: Path) -> dict[str, Any]:
    """Return the status report; for a project without what only this machine's queue knows."""
    objects, settings = objects_of(home), Settings(home=home)
    world = read_world(objects)
    today = world.current_time(utc_now).date()
    release = registry.current_release(objects)
    served, unservable = _load_served_snapshot(objects, release)
    services = {name: _service_status(objects, name) for name in SERVICES}
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
        *([f"the forecasts of {describe_days(unforecast)}"] if unforecast else []),
    ]
    day_range = {"first": min(played, default=None), "last": max(played, default=None), "days": len(played)}
    refused = failed_loads.find_failed_loads(objects)
    quality = load_quality(objects)
    worse = describe_worse(quality, {}) if quality else []
    opened = [] if settings.project else alerts.list_alerts(home)
    stopped = [
        *_failed_deliveries(dead, refused, services),
        *_failed_features(services["features"]),
        *_stale_data(served, today, world),
    ]
    problems = [*damaged, *_damaged_pointers(objects), *unservable, *stopped]
    # Most alerts were raised for a problem that is listed already.
    problems = problems or list(_critical_alerts(opened))
    return {
        "world": msgspec.to_builtins(world),
        "state": _overall_state(problems, [*opened, *worse, *(missing if release else ())], release),
        "since": min((problem["since"] for problem in problems if problem["since"]), default=None),
        "problems": problems,
        "days": day_range if bus else None,
        "as_of": served.as_of if served else None,
        "missing": missing,
        "days_without_forecasts": unforecast,
        "release": msgspec.to_builtins(release) if release else None,
        "services": services,
        "waiting": None if waiting is None else {one.subscription: one.deliveries for one in waiting},
        "waiting_since": min((one.since for one in waiting), default=None) if waiting else None,
        "alerts": opened,
        "worse_forecasts": worse,
        "dead_letters": len(dead),
        "is_local": not settings.project,
        "failed_loads": len(refused),
        "outputs": _recent_outputs(objects),
        "repairs": msgspec.to_builtins(load_ledger(objects).repairs[-_REPAIRS:]),
    }


def _recent_outputs(objects: ObjectStore) -> dict[str, Any] | None:
    """Return what recent days must have and have, and the objectives; None before the first count."""
    known = load_daily_outputs(objects)
    if known is None:
        return None
    recent = {"at": known.at, "days": known.days[-_DAYS:], "objectives": known.objectives}
    shown: dict[str, Any] = msgspec.to_builtins(recent)
    return shown


def _overall_state(problems: Sequence[Any], opened: Sequence[Any], release: registry.Release | None) -> str:
    if problems:
        return "broken"
    if opened:
        return "needs attention"
    return "healthy" if release else "empty"


def _critical_alerts(opened: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a problem for each title of open critical alerts, with how often it was raised."""
    critical = [one for one in opened if one["severity"] == "critical"]
    for title in dict.fromkeys(one["title"] for one in critical):
        same = [one for one in critical if one["title"] == title]
        often = f" ({len(same)} times)" if len(same) > 1 else ""
        yield _make_problem(f"alert: {title}{often}", same[-1]["at"], "`hankstank alerts`")


def _check_stores(settings: Settings) -> tuple[LocalBus | None, list[dict[str, Any]]]:
    """Return the queue (None if damaged) and a problem for each damaged file of this machine."""
    bus, damaged = None, []
    try:
        bus = LocalBus(settings.home / QUEUE)
        bus.check_integrity()
    except StoreCorrupted as error:
        bus = None
        damaged.append(_make_problem(str(error), None, "`hankstank rebuild`"))
    try:
        loads = bus.published_on(DataLoaded.topic) if bus else ()
        check_warehouse(settings.home / WAREHOUSE, is_expected=bool(loads))
    except StoreCorrupted as error:
        damaged.append(_make_problem(str(error), None, "`hankstank rebuild`"))
    return bus, damaged


def _damaged_pointers(objects: ObjectStore) -> Iterator[dict[str, Any]]:
    """Yield a problem for each release that cannot be read; publishing and serving skip it."""
    for why in registry.damaged_pointers(objects).values():
        yield _make_problem(
            f"a release cannot be read and is skipped: {why}", None, "docs/runbook.md#release-refused"
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
        advice = "`hankstank rebuild` makes its snapshot again, `hankstank verify` lists other damage"
        return None, [_make_problem(message, release.published_at, advice)]


def _loaded_days(bus: LocalBus) -> set[date]:
    """Return the days whose games are loaded, according to the load events."""
    loaded: set[date] = set()
    for one in bus.published_on(DataLoaded.topic):
        event = decode_event(one.topic, one.data)
        if isinstance(event, DataLoaded):
            loaded.update(event.partitions.get(GAMES, ()))
    return loaded


def _missing_data(served: Snapshot | None, covered: SeasonCoverage, today: date) -> Iterator[str]:
    """Yield what should be known by now and is missing, over the whole season."""
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


def _refused_games(covered: SeasonCoverage) -> Iterator[str]:
    if covered.refused:
        games = _count_text(len(covered.refused), "listed game", "listed games")
        which = "; ".join(f"{name}: {why}" for name, why in covered.refused.items())
        yield f"{games} refused by the collector ({which})"


def _failed_deliveries(
    dead: list[DeadLetter], refused: list[failed_loads.FailedLoadGroup], services: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    of_loads = [letter for letter in dead if any(failed_loads.carries_load(letter, one) for one in refused)]
    others = [letter for letter in dead if letter not in of_loads]
    if others:
        message = f"{_count_text(len(others), 'delivery', 'deliveries')} failed for good: {others[0].reason}"
        yield _make_problem(
            message, min(letter.parked_at for letter in others), "`hankstank dead-letters list`"
        )
    if refused:
        message = f"{_count_text(len(refused), 'load', 'loads')} failed: {refused[0].reasons[-1]}"
        since = min((letter.parked_at for letter in of_loads), default=None)
        yield _make_problem(message, since, "`hankstank failed-loads list`")
    validated = services["validator"] or {}
    if validated.get("grade") == Grade.F:
        days = ", ".join(validated.get("dates", ()))
        message = f"the last batch ({days}) was graded F and not loaded"
        yield _make_problem(message, validated.get("at"), f"its report: {validated.get('report')}")


def _failed_features(features: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
    """A failed feature build keeps the last good snapshot in place."""
    if features and (failed := features.get("failed")):
        message = f"features could not be built, the last good snapshot stays: {failed['reason']}"
        yield _make_problem(message, failed["at"], "docs/runbook.md#features")


def _stale_data(served: Snapshot | None, today: date, world: DataWorld) -> Iterator[dict[str, Any]]:
    """Old data is a problem only while games are scheduled."""
    if served is None or (today - served.as_of).days <= LATE_AFTER_DAYS:
        return
    soon = served.tables["schedule"].filter(pl.col("game_date") <= served.as_of + SCHEDULE_HORIZON)
    if not soon.is_empty():
        age = (today - served.as_of).days
        word = "late" if age <= BROKEN_AFTER_DAYS else "missing"
        message = f"nothing newer than {served.as_of} is stored: the data of {age} days is {word}"
        yield _make_problem(
            message, served.as_of + DAY, f"`hankstank {'collect' if world == REAL_WORLD else 'run'}`"
        )


def _count_text(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _make_problem(what: str, since: datetime | date | str | None, see: str) -> dict[str, Any]:
    return {"what": what, "since": str(since)[:16].replace("T", " ") if since else None, "see": see}


def _service_status(objects: ObjectStore, service: str) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(objects.read_bytes(f"status/{service}.json"), type=dict[str, Any])
    except ObjectMissing:
        return None
