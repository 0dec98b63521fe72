"""Stores hold one world: games of another are refused before anything is written."""

from datetime import date
from pathlib import Path

import pytest

from hankstank.local import runs
from hankstank.local.run_plan import Source
from shared.adapters.local.folder_store import FolderStore
from shared.errors import UserError
from shared.runtime.data_world import DataWorld, read_world, write_world

LEAGUE = DataWorld("simulated league, seed 7")
REAL_GAMES = DataWorld("MLB Stats API")
DAY = date(2026, 5, 1)


def stores(home: Path, world: DataWorld) -> FolderStore:
    objects = FolderStore(home / "objects")
    write_world(objects, world)
    return objects


def choice(home: Path, source: Source, seed: int = 7) -> runs.RunOptions:
    season = 2016 if source == "retrosheet" else None
    days = (DAY, DAY) if source == "mlb" else (None, None)
    return runs.RunOptions(source, season, None, seed, *days, 1, home / "data", home)


def test_real_games_are_not_collected_into_a_simulated_league(tmp_path: Path):
    objects = stores(tmp_path, LEAGUE)
    with pytest.raises(UserError, match="holds games of simulated league, seed 7, not of MLB Stats API"):
        runs.collect_days(tmp_path, DAY, DAY, "manual")
    assert read_world(objects) == LEAGUE


@pytest.mark.parametrize(
    ("stored", "source", "seed"),
    [(LEAGUE, "league", 9), (LEAGUE, "mlb", 7), (LEAGUE, "retrosheet", 7), (REAL_GAMES, "league", 7)],
)
def test_run_of_another_world_is_refused(tmp_path: Path, stored: DataWorld, source: Source, seed: int):
    objects = stores(tmp_path, stored)
    with pytest.raises(UserError, match="name another folder with --home"):
        runs.run_pipeline(choice(tmp_path, source, seed), lambda *_: None)
    assert read_world(objects) == stored


def test_another_season_of_retrosheet_is_the_same_world(tmp_path: Path):
    stores(tmp_path, DataWorld("Retrosheet 2015"))
    with pytest.raises(UserError) as refused:  # for its data, which are not there
        runs.run_pipeline(choice(tmp_path, "retrosheet"), lambda *_: None)
    assert "holds games of" not in str(refused.value)
