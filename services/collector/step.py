"""The collector's step: finds missing games that are due, fetches and stages them, publishes the event."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime, timedelta

from services.collector import backfill_ledger, backlog, existing_games, season_coverage, status
from services.collector.backfill_ledger import Chunk
from services.collector.collection import Collection
from services.collector.mlb import daily_datasets, listed_games
from services.collector.mlb.daily_rows import select_roster_days
from services.collector.mlb.listed_games import ListedGames
from services.collector.mlb.run_context import MlbRunContext
from services.collector.mlb.season import OFF_SEASON
from services.collector.mlb.sources.registry import PITCH_SOURCES, Sources, open_sources
from services.collector.request import CollectionRequest, build_request
from services.collector.steering import Steering
from shared.errors import Rejected, SourceUnavailable
from shared.messaging.events import MAX_RECOLLECTIONS, DataCollected, DataRetry, Event, Ticked
from shared.ports import Ports
from shared.runtime.settings import Settings
from shared.storage import coverage
from shared.storage.coverage import SeasonDates

log = logging.getLogger(__name__)

DAY = timedelta(days=1)
INCOMPLETE_GAME_LIMIT = timedelta(days=7)  # how long a game may stay incomplete before an alert


def step(
    event: Ticked | DataRetry,
    ports: Ports,
    now: datetime,
    source_factory: Callable[[Settings], AbstractContextManager[Sources]] = open_sources,
    steering: Steering | None = None,
) -> list[Event]:
    """Collect the games of a tick or a retry from the sources that `source_factory` opens.

    `steering` admits the games of a backfill one by one; with it the step may raise CollectionStopped.
    Raises SourceUnavailable when the schedule, or every game's feed, is unavailable; Rejected after
    three re-collections.
    """
    with source_factory(ports.settings) as sources:
        try:
            return run_collection(event, ports, now, sources, steering)
        except SourceUnavailable as error:
            return _next_attempt(event, error)


def _next_attempt(event: Ticked | DataRetry, error: SourceUnavailable) -> list[Event]:
    """Return a retry for unavailable single games; `_check_attempt_limit` rejects the fourth."""
    if isinstance(event, DataRetry) and event.games:
        log.warning("attempt %d for games %s failed: %s", event.attempt, event.games, error)
        return [event.model_copy(update={"attempt": event.attempt + 1})]
    raise error


def run_collection(
    event: Ticked | DataRetry,
    ports: Ports,
    now: datetime,
    sources: Sources,
    steering: Steering | None = None,
) -> list[Event]:
    """Do the step's work with the given sources."""
    _check_attempt_limit(event, ports)
    chunk = find_chunk(event, ports)
    request = _resolve_request(event, ports, now, chunk)
    pitch_source = _select_pitch_source(request, ports)
    context = MlbRunContext(event.run_id, event.attempt, ports, now, sources, pitch_source, chunk, steering)
    listed = listed_games.collect_schedule(context, request)
    if not listed.games:
        season_coverage.update_coverage(context, request, listed, {}, (), {})
        return _record_skip(context, request, listed)
    stored_games = _find_stored_games(request, ports, now)
    collection = Collection(context)
    changed = collection.find_changed_games(stored_games) if request.is_daily_run else frozenset()
    collection.collect_games(request, listed, stored_games, changed)
    _alert_long_incomplete_games(stored_games, collection, ports, request)
    _alert_games_without_plays(collection, ports, event.run_id)
    _collect_daily_datasets(context, collection, request, listed, stored_games)
    dates = _season_dates_by_year(context, request)
    season_coverage.update_coverage(context, request, listed, stored_games, collection.fetched_games, dates)
    if not collection.dates:
        return _record_skip(context, request, listed)
    phase = listed_games.collection_phase(listed, request, dates[request.days[-1].year])
    return [_write_batch(event, context, collection, phase)]


def find_chunk(event: Ticked | DataRetry, ports: Ports) -> Chunk | None:
    """Return the chunk of a backfill's tick. A retry has none: it needs new responses of its games."""
    has_range = isinstance(event, Ticked) and (event.first or event.last)
    return backfill_ledger.load_chunk(ports.objects, event.sport, event.run_id) if has_range else None


def _resolve_request(
    event: Ticked | DataRetry, ports: Ports, now: datetime, chunk: Chunk | None
) -> CollectionRequest:
    longest = ports.settings.max_tick_range_days
    request = build_request(event, now, ports.settings.lookback_days, longest)
    if chunk:
        request = replace(request, games=frozenset(chunk.games or ()), is_fresh=chunk.is_fresh)
    if not request.is_daily_run:
        return request
    return request.with_due_days(season_coverage.find_due_days(ports, request), longest)


def _season_dates_by_year(
    context: MlbRunContext, request: CollectionRequest
) -> dict[int, SeasonDates | None]:
    years = sorted({day.year for day in request.all_days})
    return {
        year: listed_games.fetch_season_dates(
            context, year, season_coverage.stored_season_dates(context.ports, year)
        )
        for year in years
    }


def _check_attempt_limit(event: Ticked | DataRetry, ports: Ports) -> None:
    if isinstance(event, DataRetry) and event.attempt > MAX_RECOLLECTIONS:
        days = ", ".join(day.isoformat() for day in event.dates)
        what = f"games {', '.join(map(str, event.games))} of {days}" if event.games else days
        detail = {"run_id": event.run_id, "what": what, "reason": event.reason, "manifest": event.manifest}
        ports.notifier.send_alert("critical", "not complete after three re-collections", detail)
        raise Rejected(
            f"{what}: expected at most {MAX_RECOLLECTIONS} rounds of re-collection, got {event.attempt}"
        )


def _select_pitch_source(request: CollectionRequest, ports: Ports) -> str:
    first = ports.settings.statcast_source
    if request.use_alternate_pitch_source:
        return next(name for name in PITCH_SOURCES if name != first)
    return first


def _find_stored_games(request: CollectionRequest, ports: Ports, now: datetime) -> existing_games.StoredGames:
    """Return the stored games; a daily run reads far enough back to notice games that stay incomplete."""
    if request.is_recollection:
        return {}
    first = request.days[0]
    if request.is_daily_run:
        first = min(first, request.today - INCOMPLETE_GAME_LIMIT - DAY)
    return existing_games.find_stored_games(ports.warehouse, first, request.all_days[-1], now)


def _alert_long_incomplete_games(
    stored_games: existing_games.StoredGames, collection: Collection, ports: Ports, request: CollectionRequest
) -> None:
    late = [
        game.game_pk
        for game in stored_games.values()
        if game.incomplete
        and request.today - game.game_date > INCOMPLETE_GAME_LIMIT
        and game.game_pk not in collection.final_games
    ]
    if late and request.is_daily_run:
        ports.notifier.send_alert("warning", "games incomplete for more than a week", {"games": late})


def _alert_games_without_plays(collection: Collection, ports: Ports, run_id: str) -> None:
    """Alert once: a game stored with the same rows is not staged again."""
    if games := collection.without_plays:
        detail = {"run_id": run_id, "games": games}
        ports.notifier.send_alert("warning", "final games without plays: the rest is kept", detail)


def _collect_daily_datasets(
    context: MlbRunContext,
    collection: Collection,
    request: CollectionRequest,
    listed: ListedGames,
    stored_games: existing_games.StoredGames,
) -> None:
    """Collect the daily datasets of new games' days, and on a daily run those in the backlog."""
    days = _daily_dataset_days(collection, request, stored_games) if collection.games else ()
    if days:
        collection.dates.update(days)
        backlog.collect_daily(context, days)
    if request.is_daily_run:
        collection.dates.update(backlog.retry_backlog(context, days))
        # A late run finds games of today that are over: no later run finds their day new.
        backlog.add_to_backlog(context, collection.new_days - set(request.days))
        backlog.add_to_backlog(context, {*days} - {*select_roster_days(days)}, backlog.BY_DAY)
    if (collection.games or request.refreshes_weather) and not request.is_recollection:
        upcoming = [
            one for one in listed.games if one.day in request.today_and_tomorrow and one.state == "Preview"
        ]
        daily_datasets.collect_weather(context, upcoming)
        if request.refreshes_weather:
            collection.dates.update(one.game.official_date for one in upcoming)


def _daily_dataset_days(
    collection: Collection, request: CollectionRequest, stored_games: existing_games.StoredGames
) -> tuple[date, ...]:
    if request.is_recollection:
        return request.days if request.include_daily else ()
    return with_idle_days(collection.new_days, request, stored_games)


def with_idle_days(
    new_days: set[date], request: CollectionRequest, stored_games: existing_games.StoredGames
) -> tuple[date, ...]:
    """Return the new days as one range, with the days without games before it: players move then too."""
    new = sorted(new_days & set(request.days))
    if not new:
        return ()
    first, played = new[0], {game.game_date for game in stored_games.values()}
    while (before := first - DAY) in request.days and before not in played:
        first = before
    return tuple(day for day in coverage.days_between(first, new[-1]) if day in request.days)


def _record_skip(context: MlbRunContext, request: CollectionRequest, listed: ListedGames) -> list[Event]:
    phase = listed_games.collection_phase(
        listed, request, season_coverage.stored_season_dates(context.ports, request.days[-1].year)
    )
    reason: status.Reason = "all_data_exists"
    if not listed.games:
        reason = "off_season" if phase == OFF_SEASON else "no_games"
    run_status = status.CollectorStatus(
        "skipped", reason, request.days, (), phase, context.run_id, context.now, len(context.failures)
    )
    status.save_status(context.ports.objects, run_status)
    log.info("skipped: %s", reason)
    return []


def _write_batch(
    event: Ticked | DataRetry, context: MlbRunContext, collection: Collection, phase: str
) -> DataCollected:
    manifest, name = collection.write_batch(phase, daily_datasets.find_idle_rostered(context))
    dates, games, failures = manifest.dates, manifest.games, len(manifest.failures)
    run_status = status.CollectorStatus(
        "collected", None, dates, games, phase, event.run_id, context.now, failures
    )
    status.save_status(context.ports.objects, run_status)
    return DataCollected(
        run_id=event.run_id,
        attempt=event.attempt,
        occurred_at=context.now,
        dates=dates,
        season_phase=phase,
        manifest=name,
        counts={dataset.table: dataset.rows for dataset in manifest.datasets},
        players_seen=daily_datasets.count_players_seen(context),
        trigger=event.trigger,
    )
