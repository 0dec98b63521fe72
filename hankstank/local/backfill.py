"""Backfills past seasons on one machine: the job's options, its pipeline in the private lane, its control."""

import os
import tempfile
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from hankstank.local import simulator_process
from hankstank.local.game_source import GameSource, open_source, with_source
from hankstank.local.machine import STEPS, LocalPipeline, SimulatedClock
from hankstank.local.run_plan import BackfillSource, labelled_source, tick_time, world_label
from hankstank.local.runs import check_world, local_settings
from services.collector import backfill_ledger, steering
from services.collector.backfill_job import (
    BackfillJob,
    BackfillResult,
    DryRun,
    Progress,
    SportBackfill,
    estimate_backfill,
    plan_backfill,
)
from services.collector.backfill_ledger import Chunk
from services.collector.backfill_sports import SPORTS
from services.collector.http_source import is_loopback
from services.collector.steering import CollectionStopped, Control, Steering
from shared.adapters.local.damage import WAREHOUSE
from shared.adapters.local.duckdb_reader import ReadOnlyWarehouse
from shared.adapters.local.durable_queue import DeliveryResult
from shared.errors import UserError
from shared.messaging.events import DataLoaded, Sport, Ticked
from shared.ports import ObjectStore, Warehouse
from shared.runtime.data_world import DataWorld, is_world_known, read_world, write_world
from shared.runtime.ports_factory import Clock, create_object_store, utc_now
from shared.runtime.settings import Settings
from shared.storage.coverage import Span
from shared.storage.disk_errors import make_folder

_LANE = "backfill"
_YEARS = range(1876, 2101)  # the National League began in 1876; above, a typing error
_UP_TO_THE_LOAD = ("collector", "validator", "loader")


@dataclass(frozen=True, slots=True)
class BackfillOptions:
    """Options of `hankstank backfill`; `workers` and `pace` are None for those of the settings."""

    seasons: tuple[int, ...]
    data: Path
    home: Path
    month: int | None = None
    first: date | None = None
    last: date | None = None
    source: BackfillSource | None = None
    is_fresh: bool = False
    limit: int | None = None
    workers: int | None = None
    pace: float | None = None
    trains: bool = False
    sport: Sport = "mlb"

    @property
    def years(self) -> tuple[int, ...]:
        """Return the years that the days lie in."""
        if self.first and self.last:
            return tuple(range(self.first.year, self.last.year + 1))
        return tuple(sorted(set(self.seasons)))


@dataclass(frozen=True, slots=True)
class _OpenSource:
    """The source of a backfill while its simulator, if any, runs."""

    settings: Settings
    url: str | None
    label: str
    clock: Clock

    def set_time(self, now: datetime) -> None:
        """Set the time of a simulated source and of the stores; the live source keeps the real time."""
        if self.url and isinstance(self.clock, SimulatedClock):
            self.clock.now = now
            simulator_process.set_simulator_clock(self.url, now)


def check_options(options: BackfillOptions) -> None:
    """Raise UserError for days that are not named, named twice, or of no season of baseball."""
    if bool(options.first) != bool(options.last):
        raise UserError("expected both --from and --to, got one of them")
    if bool(options.seasons) == bool(options.first):
        got = "both" if options.first else "neither"
        raise UserError(f"expected the days to backfill: --season 2016, or --from and --to, got {got}")
    if options.first and options.last and options.first > options.last:
        raise UserError(f"expected --from not after --to, got {options.first} and {options.last}")
    if options.month and not options.seasons:
        raise UserError("expected --season with --month: the month of which season")
    if outside := [year for year in (options.years[0], options.years[-1]) if year not in _YEARS]:
        raise UserError(f"expected days of {_YEARS[0]} to {_YEARS[-1]}, got the year {outside[0]}")


def run_backfill(
    options: BackfillOptions,
    on_progress: Callable[[Progress], object],
    clock: Clock = utc_now,
    is_stopping: Callable[[], bool] = lambda: False,
) -> BackfillResult:
    """Backfill the days that the options name and return the result; it can be interrupted at any moment.

    `clock` is the time of the live source; a simulated one has its own. Where `is_stopping`, it stops after
    the games under way, and while it builds features or trains, between two steps.
    Raises UserError, Unavailable. A second backfill of the same stores is refused while one runs.
    """
    check_options(options)
    known = local_settings(options.home)
    source = _choose_source(options, known)
    make_folder(options.home, "--home")
    with _open_source(options, source, known, options.home, clock) as opened, ExitStack() as resources:
        machine = resources.enter_context(LocalPipeline(opened.settings, opened.clock))
        objects = machine.ports.objects
        steer = Steering(objects, options.sport, first_control(options, opened.settings, objects))
        steer.is_stopping = is_stopping
        steering.save_control(objects, options.sport, steer.control)
        sport = SPORTS[options.sport]
        source_factory = partial(sport.open_sources, rate_limiter=steer.limiter)
        machine.steps = {
            **STEPS,
            "collector": partial(sport.collect, source_factory=source_factory, steering=steer),
        }
        machine.on_step = partial(_check_between_steps, opened.url, is_stopping)
        sources = resources.enter_context(source_factory(opened.settings))
        _resume_time(opened, objects)
        games = listed_games(sources, machine.ports.warehouse, objects, opened.clock(), options)
        lane, pid = _PrivateLane(machine), os.getpid()
        job = BackfillJob(lane, options.sport, steer, pid=pid, on_progress=on_progress)
        spans = partial(_begin_days, options, games, opened, objects)
        train = partial(_train, machine) if options.trains else None
        return job.run(games, spans, limit=options.limit, is_fresh=options.is_fresh, train=train)


def plan_dry_run(options: BackfillOptions, clock: Clock = utc_now) -> DryRun:
    """Return what a backfill would do; nothing is written into the stores."""
    check_options(options)
    known = local_settings(options.home)
    source = _choose_source(options, known)
    with (
        tempfile.TemporaryDirectory() as folder,
        _open_source(options, source, known, Path(folder), clock) as opened,
    ):
        objects = create_object_store(known)
        control = first_control(options, opened.settings, objects)
        steer = Steering(objects, options.sport, control)
        with SPORTS[options.sport].open_sources(opened.settings, rate_limiter=steer.limiter) as sources:
            warehouse = ReadOnlyWarehouse(options.home / WAREHOUSE)
            _resume_time(opened, objects)
            games = listed_games(sources, warehouse, objects, opened.clock(), options)
            plan = plan_backfill(games, _requested_days(options, games, opened), options.limit)
            return estimate_backfill(games, plan, control.pace)


class _PrivateLane:
    """The services on one machine in the backfill lane, which no trainer and no API hears."""

    def __init__(self, machine: LocalPipeline) -> None:
        self._machine = machine

    @property
    def objects(self) -> ObjectStore:
        """Return the object store."""
        return self._machine.ports.objects

    def now(self) -> datetime:
        """Return the time of the data."""
        return self._machine.clock()

    def collect_chunk(self, chunk: Chunk) -> None:
        """Publish the chunk's tick unless it was published, and deliver until it is loaded."""
        now = self._machine.clock()
        tick = Ticked(
            run_id=chunk.run_id,
            sport=chunk.sport,
            occurred_at=now,
            first=chunk.first,
            last=chunk.last,
            trigger="manual",
        )
        if not self._machine.was_published(chunk.run_id):
            self._machine.enqueue(tick, _LANE)
        self.finish_loads()

    def finish_loads(self) -> None:
        """Deliver what waits for the collector, the validator and the loader."""
        self._machine.run_until_idle(_LANE, _UP_TO_THE_LOAD)

    def build_features(self) -> None:
        """Deliver everything that waits in the lane."""
        self._machine.run_until_idle(_LANE)


def _choose_source(options: BackfillOptions, settings: Settings) -> BackfillSource:
    """Return the requested source, else that of the stores, else the live one; raises UserError."""
    source = options.source
    if source is None and options.home.is_dir():
        objects = create_object_store(settings)
        stored = labelled_source(read_world(objects).label) if is_world_known(objects) else None
        source = "retrosheet" if stored and stored[0] == "retrosheet" else "mlb"
    source = source or "mlb"
    if options.home.exists() and not options.home.is_dir():
        raise UserError(f"{options.home}: expected a folder for the stores, got a file: name another")
    check_world(options.home, world_label(source, 0, max(options.years)))
    simulator_process.check_seasons(source, options.years, options.data)
    return source


@contextmanager
def _open_source(
    options: BackfillOptions, source: BackfillSource, settings: Settings, home: Path, clock: Clock
) -> Iterator[_OpenSource]:
    objects = create_object_store(settings)
    left = backfill_ledger.unfinished_chunks(objects, options.sport)
    label = newest_label(source, options, objects)
    served = sorted({*options.years, *(chunk.first.year for chunk in left)})
    with open_source(GameSource(source, 0, tuple(served)), home, options.data) as url:
        simulated = SimulatedClock(tick_time(date(options.years[0], 1, 1)))
        yield _OpenSource(with_source(settings, url), url, label, simulated if url else clock)


def newest_label(source: BackfillSource, options: BackfillOptions, objects: ObjectStore) -> str:
    """Return the label of the newest season that the stores will hold."""
    stored = read_world(objects).now  # the morning after the last day
    years = (*options.years, (stored - timedelta(days=1)).year) if stored else options.years
    return world_label(source, 0, max(years))


def _resume_time(opened: _OpenSource, objects: ObjectStore) -> None:
    """Return to the time at which an interrupted job left off: its results must not depend on it."""
    if left_at := read_world(objects).now:
        opened.set_time(left_at)


def requested_spans(options: BackfillOptions, games: SportBackfill) -> Sequence[Span]:
    """Return the days that the options name."""
    if options.first and options.last:
        return [(options.first, options.last)]
    if options.month:
        return [_month_span(season, options.month) for season in options.years]
    return [games.season_span(season) for season in options.years]


def _requested_days(options: BackfillOptions, games: SportBackfill, opened: _OpenSource) -> Sequence[Span]:
    """Return the days to backfill, and move a simulated source to the morning after the last of them."""
    spans = requested_spans(options, games)
    if opened.url:
        opened.set_time(max(opened.clock(), tick_time(spans[-1][1])))
        games.now = opened.clock()
    return spans


def _begin_days(
    options: BackfillOptions, games: SportBackfill, opened: _OpenSource, objects: ObjectStore
) -> Sequence[Span]:
    spans = _requested_days(options, games, opened)
    write_world(objects, DataWorld(opened.label, opened.clock() if opened.url else None))
    return spans


def _month_span(season: int, month: int) -> Span:
    return date(season, month, 1), date(season, month, monthrange(season, month)[1])


def listed_games(
    sources: Any, warehouse: Warehouse, objects: ObjectStore, now: datetime, options: BackfillOptions
) -> SportBackfill:
    """Return the games of the options' sport, without those that the stores did not take before."""
    untaken = () if options.is_fresh else backfill_ledger.untaken_games(objects, options.sport)
    return SPORTS[options.sport].plan(sources, warehouse, objects, now, untaken, options.is_fresh)


def first_control(options: BackfillOptions, settings: Settings, objects: ObjectStore) -> Control:
    """Return the control object of a new job: the chosen workers and pace, or those of the settings."""
    default = None if is_loopback(settings.mlb_api_url) else settings.requests_per_second
    return Control(
        backfill_ledger.next_job_id(objects, options.sport),
        workers=options.workers or settings.collector_workers,
        pace=options.pace or default,
    )


def _check_between_steps(
    url: str | None, is_stopping: Callable[[], bool], _delivered: DeliveryResult
) -> None:
    """Raise CollectionStopped where a stop is requested, UserError where the simulator itself fails."""
    if is_stopping():
        raise CollectionStopped
    failures = simulator_process.simulator_failures(url) if url else []
    if failures:
        raise UserError(failures[0])


def _train(machine: LocalPipeline) -> None:
    """Publish the newest load in the live lane: its features are released and trained on, once."""
    loaded = machine.last_event(DataLoaded)
    if loaded is None:
        raise UserError("expected loaded games to train on, these stores have none: backfill days with games")
    machine.publish(loaded.model_copy(update={"trigger": "weekly"}))
