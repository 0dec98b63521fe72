"""Backfills past seasons on a project: plans here, publishes the chunks, follows them, trains at the end."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import msgspec

from hankstank.local.backfill import (
    BackfillOptions,
    check_options,
    first_control,
    listed_games,
    requested_spans,
)
from hankstank.ops.dead_letters import list_dead_letters
from hankstank.ops.project_lane import Patience, ProjectLane
from services.collector import steering
from services.collector.backfill_job import (
    BackfillJob,
    BackfillResult,
    DryRun,
    Progress,
    SportBackfill,
    estimate_backfill,
    plan_backfill,
)
from services.collector.backfill_sports import SPORTS
from services.collector.steering import Steering
from services.loader.step import STATUS_OBJECT, LoadStatus
from shared.errors import ObjectMissing, UserError
from shared.messaging.events import DataLoaded
from shared.ports import Ports
from shared.runtime.data_world import read_world
from shared.runtime.ports_factory import create_ports, utc_now
from shared.runtime.settings import Settings

PATIENCE = Patience()
_READ_INTERVAL = 1.0  # seconds between two reads of the control object: each is a request and is billed
_GAMES = "games_historical"


@dataclass(frozen=True, slots=True)
class _Planned:
    """A project's ports in the backfill lane, the steering of a job, and its sport's games."""

    ports: Ports
    steer: Steering
    games: SportBackfill
    now: Callable[[], datetime]


def run_backfill(options: BackfillOptions, on_progress: Callable[[Progress], object]) -> BackfillResult:
    """Backfill the days that the options name and return the result; it can be interrupted at any moment.

    Of two that run at once the one that was started later goes on.
    Raises UserError, ChunkFailed, Unavailable.
    """
    settings = _project_settings(options)
    with _open_planned(options, settings) as planned:
        objects, steer = planned.ports.objects, planned.steer
        steering.save_control(objects, options.sport, steer.control)
        lane = ProjectLane(
            planned.ports,
            steer,
            options.sport,
            now=planned.now,
            list_dead_letters=partial(list_dead_letters, settings),
            patience=PATIENCE,
        )
        job = BackfillJob(
            lane,
            options.sport,
            steer,
            pid=os.getpid(),
            machine=socket.gethostname(),
            on_progress=on_progress,
        )
        spans = partial(requested_spans, options, planned.games)
        train = (lambda: _train(create_ports(settings), planned.now())) if options.trains else None
        return job.run(planned.games, spans, limit=options.limit, is_fresh=options.is_fresh, train=train)


def plan_dry_run(options: BackfillOptions) -> DryRun:
    """Return what a backfill would do; nothing is written."""
    with _open_planned(options, _project_settings(options)) as planned:
        plan = plan_backfill(planned.games, requested_spans(options, planned.games), options.limit)
        return estimate_backfill(planned.games, plan, planned.steer.control.pace)


@contextmanager
def _open_planned(options: BackfillOptions, settings: Settings) -> Iterator[_Planned]:
    ports = create_ports(settings, lane="backfill")
    objects, world = ports.objects, read_world(ports.objects)
    now = partial(world.current_time, utc_now)
    control = first_control(options, settings, objects)
    steer = Steering(objects, options.sport, control, read_interval=_READ_INTERVAL)
    with SPORTS[options.sport].open_sources(settings, rate_limiter=steer.limiter) as sources:
        games = listed_games(sources, ports.warehouse, objects, now(), options)
        yield _Planned(ports, steer, games, now)


def _project_settings(options: BackfillOptions) -> Settings:
    """Return the settings of the project; raises UserError for options that only one machine has."""
    check_options(options)
    settings = Settings(home=options.home)
    if options.source not in (None, "mlb"):
        raise UserError(
            f"expected no --source {options.source}: HANKSTANK_PROJECT names {settings.project}, whose "
            "collector fetches from the live API; unset it to work on this machine"
        )
    return settings


def _train(ports: Ports, now: datetime) -> None:
    """Publish the newest load in the live lane: its features are released and trained on, once."""
    try:
        status = msgspec.json.decode(ports.objects.read_bytes(STATUS_OBJECT), type=LoadStatus)
    except ObjectMissing:
        raise UserError(
            "expected a load to train on, the project has none: backfill days with games first"
        ) from None
    ports.bus.publish(
        DataLoaded(
            run_id=status.run_id,
            attempt=status.attempt,
            occurred_at=now,
            dates=status.dates,
            report=status.report,
            rows=status.rows,
            partitions={_GAMES: status.dates},
            trigger="weekly",
        )
    )
