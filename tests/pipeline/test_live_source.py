"""`hankstank run --source mlb` asks whatever address it is given: here a stand-in instead of the live API."""

from pathlib import Path

import pytest

from hankstank.local.runs import RunOptions, run_pipeline
from tests.pipeline.machine import impatient, outside
from tests.pipeline.worlds import day, small_world

CHAIN = ["data.collected", "data.validated", "data.loaded", "features.created", "model.deployed"]


def test_a_run_on_the_live_source_ends_in_two_forecasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with outside(tmp_path / "outside", small_world(4, 8)) as around, impatient():
        around.dawn_after(3)
        for name, url in around.urls().items():
            monkeypatch.setenv(f"HANKSTANK_{name.upper()}", url)
        choice = RunOptions("mlb", None, None, 7, day(1), day(3), 1, tmp_path, tmp_path / "home")
        summary = run_pipeline(choice, lambda *_: None)
    assert (summary["world"], summary["collected"]["finished_games"]) == ("MLB Stats API", 24)
    assert summary["events"][f"daily-{day(3)}"][1:] == CHAIN
    assert 0 < summary["game"]["predictions"]["home_win_probability"] < 1
    assert sum(summary["player"]["predictions"]["strikeouts"]["distribution"]) == pytest.approx(1, abs=1e-4)
