"""Usage measured in stores: seconds between announcements, objects of live days, bytes of rows."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from hankstank.cli.app import app
from hankstank.dev.cost.usage import Usage, measure_usage
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.adapters.local.durable_queue import LocalBus
from shared.errors import UserError
from shared.messaging.events import DataCollected, Ticked
from shared.storage import tables

NOW = datetime(2026, 5, 2, 6, tzinfo=UTC)
RUN = "daily-2026-05-01"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    clock = iter(NOW + timedelta(seconds=4 * n) for n in range(10))
    bus = LocalBus(tmp_path / "queue.sqlite", clock=lambda: next(clock))
    bus.publish(Ticked(run_id=RUN, occurred_at=NOW))
    facts = {
        "dates": (NOW.date(),),
        "season_phase": "regular",
        "manifest": "staging/a/0/m.json",
        "counts": {},
    }
    bus.publish(DataCollected(run_id=RUN, occurred_at=NOW, **facts))
    for name, age in {"raw/new": 60, "raw/old": -60}.items():
        _write(tmp_path / "objects" / name, NOW.timestamp() + age)
    _venues(tmp_path / "warehouse.duckdb")
    summary = {"world": "two clubs", "live_days": ["2026-05-01"], "events": {RUN: []}}
    (tmp_path / "summary.json").write_text(json.dumps(summary))
    return tmp_path


def _write(path: Path, at: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"12345")
    os.utime(path, (at, at))


def _venues(path: Path) -> None:
    warehouse, table = DuckDbWarehouse(path), tables.get_table("venues")
    row = dict.fromkeys(table.schema) | {"venue_id": 1, "name": "Fenway", "collected_at": NOW}
    given = {"source": "test", "run_id": RUN, "raw_object": "raw/new", "raw_sha256": "0"}
    warehouse.merge_rows(table, pl.DataFrame([row | given], schema=table.schema))
    warehouse.close()


def test_seconds_are_between_announcements(home: Path):
    assert measure_usage(home).seconds == {"collector": 4.0}


def test_only_objects_of_live_days_count(home: Path):
    found = measure_usage(home)
    assert (found.objects_a_day, found.kept_bytes_a_day, found.staged_bytes_a_day) == (1, 5, 0)


def test_rows_are_as_wide_as_their_types(home: Path):
    table = tables.get_table("venues")
    text = {"name": "Fenway", "source": "test", "run_id": RUN, "raw_object": "raw/new", "raw_sha256": "0"}
    strings = sum(2 + len(value) for value in text.values())
    others = sum({"STRING": 0, "BOOLEAN": 1}.get(field.type, 8) for field in table.all_fields)
    venues = measure_usage(home).tables["venues"]
    assert (venues.a_day, venues.row_bytes) == (1, strings + others)


def test_run_without_live_days_is_refused(home: Path):
    (home / "summary.json").write_text(json.dumps({"events": {}}))
    with pytest.raises(UserError, match="expected a run with live days"):
        measure_usage(home)


def test_measured_usage_says_where_from(home: Path):
    found = measure_usage(home)
    assert isinstance(found, Usage)
    assert found.about == "two clubs, live days 2026-05-01 to 2026-05-01"


def test_command_bills_a_small_world(home: Path):
    shown = CliRunner().invoke(app, ["cost", "--home", str(home)], env={"COLUMNS": "200"})
    assert shown.exit_code == 0, shown.output
    assert "two clubs, live days" in shown.stdout
