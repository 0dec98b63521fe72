"""A season's report from the stores: coverage, and forecasters compared on its starts."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hankstank.cli.app import app
from hankstank.ops.backfill_report import report_stores
from tests.unit.hankstank.ops.strikeout_stores import NOW, SEASON, fill_stores


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stores")
    fill_stores(folder)
    return folder


def test_months_after_the_first_are_compared(home: Path, tmp_path: Path):
    report = report_stores(home, SEASON, tmp_path, NOW)
    assert report.coverage
    assert report.coverage.total.final == 900
    assert report.strikeouts
    assert report.strikeouts.starts == 30 * 30
    assert report.strikeouts.left_out == {"fewer than 400 starts known before": 900}
    assert len(report.strikeouts.forecasters) == 6


def test_every_report_counts_as_a_look_at_the_season(home: Path, tmp_path: Path):
    reports = [report_stores(home, SEASON, tmp_path, NOW).strikeouts for _ in range(2)]
    assert [report.evaluations for report in reports if report] == [{"2024": 1}, {"2024": 2}]
    logged = [json.loads(line) for line in (tmp_path / "looks.jsonl").read_text().splitlines()]
    assert logged[0] == {"at": "2024-10-01T00:00:00Z", "seasons": [2024], "targets": ["pitcher_strikeouts"]}


def test_command_writes_json_and_a_page(home: Path, tmp_path: Path):
    page = tmp_path / "report.html"
    words = ["backfill", "report", "--season", str(SEASON), "--home", str(home), "--json"]
    result = CliRunner().invoke(app, [*words, "--html", str(page), "--out", str(tmp_path / "looks")])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["strikeouts"]["verdict"]["is_adopted"] in (True, False)
    assert answer["strikeouts"]["evaluations"] == {"2024": 1}
    assert answer["coverage"]["total"]["final"] == 900
    text = page.read_text()
    assert answer["strikeouts"]["verdict"]["text"] in text
    assert "Coverage" in text


def test_command_draws_every_forecaster(home: Path, tmp_path: Path):
    words = ["backfill", "report", "--season", str(SEASON), "--home", str(home), "--out", str(tmp_path)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    for name in (
        "constant",
        "bottom-up",
        "own K% x batters faced",
        "log5 with platoon",
        "ours, strikeouts_v1",
    ):
        assert name in result.stdout
    assert "Season 2024: 0 of 2,430 games collected" in result.stdout  # made-up games have no plays
    assert "Rule: strikeouts_v1 is adopted only if" in result.stdout


def test_report_without_a_season_names_what_it_expects(home: Path):
    result = CliRunner().invoke(app, ["backfill", "report", "--home", str(home)])
    assert result.exit_code == 2
    assert "expected --season, or --savant" in result.output


def test_page_is_not_written_among_stores(home: Path, tmp_path: Path):
    words = ["backfill", "report", "--season", str(SEASON), "--home", str(home), "--out", str(tmp_path)]
    result = CliRunner().invoke(app, [*words, "--html", str(home / "report.html")])
    assert result.exit_code == 1
    assert not (home / "report.html").exists()
