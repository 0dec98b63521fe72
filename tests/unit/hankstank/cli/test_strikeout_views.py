"""Screens of a backfill's report: the starts that differ with their reason, and a line for each forecaster."""

import pytest

from hankstank.cli.strikeout_views import draw_report
from hankstank.ops.backfill_report import BackfillReport
from tests.unit.evaluation.test_backfill_page import CHECK, COVERAGE, STRIKEOUTS


def test_savants_days_show_the_check_and_the_scores(capsys: pytest.CaptureFixture[str]):
    draw_report(BackfillReport(STRIKEOUTS, check=CHECK))
    screen = " ".join(capsys.readouterr().out.split())
    assert "Strikeouts counted from pitches: 1 of 2 starts are as on record" in screen
    assert "no pitch ended it" in screen
    assert "Strikeouts of 4,000 starts, 2016-05-01 to 2016-10-02; 3 with no whole line-up" in screen
    assert "ours, strikeouts_v1" in screen
    assert "-0.0120 ± 0.0040" in screen
    assert "Evaluations so far: 2016: 2" in screen


def test_stores_without_a_comparison_show_the_coverage_and_the_reason(capsys: pytest.CaptureFixture[str]):
    draw_report(BackfillReport(None, COVERAGE, not_compared="no start of 2016 can be compared"))
    screen = " ".join(capsys.readouterr().out.split())
    assert "Season 2016: 2 of 2,430 games collected" in screen
    assert "Strikeouts: no start of 2016 can be compared" in screen
