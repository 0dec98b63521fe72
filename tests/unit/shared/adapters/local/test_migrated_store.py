"""A store that the previous release made is opened by this one: its tables fit, its rows are those that stood."""

import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from shared.adapters.local import duckdb_tables
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.errors import TableMismatch
from shared.storage.tables import Table, parse_table
from tests.contracts.warehouse import MONDAY, lineage

PREVIOUS = {
    "name": "swings",
    "dataset": "mlb_historical_data",
    "description": "One row a swing, as the previous release knew it.",
    "key": ["game_pk"],
    "scope": ["game_pk"],
    "partition": "game_date",
    "cluster": [],
    "fields": [
        {"name": "game_pk", "type": "INTEGER", "required": True, "description": "game"},
        {"name": "game_date", "type": "DATE", "required": True, "description": "official date"},
        {"name": "speed", "type": "INTEGER", "description": "mph"},
        {"name": "side", "type": "STRING", "description": "L or R"},
    ],
}
SPEED = {"name": "bat_speed", "type": "FLOAT", "description": "mph", "formerly": ["speed"]}
LENGTH = {"name": "swing_length", "type": "FLOAT", "description": "feet"}
STATEMENTS = 3  # rename, widen, add


def table(*fields: dict[str, Any]) -> Table:
    return parse_table({**PREVIOUS, "fields": [*PREVIOUS["fields"][:2], *fields]})


NOW = table(SPEED, PREVIOUS["fields"][3], LENGTH)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of the previous release with one row."""
    path, was = tmp_path / "warehouse.duckdb", parse_table(PREVIOUS)
    warehouse = DuckDbWarehouse(path)
    warehouse.ensure_table(was)
    row = {"game_pk": 1, "game_date": MONDAY, "speed": 71, "side": "L", **lineage(1)}
    warehouse.merge_rows(was, pl.DataFrame([row]))
    warehouse.close()
    return path


def opened(path: Path, definition: Table) -> list[dict[str, Any]]:
    warehouse = DuckDbWarehouse(path)
    try:
        warehouse.ensure_table(definition)
        return warehouse.query_rows(f"select * from {definition.full_name}").to_dicts()
    finally:
        warehouse.close()


class Killed:
    """A connection whose process dies before its statement number `statements`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, statements: int) -> None:
        self._connection, self._left = connection, statements

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, statement: str) -> Any:
        if statement.startswith("alter"):
            self._left -= 1
        if self._left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return self._connection.execute(statement)

    def commit(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def migrate_until_killed(path: Path, statements: int) -> None:
    duckdb_tables.ensure_tables(Killed(duckdb.connect(str(path)), statements), [NOW])


def test_changed_table_keeps_its_rows(path: Path):
    (row,) = opened(path, NOW)
    assert {name: row[name] for name in ("bat_speed", "side", "swing_length")} == {
        "bat_speed": 71.0,
        "side": "L",
        "swing_length": None,
    }
    assert "speed" not in row


def test_migrated_table_takes_new_rows(path: Path):
    opened(path, NOW)
    warehouse = DuckDbWarehouse(path)
    row = {"game_pk": 2, "game_date": MONDAY, "bat_speed": 70.5, "swing_length": 7.1, **lineage(1)}
    warehouse.merge_rows(NOW, pl.DataFrame([row]))
    assert warehouse.query_rows(f"select sum(bat_speed) as s from {NOW.full_name}").item() == 141.5
    warehouse.close()


def test_reader_sees_the_current_columns_of_a_store_not_yet_migrated(path: Path):
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute(f"set search_path = '{NOW.dataset}'")
        duckdb_tables.show_current_columns(connection, [NOW])
        shown = connection.sql("from swings").pl().to_dicts()
        duckdb_tables.show_current_columns(connection, [parse_table(PREVIOUS)])  # fits: as it is stored
    assert shown == opened(path, NOW)


def test_migrating_again_changes_nothing(path: Path):
    assert opened(path, NOW) == opened(path, NOW)


def test_column_defined_no_more_stays(path: Path):
    (row,) = opened(path, table(PREVIOUS["fields"][2]))
    assert row["side"] == "L"


def test_refused_change_leaves_the_store_as_it_was(path: Path):
    refused = table(SPEED, {**PREVIOUS["fields"][3], "type": "DATE"})
    with pytest.raises(TableMismatch, match=r"swings\.side: expected DATE, the table has STRING"):
        opened(path, refused)
    assert opened(path, parse_table(PREVIOUS))[0]["speed"] == 71


@pytest.mark.parametrize("statements", range(STATEMENTS + 1))
def test_killed_migration_is_finished_by_the_next_open(path: Path, statements: int):
    child = multiprocessing.get_context("spawn").Process(target=migrate_until_killed, args=(path, statements))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    assert opened(path, NOW)[0]["bat_speed"] == 71.0
