"""Real games and real pitches pass the validator without one false alarm."""

import gzip
from datetime import UTC, date, datetime

import polars as pl
import pytest

from services.collector.mlb import feed
from services.collector.mlb.sources.savant import parse_pitches
from services.collector.rows import BY_GAME, rows_to_frame
from services.validator.quarantine import validate_rows
from services.validator.validate import validate_batch
from shared.messaging.events import Grade
from shared.storage.staging import Manifest
from shared.storage.tables import get_table
from tests.data import list_data_files, needs_data

FEEDS = list_data_files("mlb/statsapi/feed_live", "*_Final.json.gz")
SAVANT = list_data_files("mlb/savant", "*.csv.gz")
LINEAGE = {"source": "recorded", "run_id": "run-1", "collected_at": datetime(2026, 8, 8, tzinfo=UTC)}
NO_HISTORY = pl.DataFrame({"days": [0]})

pytestmark = pytest.mark.real


@needs_data("mlb", "statsapi", "feed_live")
@pytest.mark.parametrize("path", FEEDS, ids=lambda path: path.name.split("_")[0])
def test_recorded_final_game_is_whole(path):
    rows = feed.game_rows(feed.decode_feed(gzip.decompress(path.read_bytes())))
    staged = {
        name: rows_to_frame(get_table(name), [(rows.game_columns | LINEAGE, rows.tables[name])])
        for name in BY_GAME
    }
    games = (rows.game_pk,)
    manifest = Manifest(
        "run-1", 0, (rows.game_columns["game_date"],), "regular", games, (), final_games=games
    )
    result = validate_batch(manifest, staged, NO_HISTORY)
    assert (result.grading.grade, result.issues, result.games) == (Grade.A, (), games)


@needs_data("mlb", "savant")
@pytest.mark.parametrize("path", SAVANT[::10], ids=lambda path: path.name[:10])
def test_no_recorded_pitch_is_quarantined(path):
    day = date.fromisoformat(path.name[:10])
    head = {"game_date": day, "season": day.year, "game_type": "R"} | LINEAGE
    games = parse_pitches(gzip.decompress(path.read_bytes())).games
    parts = [(head | {"game_pk": game}, rows) for game, rows in games.items()]
    pitches = rows_to_frame(get_table("statcast_pitches"), parts)
    assert pitches.height > 1000
    assert validate_rows(get_table("statcast_pitches"), pitches, (day,)).accepted is pitches
