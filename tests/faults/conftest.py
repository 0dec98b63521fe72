"""A day of three games, a home that knows it, and the next day to come with whatever goes wrong."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline.machine import Machine, Outside, impatient, machine, outside
from tests.pipeline.worlds import small_world


@pytest.fixture(scope="module", autouse=True)
def _impatient() -> Iterator[None]:
    with impatient():
        yield


@pytest.fixture(scope="session")
def two_days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """The outside world of two days of three games."""
    with outside(tmp_path_factory.mktemp("outside"), small_world(2)) as around:
        yield around


@pytest.fixture(scope="session")
def undisturbed(two_days: Outside, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine that collected the first day while nothing went wrong."""
    with machine(tmp_path_factory.mktemp("undisturbed"), two_days) as held:
        held.collect("first", 1, 1)
        yield held


@pytest.fixture
def around(two_days: Outside) -> Iterator[Outside]:
    """The outside world, that recovers after the test."""
    yield two_days
    two_days.recovers()


@pytest.fixture
def new(around: Outside, tmp_path: Path) -> Iterator[Machine]:
    """A machine that knows nothing yet."""
    with machine(tmp_path / "home", around) as held:
        yield held


@pytest.fixture
def knowing(around: Outside, undisturbed: Machine, tmp_path: Path) -> Iterator[Machine]:
    """A machine that knows the first day."""
    undisturbed.rooms.ports.warehouse.close()
    with machine(shutil.copytree(undisturbed.rooms.settings.home, tmp_path / "home"), around) as held:
        yield held
