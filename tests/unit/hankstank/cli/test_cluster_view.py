"""What the console prints of a cluster's run."""

import pytest

from hankstank.cli import cluster_view as view

REPORT = {"run_id": "tick-1", "seconds": 12.5, "game": None}
SLATE = {"games": [], "message": "no game is scheduled on 2026-04-06"}


def test_day_without_games_shows_why(capsys: pytest.CaptureFixture[str]):
    view.draw_tick({**REPORT, "slate": SLATE})
    assert capsys.readouterr().out.splitlines() == [
        "  12.5 s from the tick to the end of tick-1",
        "no game is scheduled on 2026-04-06",
    ]


def test_refused_forecast_shows_why(capsys: pytest.CaptureFixture[str]):
    view.draw_tick({**REPORT, "slate": None, "refused": "503: no release"})
    assert "No forecast: 503: no release" in capsys.readouterr().out
