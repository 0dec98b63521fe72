"""Frames that were stored before a column was renamed are read with its current name."""

from datetime import date

import polars as pl

from shared.adapters.local.folder_store import FolderStore
from shared.storage import snapshot, staging, tables
from shared.storage.schema_cast import with_current_names
from shared.storage.snapshot import Snapshot
from tests.contracts.warehouse import PLAYS

RENAMED = tables.parse_table(
    {
        "name": "swings", "dataset": "mlb_features", "description": "swings", "key": ["game_pk"],
        "scope": ["game_pk"], "partition": None, "cluster": [],
        "fields": [
            {"name": "game_pk", "type": "INTEGER", "description": "game"},
            {"name": "bat_speed", "type": "FLOAT", "description": "mph", "formerly": ["swing_speed", "speed"]},
        ],
    }
)  # fmt: skip


def a_renamed_column() -> tuple[str, str, str]:
    """Return a table with a renamed column, what it was called and what it is called."""
    every = (tables.get_table(name) for name in tables.list_tables())
    return next((table.name, *renamed) for table in every for renamed in table.current_names.items())


def test_every_former_name_is_read():
    for was in ("speed", "swing_speed", "bat_speed"):
        assert with_current_names(RENAMED, pl.DataFrame({"game_pk": [1], was: [71.0]})).columns == [
            "game_pk",
            "bat_speed",
        ]


def test_current_name_goes_before_a_former_one():
    both = pl.DataFrame({"speed": [1.0], "bat_speed": [71.0]})
    assert with_current_names(RENAMED, both)["bat_speed"].to_list() == [71.0]


def test_table_without_renamed_columns_is_as_it_was():
    rows = pl.DataFrame({"game_pk": [1], "speed": [71.0]})
    assert with_current_names(PLAYS, rows) is rows


def test_staged_rows_have_the_current_name(tmp_path):
    table, was, name = a_renamed_column()
    staged = staging.stage_frame(FolderStore(tmp_path), "staging/run/0", table, pl.DataFrame({was: [1.5]}))
    assert staging.read_staged(FolderStore(tmp_path), staged).to_dict(as_series=False) == {name: [1.5]}


def test_rows_of_no_defined_table_are_as_they_were(tmp_path):
    _, was, _ = a_renamed_column()
    staged = staging.stage_frame(FolderStore(tmp_path), "staging/run/0", "other", pl.DataFrame({was: [1.5]}))
    assert staging.read_staged(FolderStore(tmp_path), staged).columns == [was]


def test_snapshots_name_for_a_table_finds_its_definition(tmp_path, monkeypatch):
    schedule = tables.parse_table(
        {
            "name": "games", "snapshot_name": "schedule", "dataset": "mlb_historical_data",
            "description": "games", "key": ["game_pk"], "scope": ["game_pk"], "partition": None, "cluster": [],
            "fields": [{"name": "game_pk", "type": "INTEGER", "description": "game", "formerly": ["game"]}],
        }
    )  # fmt: skip
    objects, day = FolderStore(tmp_path), date(2026, 5, 1)
    stored = snapshot.save_snapshot(Snapshot(day, "run", {"schedule": pl.DataFrame({"game": [1]})}), objects)
    monkeypatch.setattr(snapshot, "list_tables", lambda: ("games",))
    monkeypatch.setattr(snapshot, "get_table", lambda _name: schedule)
    assert snapshot.load_snapshot(stored, objects).tables["schedule"].columns == ["game_pk"]
