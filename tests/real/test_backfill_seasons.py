"""Two real seasons in one backfill: a month of each, and a range across both; the dry run has its numbers."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hankstank.local.backfill import BackfillOptions, plan_dry_run, run_backfill
from hankstank.ops.backfill_report import read_season_report
from services.collector.backfill_job import BackfillResult
from tests.data import DATA, needs_data

pytestmark = [pytest.mark.real, pytest.mark.timeout(1800), needs_data("mlb", "retrosheet")]

NUMBERS = ("days", "games_expected", "games_stored", "games_to_fetch", "requests", "chunks")


def backfill(home: Path, *seasons: int, **chosen: Any) -> BackfillResult:
    """Run a backfill of which the dry run has the same numbers."""
    options = BackfillOptions(seasons, DATA, home, source="retrosheet", **chosen)
    planned = plan_dry_run(options)
    done = run_backfill(options, lambda _: None)
    assert [getattr(planned, name) for name in NUMBERS] == [getattr(done, name) for name in NUMBERS]
    assert planned.feed_bytes == pytest.approx(done.feed_bytes, rel=0.15)
    return done


def test_month_of_two_seasons_and_a_range_across_both(tmp_path: Path):
    home = tmp_path / "home"
    month = backfill(home, 2015, 2016, month=10)
    october = {season: read_season_report(home, season).total.collected for season in (2015, 2016)}
    assert month.games_fetched == month.games_expected == sum(october.values())
    assert min(october.values()) > 0
    across = backfill(home, first=date(2015, 10, 1), last=date(2016, 4, 4))
    assert across.games_stored == october[2015]
    assert across.games_fetched == across.games_expected - across.games_stored
    for season in (2015, 2016):
        report = read_season_report(home, season)
        assert report.total.collected == report.total.final == report.total.scores_agree
        assert (report.total.strikeouts_agree, report.disagreeing) == (report.total.starts, ())
    again = backfill(home, first=date(2015, 10, 1), last=date(2016, 4, 4))
    assert (again.games_fetched, again.games_to_fetch) == (0, 0)
