"""Reports on a backfilled season: what the stores hold of it, and how its strikeouts are forecast."""

from datetime import datetime
from pathlib import Path

import msgspec

from evaluation import backfill_page, holdout_log
from evaluation.savant_season import read_savant_starts
from evaluation.savant_strikeouts import StrikeoutCheck, check_strikeouts
from evaluation.strikeout_report import (
    TARGET,
    NothingToCompare,
    StrikeoutReport,
    compare_forecasters,
    months_of,
    read_starts,
    weeks_of,
)
from hankstank.local.stores import objects_of
from hankstank.ops.tables import warehouse_of
from services.collector.backfill_sports import SPORTS
from services.collector.mlb.backfill_report import SeasonReport
from shared.adapters.local.duckdb_reader import ReadOnlyWarehouse
from shared.adapters.local.output_files import make_output_folder, output_file
from shared.errors import UserError
from shared.messaging.events import Sport
from shared.ports import Warehouse
from shared.runtime.data_world import read_world
from shared.runtime.ports_factory import create_ports
from shared.runtime.settings import Settings
from shared.storage.disk_errors import make_folder
from shared.storage.files import write_atomically


class BackfillReport(msgspec.Struct, frozen=True):
    """How strikeouts are forecast; of stores also what they hold, of Savant's days also a check."""

    strikeouts: StrikeoutReport | None
    coverage: SeasonReport | None = None
    check: StrikeoutCheck | None = None
    not_compared: str = ""  # why there is no comparison
    source: str = ""  # where the data come from


def read_season_report(home: Path, season: int, sport: Sport = "mlb") -> SeasonReport:
    """Return the coverage of a season; raises UserError if the stores hold nothing of it."""
    report = SPORTS[sport].report_season(_open_warehouse(home), objects_of(home), season)
    if not (report.months or report.missing):
        raise UserError(
            f"{Settings(home=home).project or home} holds no game of {season}: "
            f"`hankstank backfill --season {season}` collects them"
        )
    return report


def _open_warehouse(home: Path) -> Warehouse:
    """Return the warehouse of a folder, without the run lock, or of the project in the settings."""
    settings = Settings(home=home)
    return create_ports(settings).warehouse if settings.project else ReadOnlyWarehouse(warehouse_of(home))


def report_stores(home: Path, season: int, log_folder: Path, now: datetime) -> BackfillReport:
    """Return the report of a season in the stores; raises UserError if they hold nothing of it."""
    coverage, source = read_season_report(home, season), read_world(objects_of(home)).label
    try:
        starts = read_starts(_open_warehouse(home), season)
        strikeouts = compare_forecasters(starts, season, months_of(season))
    except NothingToCompare as reason:
        return BackfillReport(None, coverage, not_compared=str(reason), source=source)
    return BackfillReport(_count_evaluation(strikeouts, log_folder, now), coverage, source=source)


def report_savant(data: Path, log_folder: Path, now: datetime) -> BackfillReport:
    """Return the check and the comparison on the starts of `data`/mlb/savant, with a fit each week.

    Raises:
        UserError: a file is missing or cannot be read.
    """
    check, source = check_strikeouts(data), "Baseball Savant, Statcast"
    try:
        season, starts = read_savant_starts(data)
        strikeouts = compare_forecasters(starts, season, weeks_of(season))
    except NothingToCompare as reason:
        return BackfillReport(None, check=check, not_compared=str(reason), source=source)
    return BackfillReport(_count_evaluation(strikeouts, log_folder, now), check=check, source=source)


def write_page(report: BackfillReport, file: Path) -> None:
    """Write the report as one HTML page; an older page is replaced."""
    target = output_file(file, force=True)
    make_folder(target.parent, "--html")
    write_atomically(target, backfill_page.render_page(msgspec.to_builtins(report)).encode())


def _count_evaluation(report: StrikeoutReport, folder: Path, now: datetime) -> StrikeoutReport:
    make_output_folder(folder)
    counts = holdout_log.record_evaluation(folder, [report.season], [TARGET.name], now)
    return msgspec.structs.replace(report, evaluations=counts)
