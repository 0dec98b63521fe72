"""Tests have the same names whenever they are collected: workers that run them in parallel must agree."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PYTEST = (sys.executable, "-m", "pytest", "-n0", "-p", "no:cacheprovider")
_ADDRESS = re.compile(r"0x[0-9a-f]{8,}")


def collect(hash_seed: int) -> list[str]:
    """Return the ids of all tests, in order, as a new process finds them."""
    child = subprocess.run(
        [*_PYTEST, "--collect-only", "--continue-on-collection-errors", "tests"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
        capture_output=True,
        text=True,
        check=False,
    )
    return [line for line in child.stdout.splitlines() if "::" in line]


def test_collection_is_the_same_twice() -> None:
    """Ids may hold neither the second of their collection, nor an address, nor the order of a set."""
    first, second = collect(1), collect(2)  # one after the other: the clock has gone on
    assert len(first) > 3_000
    assert first == second
    assert [name for name in first if _ADDRESS.search(name)] == []


def test_every_test_folder_mirrors_a_package() -> None:
    """A test of `shared/storage/merge.py` is found in `tests/unit/shared/storage`."""
    unit = ROOT / "tests" / "unit"
    folders = {path.parent.relative_to(unit) for path in unit.rglob("test_*.py")}
    assert {folder.as_posix() for folder in folders if not (ROOT / folder / "__init__.py").exists()} == set()
