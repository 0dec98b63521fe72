"""Screens of a backfill: what its log says, and how its numbers are drawn."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from hankstank.cli import backfill_views
from hankstank.cli.backfill_views import describe_progress, show_backfill
from services.collector.backfill_job import BackfillResult, DryRun, FinishedEarlier, Progress
from services.collector.mlb.backfill_report import MissingGame, MonthCoverage, SeasonReport

AT = datetime(2016, 5, 1, tzinfo=UTC)
PROGRESS = Progress("backfill-0001", "collecting", AT, 7, games=30, of_games=90, games_per_second=2.5)
RESULT = BackfillResult(
    job="backfill-0001",
    status="done",
    days=10,
    games_expected=90,
    games_stored=10,
    games_to_fetch=80,
    games_fetched=80,
    games_from_archive=0,
    games_failed=(),
    games_not_stored=(),
    requests=145,
    retries=3,
    feed_bytes=37_000_000,
    chunks=1,
    seconds=12.5,
)


def at(**changes: Any) -> Progress:
    return msgspec.structs.replace(PROGRESS, **changes)


def test_progress_has_games_rate_time_left_and_errors():
    assert (
        describe_progress(at(seconds_left=83.4, errors=1))
        == "30 of 90 games, 2.5 a second, 1:23 left, 1 errors"
    )
    assert describe_progress(at(order="pause")).endswith("0 errors, paused")


def test_progress_before_the_plan_names_no_total():
    assert describe_progress(at(games=127, of_games=0)) == "127 games, 2.5 a second, 0 errors"


def test_log_names_the_interrupted_chunk_that_is_finished_first(capsys: pytest.CaptureFixture[str]):
    chunk = "2016-04-03 to 2016-04-12"
    with show_backfill(shown=True) as show:
        for progress in (
            at(phase="planning", of_games=0),
            at(phase="planning", of_games=0, chunk=chunk),
            at(of_games=0, chunk=chunk),
        ):
            show(progress)
    assert capsys.readouterr().err.splitlines() == [
        "hankstank: planning",
        f"hankstank: finishing {chunk} of the interrupted backfill",
    ]


def test_log_without_a_terminal_has_a_line_for_each_chunk_and_each_error(capsys: pytest.CaptureFixture[str]):
    with show_backfill(shown=True) as show:
        for progress in (
            at(phase="planning"),
            at(),
            at(games=40),
            at(errors=1, chunk="2016-04-03 to 2016-04-12"),
            at(errors=1, chunks=1, chunk="2016-04-03 to 2016-04-12"),
            at(errors=1, chunks=1, phase="features"),
        ):
            show(progress)
    assert capsys.readouterr().err.splitlines() == [
        "hankstank: planning",
        "hankstank: 2016-04-03 to 2016-04-12: 1 games could not be fetched so far",
        "hankstank: 2016-04-03 to 2016-04-12 loaded; 30 of 90 games, 2.5 a second, 1 errors",
        "hankstank: building features",
    ]


def test_nothing_is_logged_with_json(capsys: pytest.CaptureFixture[str]):
    with show_backfill(shown=False) as show:
        show(at(phase="planning"))
    assert capsys.readouterr().err == ""


def test_result_names_what_was_finished_first(capsys: pytest.CaptureFixture[str]):
    earlier = FinishedEarlier(1, 20, ("2016-04-03 to 2016-04-12",))
    changed = msgspec.structs.replace(
        RESULT, finished_earlier=earlier, games_fetched=100, games_from_archive=20, games_failed=(5, 6)
    )
    backfill_views.draw_result(changed)
    screen = capsys.readouterr().out
    assert "Finished first for the interrupted backfill: 2016-04-03 to 2016-04-12, 20 games" in screen
    assert "80 of 80; 20 in all from the raw archive" in screen
    assert "2: 5, 6" in screen


def test_result_says_that_nothing_was_missing(capsys: pytest.CaptureFixture[str]):
    backfill_views.draw_result(msgspec.structs.replace(RESULT, games_to_fetch=0, games_fetched=0))
    assert "every game is stored" in capsys.readouterr().out


def test_result_and_dry_run_of_days_without_games_say_so(capsys: pytest.CaptureFixture[str]):
    backfill_views.draw_result(
        msgspec.structs.replace(RESULT, games_expected=0, games_to_fetch=0, games_fetched=0)
    )
    result = capsys.readouterr().out
    backfill_views.draw_dry_run(DryRun(0, 0, 0, 0, 1, None, 0, 0))
    for screen in (result, capsys.readouterr().out):
        assert "lists no finished game on these days" in screen
        assert "every game is stored" not in screen


def test_stopped_result_says_how_to_continue(capsys: pytest.CaptureFixture[str]):
    backfill_views.draw_result(msgspec.structs.replace(RESULT, status="stopped"))
    assert "run the same command to continue" in capsys.readouterr().out


@pytest.mark.parametrize(("minutes", "shown"), [(None, "no limit"), (7.5, "7.5")])
def test_dry_run_says_that_nothing_was_written(
    minutes: float | None, shown: str, capsys: pytest.CaptureFixture[str]
):
    backfill_views.draw_dry_run(DryRun(10, 90, 10, 80, 145, minutes, 37_000_000, 1))
    screen = capsys.readouterr().out
    assert shown in screen
    assert "about 37 MB" in screen
    assert "nothing was written" in screen


def test_report_lists_missing_games_with_reasons(capsys: pytest.CaptureFixture[str]):
    april = MonthCoverage(
        "2016-04", scheduled=3, final=2, postponed=1, collected=2, starts=4, strikeouts_agree=4
    )
    missing = (MissingGame(date(2016, 4, 5), 7, "not played: Postponed"),)
    none = MonthCoverage("postseason")
    report = SeasonReport(2016, 2430, (april,), april, none, (), missing)
    backfill_views.draw_season_report(report)
    screen = capsys.readouterr().out
    assert "Season 2016: 2 of 2,430 games collected" in screen
    assert "4 of 4" in screen
    assert "2016-04-05  7     not played: Postponed" in screen


def test_status_of_stores_without_a_backfill(capsys: pytest.CaptureFixture[str]):
    backfill_views.draw_status({"state": "none"})
    assert capsys.readouterr().out == "No backfill has run here.\n"
