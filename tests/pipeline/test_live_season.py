"""Seven days that are disturbed equal undisturbed ones; `tests/real` runs half a year of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline import season as seasons
from tests.pipeline.season import Disturbances, Season

DAYS, GAMES = seasons.chosen("SHORT_DAYS", 7), 1
SEED, KILLS = seasons.chosen("SEED", 8), 2
OUTAGES, SLEEPS = (0.5, 0.5), 1


@pytest.fixture(scope="module")
def around(tmp_path_factory) -> Iterator[Season]:
    with seasons.season(tmp_path_factory.mktemp("outside"), DAYS, GAMES) as served:
        yield served


@pytest.fixture(scope="module")
def undisturbed(around: Season, tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    assert seasons.live_through(home, around, Disturbances(around.last)) == 0
    return home


@pytest.fixture(scope="module")
def what(around: Season) -> Disturbances:
    return seasons.draw_disturbances(SEED, around, kills=KILLS, outage_days=OUTAGES, sleeps=SLEEPS)


@pytest.fixture(scope="module")
def disturbed(around: Season, what: Disturbances, tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("disturbed") / "home"
    assert seasons.live_through(home, around, what) == KILLS
    return home


def test_stores_of_disturbed_days_equal_undisturbed_ones(
    disturbed: Path, undisturbed: Path, around: Season, what: Disturbances
):
    seasons.assert_equal_seasons(disturbed, undisturbed, around, what)


def test_nothing_is_lost_where_nothing_is_deleted(undisturbed: Path):
    assert seasons.repairs(undisturbed) == []


def test_alerts_are_as_many_as_causes(disturbed: Path, undisturbed: Path, what: Disturbances):
    assert seasons.job_alerts(undisturbed) == []
    seasons.assert_an_outage_is_a_cause(seasons.job_alerts(disturbed), what.causes())
