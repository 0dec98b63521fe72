"""Damage is reported once, as damage, with the file's name and the way out, whatever was damaged and how."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hankstank.cli.app import app
from tests.unit.hankstank.filled_stores import stock

Damage = Callable[[bytes], bytes]
DAMAGE: dict[str, Damage] = {
    "empty": lambda _whole: b"",
    "eight bytes": lambda _whole: b"1,2,3,45",
    "header alone": lambda whole: whole[:100],
    "first half": lambda whole: whole[: len(whole) // 2],
    "a bit of the header": lambda whole: flipped(whole, 20),
    "a bit of the data": lambda whole: flipped(whole, 4096 * 2 + 20),
}
QUEUE_DAMAGE: dict[str, Damage] = {
    "rubbish": lambda _whole: b"rubbish" * 1000,
    "first half": lambda whole: whole[: len(whole) // 2],
    "a bit of the header": lambda whole: flipped(whole, 3),
}


def flipped(whole: bytes, place: int) -> bytes:
    return whole[:place] + bytes([whole[place] ^ 0x40]) + whole[place + 1 :]


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("once") / "home"
    stock(home)
    return home


@pytest.fixture
def home(once: Path, tmp_path: Path) -> Path:
    return shutil.copytree(once, tmp_path / "home")


def ran(home: Path, *words: object) -> Result:
    result = CliRunner().invoke(app, [*map(str, words), "--home", str(home)], env={"COLUMNS": "400"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def damage(path: Path, how: Damage) -> None:
    path.write_bytes(how(path.read_bytes()))


@pytest.mark.parametrize("how", DAMAGE)
@pytest.mark.parametrize(
    "words", [["query", "from games_historical"], ["export", "people"], ["tables"], ["verify"], ["status"]]
)
def test_damaged_warehouse_is_reported_with_the_way_out(home: Path, words: list[str], how: str) -> None:
    damage(home / "warehouse.duckdb", DAMAGE[how])
    result = ran(home, *words)
    reported = result.output
    assert result.exit_code == (0 if words == ["status"] else 1), reported
    assert reported.count("warehouse.duckdb is damaged") == 1, reported
    assert "hankstank rebuild" in reported
    assert "process" not in reported
    assert "try again" not in reported


def test_block_that_is_damaged_is_reported_where_it_is_read(home: Path) -> None:
    """Three headers of 4 KiB stay whole; the blocks behind them are damaged one by one until one is read."""
    path = home / "warehouse.duckdb"
    whole = path.read_bytes()
    for start in range(3 * 4096, len(whole), 262_144):
        path.write_bytes(flipped(whole, start + 100))
        reported = ran(home, "verify").output
        if "is damaged" in reported:
            assert reported.count("warehouse.duckdb is damaged") == 1, reported
            assert "hankstank rebuild" in reported
            return
    pytest.fail("no block that verify reads was damaged")


@pytest.mark.parametrize("how", QUEUE_DAMAGE)
@pytest.mark.parametrize("words", [["status"], ["verify"], ["dead-letters", "list"]])
def test_damaged_queue_is_reported_with_the_way_out(home: Path, words: list[str], how: str) -> None:
    for left in home.glob("queue.sqlite-*"):
        left.unlink()
    damage(home / "queue.sqlite", QUEUE_DAMAGE[how])
    reported = ran(home, *words).output
    assert reported.count("queue.sqlite is damaged") == 1, reported
    assert "hankstank rebuild" in reported


def test_missing_warehouse_is_damage_where_batches_were_loaded(home: Path) -> None:
    (home / "warehouse.duckdb").unlink()
    assert "warehouse.duckdb is missing although batches were loaded" in ran(home, "status").output


def test_damaged_pointer_is_reported(home: Path) -> None:
    (pointer,) = (home / "objects" / "release" / "pointer").iterdir()
    damage(pointer, DAMAGE["first half"])
    assert f"pointer/{pointer.name}" in ran(home, "status").output
    assert f"pointer/{pointer.name}" in ran(home, "verify").output


def test_damaged_snapshot_is_reported_with_the_way_out(home: Path) -> None:
    table = next((home / "objects" / "snapshot").rglob("people-*.parquet"))
    damage(table, DAMAGE["first half"])
    reported = ran(home, "status").output
    assert table.name in reported
    assert "hankstank rebuild" in reported


DAMAGED_PARTS = {
    "snapshot/**/manifest-*.json": "`hankstank rebuild`",
    "snapshot/**/people-*.parquet": "`hankstank rebuild`",
    "models/home_win/**/model.ubj": "`hankstank run`",
    "models/home_win/**/manifest.json": "`hankstank run`",
}


@pytest.mark.parametrize("pattern", DAMAGED_PARTS)
def test_forecast_from_a_damaged_release_is_refused_with_the_way_out(home: Path, pattern: str) -> None:
    path = next((home / "objects").glob(pattern))
    path.write_bytes(flipped(path.read_bytes(), path.stat().st_size // 2))
    result = ran(home, "slate", "2026-05-02")
    assert result.exit_code == 1
    assert f"release 000001 cannot be used: the {pattern.partition('/')[0].rstrip('s')}" in result.output
    assert DAMAGED_PARTS[pattern] in result.output
    assert "Traceback" not in result.output
    assert len(result.output.splitlines()) == 1


def test_rebuild_of_nothing_says_what_begins(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    assert "no batch was loaded yet" in ran(tmp_path / "home", "rebuild").output
