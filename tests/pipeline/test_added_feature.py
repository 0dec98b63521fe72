"""A feature added as docs/architecture.md says, in two files: filled for all history, trained on and served."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COLUMN = "pen_fatigue_difference"
MATCHUP = "shared/sports/mlb/matchup/game_features.py"
TABLE = "shared/sports/mlb/tables/game_features_daily.json"
ENTRY = {
    "name": COLUMN,
    "type": "FLOAT",
    "description": "batters that the home bullpen faced lately minus those of the visitors'",
    "unit": "batters",
    "window": "decayed, half-life 2 days",
    "inputs": "club_states",
    "family": "workload",
    "targets": ["home_win"],
}
FORMULA = f"""    both |= club_features(expected, games)
    one["{COLUMN}"] = -np.diff(both["bullpen_fatigue"])[:, 0]
"""
FINGERPRINT = "services/features/computation_fingerprint.py"


def scratch_copy(folder: Path) -> Path:
    """Copy what a build of features needs."""
    for part in ("services", "shared", "tests/unit/services", "tests/pipeline"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("tests/__init__.py", "tests/unit/__init__.py"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def build_features(repository: Path, stores: Path) -> dict[str, object]:
    """Build in a process of the scratch copy, and return what it reports."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.pipeline.added_feature", str(stores), COLUMN],
        cwd=repository,
        env=os.environ | {"PYTHONPATH": str(repository)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report: dict[str, object] = json.loads(done.stdout)
    assert report.pop("code") == str(repository)
    return report


def replace_once(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def add_feature(repository: Path) -> None:
    """Edit the two files."""
    replace_once(repository / MATCHUP, "    both |= club_features(expected, games)\n", FORMULA)
    table = json.loads((repository / TABLE).read_text("utf-8"))
    place = max(position for position, one in enumerate(table["fields"]) if one.get("window"))
    table["fields"].insert(place + 1, ENTRY)
    (repository / TABLE).write_text(json.dumps(table), "utf-8")


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """A scratch copy of the repository, and stores that its code has built."""
    repository = scratch_copy(tmp_path_factory.mktemp("repository"))
    stores = tmp_path_factory.mktemp("stores")
    assert build_features(repository, stores) == {"games": 10, "filled": 0, "served": None, "trained_on": []}
    return repository, stores


def copied(before, tmp_path) -> tuple[Path, Path]:
    repository, stores = before
    return shutil.copytree(repository, tmp_path / "code"), shutil.copytree(stores, tmp_path / "stores")


def test_new_feature_is_filled_for_all_history_trained_on_and_served(before, tmp_path):
    repository, stores = copied(before, tmp_path)
    add_feature(repository)
    report = build_features(repository, stores)
    assert (report["games"], report["filled"]) == (10, 10)
    assert isinstance(report["served"], float)
    assert COLUMN in report["trained_on"]


def test_without_the_fingerprint_old_rows_stay_null(before, tmp_path):
    """What the test above protects from: a constant in place of the hash leaves history as it is."""
    repository, stores = copied(before, tmp_path)
    known = "    return hash_computation(computing_sources(_ROOT), _column_definitions())\n"
    replace_once(repository / FINGERPRINT, known, '    return "constant"\n')
    build_features(repository, stores)
    add_feature(repository)
    assert build_features(repository, stores)["filled"] == 0
