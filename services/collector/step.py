"""The collector: what is due, what of it is missing, fetched, read, staged and announced."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta

from services.collector import backlog, existing_games, season_coverage, status
from services.collector.collection import Collection
from services.collector.mlb import daily_datasets
from services.collector.mlb import listed_games as schedules
from services.collector.mlb.listed_games import Listed
from services.collector.mlb.season import OFF_SEASON
from services.collector.mlb.sources.registry import PITCH_SOURCES, Sources, open_sources
from services.collector.request import Assignment, assignment
from services.collector.run_context import Desk
from shared.errors import Rejected, SourceUnavailable
from shared.messaging.events import DataCollected, DataRetry, Event, Ticked
from shared.ports import Ports
from shared.runtime.settings import Settings
from shared.storage import coverage
from shared.storage.coverage import SeasonDates

log = logging.getLogger(__name__)

ROUNDS = 3  # re-collections of a batch before a person has to look
DAY = timedelta(days=1)
PATIENCE = timedelta(days=7)  # how long a game may stay incomplete before a person has to look


def step(
    event: Ticked | DataRetry,
    ports: Ports,
    now: datetime,
    opened: Callable[[Settings], AbstractContextManager[Sources]] = open_sources,
) -> list[Event]:
    """Collect what a tick or a retry asks for from the sources that `opened` gives.

    Raises SourceUnavailable when the schedule, or every game's feed, cannot be had; Rejected after
    three rounds of re-collection.
    """
    with opened(ports.settings) as sources:
        try:
            return collect(event, ports, now, sources)
        except SourceUnavailable as error:
            return _next_round(event, error)


def _next_round(event: Ticked | DataRetry, error: SourceUnavailable) -> list[Event]:
    """Give single games that cannot be had their next round; the fourth is refused, parked and alarmed."""
    if isinstance(event, DataRetry) and event.games:
        log.warning("round %d for games %s failed: %s", event.attempt, event.games, error)
        return [event.model_copy(update={"attempt": event.attempt + 1})]
    raise error


def collect(event: Ticked | DataRetry, ports: Ports, now: datetime, sources: Sources) -> list[Event]:
    """Do the step's work with the given sources."""
    _refuse_a_fourth_round(event, ports)
    asked = _asked(event, ports, now)
    desk = Desk(event.run_id, event.attempt, ports, now, sources, _pitches_from(asked, ports))
    listed = schedules.take(desk, asked)
    if not listed.games:
        season_coverage.record(desk, asked, listed, {}, (), {})
        return _skip(desk, asked, listed)
    collection, standing = Collection(desk), _standing(asked, ports, now)
    changed = collection.changed_games(standing) if asked.looks_back else frozenset()
    collection.take_games(asked, listed, standing, changed)
    _alert_of_long_incomplete(standing, collection, ports, asked)
    _alert_of_games_without_plays(collection, ports, event.run_id)
    _take_surroundings(desk, collection, asked, listed, standing)
    dates = _season_dates(desk, asked)
    season_coverage.record(desk, asked, listed, standing, collection.had, dates)
    if not collection.dates:
        return _skip(desk, asked, listed)
    return [_announce(event, desk, collection, schedules.phase(listed, asked, dates[asked.days[-1].year]))]


def _asked(event: Ticked | DataRetry, ports: Ports, now: datetime) -> Assignment:
    longest = ports.settings.longest_tick_days
    asked = assignment(event, now, ports.settings.lookback_days, longest)
    return asked.with_earlier(season_coverage.due_days(ports, asked), longest) if asked.looks_back else asked


def _season_dates(desk: Desk, asked: Assignment) -> dict[int, SeasonDates | None]:
    years = sorted({day.year for day in asked.every_day})
    return {
        year: schedules.season_dates(desk, year, season_coverage.dates_of(desk.ports, year)) for year in years
    }


def _refuse_a_fourth_round(event: Ticked | DataRetry, ports: Ports) -> None:
    if isinstance(event, DataRetry) and event.attempt > ROUNDS:
        days = ", ".join(day.isoformat() for day in event.dates)
        what = f"games {', '.join(map(str, event.games))} of {days}" if event.games else days
        detail = {"run_id": event.run_id, "what": what, "reason": event.reason, "manifest": event.manifest}
        ports.notifier.alert("critical", "collected three times and still not good enough", detail)
        raise Rejected(f"{what}: expected at most {ROUNDS} rounds of re-collection, got {event.attempt}")


def _pitches_from(asked: Assignment, ports: Ports) -> str:
    first = ports.settings.statcast_source
    return next(name for name in PITCH_SOURCES if name != first) if asked.other_pitches else first


def _standing(asked: Assignment, ports: Ports, now: datetime) -> existing_games.Standing:
    """Return what stands; a daily look sees far enough back to notice what stays incomplete."""
    if asked.again:
        return {}
    first = min(asked.days[0], asked.today - PATIENCE - DAY) if asked.looks_back else asked.days[0]
    return existing_games.standing_games(ports.warehouse, first, asked.every_day[-1], now)


def _alert_of_long_incomplete(
    standing: existing_games.Standing, collection: Collection, ports: Ports, asked: Assignment
) -> None:
    late = [
        game.game_pk
        for game in standing.values()
        if game.incomplete
        and asked.today - game.game_date > PATIENCE
        and game.game_pk not in collection.final_games
    ]
    if late and asked.looks_back:
        ports.notifier.alert("warning", "games incomplete for more than a week", {"games": late})


def _alert_of_games_without_plays(collection: Collection, ports: Ports, run_id: str) -> None:
    """Say it once: a game that stands as it is told is not staged again."""
    if games := collection.without_plays:
        detail = {"run_id": run_id, "games": games}
        ports.notifier.alert("warning", "final games without plays: the rest is kept", detail)


def _take_surroundings(
    desk: Desk, collection: Collection, asked: Assignment, listed: Listed, standing: existing_games.Standing
) -> None:
    """Take what surrounds new games, and on a daily look what is owed of other days."""
    days = _days_to_tell(collection, asked, standing) if collection.games else ()
    if days:
        collection.dates.update(days)
        backlog.take_days(desk, days)
    if asked.looks_back:
        collection.dates.update(backlog.pay(desk, days))
    if collection.games and not asked.again:
        soon = [one for one in listed.games if one.day in asked.soon and one.state == "Preview"]
        daily_datasets.take_weather(desk, soon)


def _days_to_tell(
    collection: Collection, asked: Assignment, standing: existing_games.Standing
) -> tuple[date, ...]:
    if asked.again:
        return asked.days if asked.with_days else ()
    return _with_idle_days(collection.new_days, asked, standing)


def _with_idle_days(
    new_days: set[date], asked: Assignment, standing: existing_games.Standing
) -> tuple[date, ...]:
    """Return the new days as one range, with the days without games before it: players move then too."""
    new = sorted(new_days & set(asked.days))
    if not new:
        return ()
    first, played = new[0], {game.game_date for game in standing.values()}
    while (before := first - DAY) in asked.days and before not in played:
        first = before
    return tuple(day for day in coverage.days(first, new[-1]) if day in asked.days)


def _skip(desk: Desk, asked: Assignment, listed: Listed) -> list[Event]:
    phase = schedules.phase(listed, asked, season_coverage.dates_of(desk.ports, asked.days[-1].year))
    reason: status.Reason = "all_data_exists"
    if not listed.games:
        reason = "off_season" if phase == OFF_SEASON else "no_games"
    given = status.Answer("skipped", reason, asked.days, (), phase, desk.run_id, desk.now, len(desk.failures))
    status.record(desk.ports.objects, given)
    log.info("skipped: %s", reason)
    return []


def _announce(event: Ticked | DataRetry, desk: Desk, collection: Collection, phase: str) -> DataCollected:
    manifest, name = collection.write(phase, daily_datasets.idle_rostered(desk))
    dates, games, failures = manifest.dates, manifest.games, len(manifest.failures)
    given = status.Answer("collected", None, dates, games, phase, event.run_id, desk.now, failures)
    status.record(desk.ports.objects, given)
    return DataCollected(
        run_id=event.run_id,
        attempt=event.attempt,
        occurred_at=desk.now,
        dates=dates,
        season_phase=phase,
        manifest=name,
        counts={dataset.table: dataset.rows for dataset in manifest.datasets},
        players_seen=daily_datasets.players_seen(desk),
        trigger=event.trigger,
    )
