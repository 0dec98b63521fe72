"""Whether a backfill runs in a folder, as other processes see it."""

import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from hankstank.ops import backfill_control
from services.collector import steering
from services.collector.backfill_job import Progress, progress_name
from services.collector.steering import Control, Order
from shared.adapters.local.folder_store import FolderStore
from shared.adapters.local.run_lock import run_lock
from shared.errors import ObjectCorrupted, UserError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a folder whose last backfill was killed; this process has its number now."""
    objects = FolderStore(tmp_path / "objects")
    progress = Progress("backfill-0001", "collecting", datetime(2016, 5, 1, tzinfo=UTC), os.getpid())
    objects.overwrite(progress_name("mlb"), msgspec.json.encode(progress))
    steering.save_control(objects, "mlb", Control("backfill-0001", order="pause"))
    return tmp_path


def test_killed_backfill_does_not_run_though_another_process_has_its_number(home: Path):
    assert backfill_control.read_progress(home)["state"] == "interrupted"
    with pytest.raises(UserError, match="no backfill is running here"):
        backfill_control.steer_backfill(home, "run")


def test_backfill_runs_while_its_process_holds_the_folder(home: Path):
    with run_lock(home):
        assert backfill_control.read_progress(home)["state"] == "paused"
        assert backfill_control.steer_backfill(home, "run")["order"] == "run"
        assert backfill_control.read_progress(home)["state"] == "running"


def test_progress_that_cannot_be_read_is_not_taken_for_none(home: Path):
    FolderStore(home / "objects").overwrite(progress_name("mlb"), b"{")
    with pytest.raises(ObjectCorrupted, match=r"progress\.json: expected the progress of a backfill"):
        backfill_control.read_progress(home)


def test_backfill_without_a_readable_control_object_says_how_to_end_it(home: Path):
    FolderStore(home / "objects").overwrite(steering.control_name("mlb"), b"{")
    with run_lock(home), pytest.raises(UserError, match=r"control\.json is missing or corrupt: end"):
        backfill_control.steer_backfill(home, "stop")


@pytest.mark.parametrize("order", ["pause", "stop"])
def test_last_phases_follow_no_order_and_say_so(home: Path, order: Order):
    progress = Progress("backfill-0001", "features", datetime(2016, 5, 1, tzinfo=UTC), os.getpid())
    FolderStore(home / "objects").overwrite(progress_name("mlb"), msgspec.json.encode(progress))
    with run_lock(home):
        assert backfill_control.read_progress(home)["state"] == "building features"
        with pytest.raises(UserError, match="the backfill is building features and then ends"):
            backfill_control.steer_backfill(home, order)
