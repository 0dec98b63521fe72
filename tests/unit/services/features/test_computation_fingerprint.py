"""The hash of how features are computed: what changes it, what does not, and that it misses no code."""

import ast
import shutil
import sys
from pathlib import Path

import pytest

from services.features.computation_fingerprint import (
    COMPUTING_CODE,
    code_without_prose,
    computation_fingerprint,
    computing_sources,
    hash_computation,
)
from services.features.mlb import build, projected_lineups, windows

ROOT = Path(__file__).parents[4]
ENTRY_MODULES = (build, windows, projected_lineups)
OUTCOMES = "shared/sports/mlb/matchup/outcomes.py"


@pytest.fixture
def scratch(tmp_path):
    """A copy of the code that computes features."""
    for folder in ("services/features", "shared/sports"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def edited(root: Path, name: str, old: str, new: str) -> bool:
    """Edit a file, and return whether the fingerprint changed."""
    before = hash_computation(computing_sources(root), {})
    text = (root / name).read_text("utf-8")
    assert old in text
    (root / name).write_text(text.replace(old, new, 1), "utf-8")
    return hash_computation(computing_sources(root), {}) != before


def test_changed_constant_changes_the_fingerprint(scratch):
    assert edited(scratch, OUTCOMES, "EXTRA_BASES = 2.1", "EXTRA_BASES = 2.2")


def test_comment_and_docstring_do_not(scratch):
    assert not edited(scratch, OUTCOMES, "  # mean total bases of a double or triple", "  # other words")
    assert not edited(scratch, OUTCOMES, "Return expected total bases.", "Return something else\n        .")


def test_data_file_changes_the_fingerprint(scratch):
    assert edited(scratch, "services/features/mlb/notices.json", "injured_list", "on_injured_list")


def test_sql_of_a_build_changes_the_fingerprint(scratch):
    assert edited(scratch, "services/features/sql/plays.sql", "select", "select distinct")


def test_sql_of_the_snapshot_alone_does_not(scratch):
    assert not edited(scratch, "services/features/sql/track_record.sql", "select", "select distinct")


def test_new_column_changes_the_fingerprint():
    sources = computing_sources(ROOT)
    one, two = {"game_features_daily": "(month,)"}, {"game_features_daily": "(month, weekday)"}
    assert hash_computation(sources, one) != hash_computation(sources, two)


def test_fingerprint_does_not_depend_on_where_the_code_lies(scratch):
    assert computing_sources(scratch) == computing_sources(ROOT)
    assert len(computation_fingerprint()) == 64


def test_comment_signs_within_strings_stay():
    source = 'x = "# no comment"  # one\n\n\ndef f():\n    """Two\n    lines."""\n    return x\n'
    assert code_without_prose(source, ast.parse(source)) == 'x = "# no comment"\ndef f():\n    return x'


def test_every_module_that_a_build_imports_is_hashed():
    imported = _imports_of({module.__name__ for module in ENTRY_MODULES})
    own = {name for name in imported if name.startswith(("services.", "shared.sports."))}
    hashed = {name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in _hashed()}
    packages = {"services", "services.features", "shared.sports", "shared.sports.mlb"}  # with no code in them
    assert own - packages <= hashed


def _hashed() -> list[str]:
    assert all((ROOT / place).exists() for place in COMPUTING_CODE)
    return [name for name in computing_sources(ROOT) if name.endswith(".py")]


def _imports_of(names: set[str]) -> set[str]:
    """Return the project's modules that some modules import, directly or not."""
    found: set[str] = set()
    left = set(names)
    while left:
        name = left.pop()
        found.add(name)
        tree = ast.parse(Path(sys.modules[name].__file__ or "").read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                candidates = {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
                left |= {
                    one for one in candidates if one in sys.modules and one.startswith(("services", "shared"))
                }
        left -= found
    return found
