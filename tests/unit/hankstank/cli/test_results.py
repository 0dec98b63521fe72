"""The commands of what became of forecasts, from the stores and from a running API."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hankstank.cli.app import app
from shared.adapters.local.folder_store import FolderStore
from tests.unit.services.predict_api.release_store import AS_OF, TOMORROW
from tests.unit.services.predict_api.result_day import result, store_results, store_season


def reported(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def answered(*words: object) -> Any:
    given = reported(*words, "--json")
    assert given.exit_code == 0, given.output
    return json.loads(given.stdout)


def text(given: Result) -> str:
    assert given.exit_code == 0, given.output
    return " ".join(given.stdout.replace("\u00a0", " ").split())


@pytest.fixture
def played(home: Path) -> Path:
    """A home with the results of twelve days."""
    objects = FolderStore(home / "objects")
    store_season(objects, AS_OF, 12)
    store_results(objects, AS_OF)
    return home


def test_results_show_scores_and_favourites(played: Path):
    shown = text(reported("results", AS_OF, "--home", played))
    assert "BOS at NYY 3–5 final NYY 60.0% won" in shown
    assert "1 of 1 counts within their 80 % range" in shown


def test_results_are_given_as_json_and_csv(played: Path):
    (day,) = answered("results", AS_OF, "--home", played)
    assert [game["home_score"] for game in day["games"]] == [5]
    rows = list(csv.DictReader(io.StringIO(reported("results", AS_OF, "--home", played, "--csv").stdout)))
    assert [(row["target"], row["hit"]) for row in rows] == [("home_win", "true"), ("batter_hits", "true")]


def test_results_of_a_range_leave_out_days_without_any(played: Path):
    days = answered("results", AS_OF, "--to", TOMORROW, "--home", played)
    assert [day["game_date"] for day in days] == [str(AS_OF)]


def test_game_without_forecast_is_listed(played: Path):
    store_results(
        FolderStore(played / "objects"), AS_OF, games=(result(AS_OF, state="cancelled"),), forecasts=()
    )
    assert "cancelled none" in text(reported("results", AS_OF, "--home", played))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["results", TOMORROW], "results are known up to 2026-05-01"),
        (["results", TOMORROW, "--to", AS_OF], "expected a last day not before the first"),
        (["record", "--days", "8"], "expected --days 7, --days 14, --days 30 or --season"),
    ],
)
def test_what_cannot_be_shown_is_told(played: Path, words: list[str], message: str):
    given = reported(*words, "--home", played)
    assert given.exit_code == 1
    assert message in " ".join(given.stderr.split())


def test_record_is_shown_in_plain_words(played: Path):
    shown = text(reported("record", "--home", played))
    assert "7 of 7 favourites won (100 %)." in shown
    assert "batter hits 63 0.50 89%" in shown


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["--days", "7"], ["7_days"]),
        (["--days", "14"], ["14_days"]),
        (["--days", "30"], ["30_days"]),
        (["--season"], ["season"]),
        ([], ["day", "7_days", "14_days", "30_days", "season"]),
    ],
)
def test_record_has_the_windows_that_are_asked_for(played: Path, words: list[str], names: list[str]):
    assert [one["name"] for one in answered("record", *words, "--home", played)] == names


def test_record_is_given_as_csv(played: Path):
    rows = list(csv.DictReader(io.StringIO(reported("record", "--season", "--home", played, "--csv").stdout)))
    assert [(row["window"], row["target"], row["decided"]) for row in rows if not row["variant"]] == [
        ("season", "batter_hits", "108"),
        ("season", "home_win", "12"),
    ]


def test_running_api_answers_the_same(played: Path, url: str):
    for words in (["results", str(AS_OF)], ["record"]):
        assert answered(*words, "--url", url) == answered(*words, "--home", played)
