"""A stand-in of ten days and a home that knows eight of them, made once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline.machine import Machine, Outside, impatient, machine, outside
from tests.pipeline.worlds import small_world

BACKFILLED = 8


@pytest.fixture(scope="module", autouse=True)
def _impatient() -> Iterator[None]:
    with impatient():
        yield


@pytest.fixture(scope="session")
def ten_days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """The outside world of ten days of three games."""
    with outside(tmp_path_factory.mktemp("outside"), small_world(10)) as around:
        yield around


@pytest.fixture(scope="session")
def backfilled(ten_days: Outside, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds eight days, to be copied."""
    home = tmp_path_factory.mktemp("home") / "backfilled"
    with machine(home, ten_days) as known:
        known.collect("backfill", 1, BACKFILLED)
    return home


@pytest.fixture
def home(backfilled: Path, tmp_path: Path) -> Path:
    """A copy of the home that holds eight days."""
    return shutil.copytree(backfilled, tmp_path / "home")


@pytest.fixture
def known(home: Path, ten_days: Outside) -> Iterator[Machine]:
    """A machine that knows eight days."""
    with machine(home, ten_days) as held:
        yield held


@pytest.fixture(scope="module")
def lent(backfilled: Path, ten_days: Outside, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine that knows eight days, for all tests of a module."""
    with machine(shutil.copytree(backfilled, tmp_path_factory.mktemp("lent") / "home"), ten_days) as held:
        yield held
