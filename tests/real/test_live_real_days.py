"""Thirty days of 2016 that the live service runs by schedule: forecast before the first pitch, and scored.

HANKSTANK_SEASON_REAL_DAYS, _REAL_KILLS and _SEED choose other ones.
"""

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from hankstank.local.subprocesses import ROOT
from shared.adapters.local.folder_store import FolderStore
from shared.storage.daily_outputs import load_daily_outputs
from shared.storage.day_results import DayResults, load_day_results
from tests.data import DATA, needs_data
from tests.pipeline.season import chosen, job_alerts

FIRST, DAYS = date(2016, 5, 1), chosen("REAL_DAYS", 30)
KILLS, SEED = chosen("REAL_KILLS", 5), chosen("SEED", 1)
LAST = FIRST + timedelta(days=DAYS - 1)
FINISHED = ("games", "lines", "features", "forecasts", "grades", "results")

pytestmark = [pytest.mark.real, pytest.mark.timeout(4 * 3600), needs_data("mlb", "retrosheet")]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose service was killed in the middle of some jobs."""
    folder, dice = tmp_path_factory.mktemp("real-days") / "home", Random(SEED)
    for number in range(KILLS + 1):
        with start(folder) as service:
            if number < KILLS:
                jobs = dice.randrange(5, max(6, 12 * DAYS // (KILLS + 1)))
                for _line in zip(range(jobs), service.stderr, strict=False):
                    pass
                service.kill()
            for _line in service.stderr:  # a full pipe would stop it
                pass
    assert service.returncode == 0
    return folder


def start(home: Path) -> "subprocess.Popen[str]":
    days = ["--season", "2016", "--from", str(FIRST), "--until", str(LAST)]
    source = ["--source", "retrosheet", "--data", str(DATA), "--speed", "max", "--no-api"]
    command = [sys.executable, "-m", "hankstank", "live", *source, *days, "--home", str(home)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def results(home: Path) -> list[DayResults]:
    days = [FIRST + timedelta(days=number) for number in range(DAYS)]
    found = [load_day_results(FolderStore(home / "objects"), day) for day in days]
    return [one for one in found if one]


def test_every_final_game_has_a_scored_forecast_from_before_its_first_pitch(home: Path):
    days = results(home)
    assert len(days) == DAYS
    for day in days:
        starts = {game.game_pk: game.scheduled_start for game in day.games if game.state == "final"}
        assert {one.game_pk for one in day.forecasts if one.target == "home_win"} == set(starts), (
            day.game_date
        )
        assert [one for one in day.forecasts if one.made_at >= starts[one.game_pk]] == [], day.game_date


def test_every_day_is_complete_and_nothing_failed(home: Path):
    counted = load_daily_outputs(FolderStore(home / "objects"))
    assert counted is not None
    days = {one.day: one.outputs for one in counted.days if FIRST <= one.day < LAST}
    assert len(days) == DAYS - 1  # the last one is counted on the morning after the end
    holes = [(day, name) for day, of in days.items() for name in FINISHED if of[name].is_hole]
    assert holes == []
    assert job_alerts(home) == []
