"""A replayed delivery asks the source that filled the stores, as `hankstank run` does."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hankstank.cli.app import app
from shared.adapters.local.durable_queue import LocalBus
from shared.adapters.local.folder_store import FolderStore
from shared.messaging.delivery import PushResponse
from shared.messaging.events import DataCollected, Ticked
from shared.runtime.data_world import DataWorld, write_world
from shared.runtime.ports_factory import create_object_store
from shared.runtime.settings import Settings
from tests.unit.simulator.retrosheet.season_files import GAME, write_season

PLAYED = date(2016, 5, 1)
NOW = datetime(2016, 5, 2, 6, tzinfo=UTC)


@pytest.fixture
def refused_tick(tmp_path: Path) -> Path:
    """Stores of one Retrosheet day whose tick the collector could not serve; the game's files are there."""
    write_season(tmp_path / "data", GAME)
    home = tmp_path / "home"
    write_world(FolderStore(home / "objects"), DataWorld("Retrosheet 2016", NOW))
    bus = LocalBus(home / "queue.sqlite", "backfill")
    bus.publish(Ticked(run_id="backfill-1", occurred_at=NOW, first=PLAYED, last=PLAYED))

    def refuse(body: bytes) -> PushResponse:
        bus.dead_letter(body, "SourceUnavailable: closed", "data-collection-trigger--collector")
        return PushResponse(200, "dead letter: ")

    bus.run_until_idle({"collector": refuse})
    return home


def test_dead_letter_of_a_real_season_is_collected_from_its_files(refused_tick: Path, tmp_path: Path):
    words = ("dead-letters", "replay", "1", "--home", refused_tick, "--data", tmp_path / "data")
    result = CliRunner().invoke(app, list(map(str, words)))
    assert result.exit_code == 0, result.output
    (batch,) = LocalBus(refused_tick / "queue.sqlite").published_on(DataCollected.topic)
    assert b"2016-05-01" in batch.data
    assert create_object_store(Settings(home=refused_tick)).list_names("raw/")


def test_season_whose_files_are_away_is_named_with_the_option(refused_tick: Path, tmp_path: Path):
    words = ("dead-letters", "replay", "1", "--home", refused_tick, "--data", tmp_path / "elsewhere")
    result = CliRunner().invoke(app, list(map(str, words)))
    assert result.exit_code == 1
    assert "2016eve.zip" in result.stderr
    assert "--data" in result.stderr
    (letter,) = LocalBus(refused_tick / "queue.sqlite").list_dead_letters()
    assert letter.replayed_at is None
