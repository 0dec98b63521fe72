"""The sports that can be backfilled: how each opens its sources, plans its games and reports on a season."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from services.collector.backfill_games import MlbBackfill
from services.collector.backfill_job import SportBackfill
from services.collector.mlb.backfill_report import SeasonReport, report_season
from services.collector.mlb.sources.registry import open_sources
from services.collector.step import step
from shared.messaging.events import Event
from shared.ports import ObjectStore, Warehouse


@dataclass(frozen=True, slots=True)
class BackfillSport:
    """What a backfill uses of one sport.

    `open_sources` takes the settings, and the pace as `rate_limiter`; `plan` takes what it yields, then the
    warehouse, the objects, the time, the games to leave out, and whether stored games are fetched again.
    `collect` is the collector's step.
    """

    open_sources: Callable[..., AbstractContextManager[Any]]
    plan: Callable[..., SportBackfill]
    collect: Callable[..., list[Event]]
    report_season: Callable[[Warehouse, ObjectStore, int], SeasonReport]


SPORTS: Mapping[str, BackfillSport] = {
    "mlb": BackfillSport(open_sources, MlbBackfill, step, report_season),
}
