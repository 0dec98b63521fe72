"""The loader's step: merges what the validator accepted, whole games at a time, and closes the day."""

import logging
from datetime import date, datetime

import msgspec

from services.loader import forecasts
from services.loader.batches import LoadReport, load_batch
from services.loader.daily.task import run_daily_task
from services.loader.forecasts import ForecastLoadReport
from services.loader.versions import GAMES
from shared.errors import Rejected
from shared.messaging.events import DailyTask, DataLoaded, DataValidated, Event
from shared.ports import ObjectStore, Ports
from shared.storage.staging import Report, StagedDataset, read_struct, write_struct

log = logging.getLogger(__name__)

STATUS_OBJECT = "status/loader.json"
_RESULT_TABLES = (GAMES, "player_stats_historical")  # a day's results are made of these


class FailedLoad(msgspec.Struct, frozen=True):
    """A load that cannot succeed as it is: what was refused and why; stored below parked/ for a person."""

    report: str
    dates: tuple[date, ...]
    reason: str
    accepted: tuple[StagedDataset, ...]


class LoadStatus(msgspec.Struct, frozen=True):
    """The last load, as status/loader.json shows it."""

    at: datetime
    run_id: str
    attempt: int
    dates: tuple[date, ...]
    report: str
    rows: dict[str, int]
    deleted: dict[str, int]
    games_outdated: list[int]
    forecasts: ForecastLoadReport


def step(event: DataValidated | DailyTask, ports: Ports, now: datetime) -> list[Event]:
    """Load an accepted batch, or do a task that closes a day; return what to publish."""
    if isinstance(event, DailyTask):
        return run_daily_task(event, ports, now)
    return _load_accepted(event, ports, now)


def _load_accepted(event: DataValidated, ports: Ports, now: datetime) -> list[Event]:
    """Merge an accepted batch, load and score forecasts of its days, and publish what is stored.

    Raises Rejected, with the load kept for repair, if the batch cannot be stored: before any merge where
    that can be seen beforehand, and always before the games' own rows are stored.
    """
    report = read_struct(ports.objects, event.report, Report)
    try:
        loaded = load_batch(report, ports.objects, ports.warehouse)
    except Rejected as error:
        _save_failed_load(event, report, error, ports.objects)
        raise
    changed = {day for name in _RESULT_TABLES for day in loaded.partitions.get(name, ())}
    forecast_report = forecasts.load_and_score(ports, event.dates, changed)
    _write_status(event, loaded, forecast_report, ports.objects, now)
    return [_loaded_event(event, loaded, now)]


def _save_failed_load(event: DataValidated, report: Report, reason: Rejected, objects: ObjectStore) -> None:
    failed_load = FailedLoad(event.report, event.dates, f"{type(reason).__name__}: {reason}", report.accepted)
    name = write_struct(objects, f"parked/{event.run_id}/{event.attempt}", "load", failed_load)
    log.error("%s: kept as the failed load %s: %s", event.report, name, failed_load.reason)


def _write_status(
    event: DataValidated,
    loaded: LoadReport,
    forecast_report: ForecastLoadReport,
    objects: ObjectStore,
    now: datetime,
) -> None:
    status = LoadStatus(
        at=now,
        run_id=event.run_id,
        attempt=event.attempt,
        dates=event.dates,
        report=event.report,
        rows=loaded.rows,
        deleted=loaded.deleted,
        games_outdated=loaded.outdated,
        forecasts=forecast_report,
    )
    objects.overwrite(STATUS_OBJECT, msgspec.json.encode(status))


def _loaded_event(event: DataValidated, loaded: LoadReport, now: datetime) -> DataLoaded:
    return DataLoaded(
        run_id=event.run_id,
        attempt=event.attempt,
        occurred_at=now,
        dates=event.dates,
        report=event.report,
        rows=loaded.rows,
        partitions=loaded.partitions,
        trigger=event.trigger,
    )
