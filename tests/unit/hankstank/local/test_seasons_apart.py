"""Stores hold one season, of those that their source has: others are refused before anything is written."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hankstank.cli.app import app
from hankstank.local.pipeline_run import record_played
from shared.adapters.local.folder_store import FolderStore
from shared.runtime.data_world import DataWorld, write_world

PLAYED = date(2026, 5, 27)
NOW = datetime(2026, 5, 28, 6, tzinfo=UTC)


def run(home: Path, *words: object) -> str:
    """Run the command, which must fail, and return why."""
    result = CliRunner().invoke(app, ["run", "--home", str(home), *map(str, words)])
    assert (result.exit_code, result.exception.__class__) == (1, SystemExit)
    return result.stderr


@pytest.mark.parametrize("played", [PLAYED, None], ids=["played", "interrupted"])
@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("simulated league, seed 7", ()),
        ("Retrosheet 2026", ("--source", "retrosheet")),
    ],
)
def test_another_season_than_the_stores_is_refused(
    tmp_path: Path, played: date | None, label: str, words: tuple[str, ...]
):
    objects = FolderStore(tmp_path / "objects")
    write_world(objects, DataWorld(label, NOW))
    if played:
        record_played(objects, played)
    why = run(tmp_path, *words, "--season", 2025)
    assert "holds the season 2026: expected --season 2026, got 2025" in why
    assert "--home" in why


@pytest.mark.parametrize("season", [-5, 0, 1800, 2000, 2101, 9999, 10_000])
def test_season_that_the_league_does_not_have_is_refused(tmp_path: Path, season: int):
    why = run(tmp_path / "new", "--season", season)
    assert f"expected --season within 2001 to 2100, which a simulated league has, got {season}" in why
    assert not (tmp_path / "new").exists()


def test_season_that_the_data_do_not_have_is_told_those_there(tmp_path: Path):
    folder = tmp_path / "data/mlb/retrosheet"
    folder.mkdir(parents=True)
    for year in (2015, 2016):
        (folder / f"{year}eve.zip").touch()
    why = run(tmp_path / "new", "--source", "retrosheet", "--season", 1800, "--data", tmp_path / "data")
    assert "1800eve.zip" in why
    assert "found the seasons 2015, 2016" in why
    assert not (tmp_path / "new").exists()


def test_history_after_the_season_is_refused(tmp_path: Path):
    why = run(tmp_path / "new", "--source", "retrosheet", "--season", 2016, "--history", 2017)
    assert "expected --history not after --season, got 2017" in why


def test_season_that_the_stores_hold_goes_on_without_being_named(tmp_path: Path):
    objects = FolderStore(tmp_path / "objects")
    write_world(objects, DataWorld("simulated league, seed 7", datetime(2024, 5, 28, 6, tzinfo=UTC)))
    record_played(objects, date(2024, 5, 27))
    assert "expected --to in the season 2024" in run(tmp_path, "--to", "2026-06-01")
