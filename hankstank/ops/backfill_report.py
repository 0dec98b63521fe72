"""Reports what the stores of one machine hold of a season, without the run lock."""

from pathlib import Path

from hankstank.local.stores import objects_of
from hankstank.ops.tables import warehouse_of
from services.collector.backfill_sports import SPORTS
from services.collector.mlb.backfill_report import SeasonReport
from shared.adapters.local.duckdb_reader import ReadOnlyWarehouse
from shared.errors import UserError
from shared.messaging.events import Sport


def read_season_report(home: Path, season: int, sport: Sport = "mlb") -> SeasonReport:
    """Return the coverage of a season; raises UserError if the stores hold nothing of it."""
    warehouse, objects = ReadOnlyWarehouse(warehouse_of(home)), objects_of(home)
    report = SPORTS[sport].report_season(warehouse, objects, season)
    if not (report.months or report.missing):
        raise UserError(
            f"{home} holds no game of {season}: `hankstank backfill --season {season}` collects them"
        )
    return report
