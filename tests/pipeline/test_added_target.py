"""A target added as docs/architecture.md says, in two files: trained, requested over HTTP, shown and scored."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TARGETS = "shared/sports/mlb/targets.py"
TABLE = "shared/sports/mlb/tables/player_features_daily.json"
LABEL = {
    "name": "triples",
    "type": "INTEGER",
    "description": "label: triples; null for a starter",
    "role": "batter",
    "min": 0,
    "max": 6,
}
RECORD = """    _batter_target(
        "triples",
        "expected_doubles",
        "batter_doubles_rate",
        (),
        title="Triples of a batter",
        max_count=3,
        bound=0.03,
    ),
"""
PLACE = """    Target(
        name="pitcher_strikeouts",
"""


def add_target(repository: Path) -> None:
    """Edit the two files."""
    text = (repository / TARGETS).read_text("utf-8")
    assert text.count(PLACE) == 1
    (repository / TARGETS).write_text(text.replace(PLACE, RECORD + PLACE), "utf-8")
    table = json.loads((repository / TABLE).read_text("utf-8"))
    place = next(index for index, field in enumerate(table["fields"]) if field["name"] == "doubles")
    table["fields"].insert(place, LABEL)
    (repository / TABLE).write_text(json.dumps(table), "utf-8")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """What a run of a scratch copy with the target says of it: stores, API, page."""
    repository = tmp_path_factory.mktemp("repository")
    for part in ("services", "shared", "simulator", "evaluation", "hankstank"):
        shutil.copytree(ROOT / part, repository / part, ignore=shutil.ignore_patterns("__pycache__"))
    (repository / "tests/pipeline").mkdir(parents=True)
    for name in ("tests/__init__.py", "tests/pipeline/__init__.py", "tests/pipeline/added_target.py"):
        shutil.copy(ROOT / name, repository / name)
    add_target(repository)
    done = subprocess.run(
        [sys.executable, "-m", "tests.pipeline.added_target", str(tmp_path_factory.mktemp("stores"))],
        cwd=repository,
        env=os.environ | {"PYTHONPATH": str(repository)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["code"] == str(repository)
    return report


def test_label_is_filled_for_all_history(report):
    assert report["rows"] == report["labels"] > 0


def test_target_is_trained_and_deployed(report):
    assert report["deployed"].startswith("1.")


def test_target_is_requested_over_http(report):
    statistic = report["answer"]["predictions"]["triples"]
    assert sum(statistic["distribution"]) == pytest.approx(1, abs=1e-5)
    assert list(report["answer"]["predictions"]) == ["triples"]


def test_target_is_on_the_page_and_in_the_api_description(report):
    assert report["on_page"]
    assert report["in_openapi"]


def test_forecasts_are_scored_on_box_scores(report):
    assert report["forecasts"] > 0
    assert report["scores"] == report["scores_as_in_box_scores"] > 0


def test_recent_games_show_the_statistic(report):
    assert {"batter_triples", "expected_batter_triples"} <= set(report["recent_games"])
