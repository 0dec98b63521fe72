"""Half a year that the live service runs, disturbed and undisturbed: equal stores, complete days, flat memory.

HANKSTANK_SEASON_DAYS, _GAMES (a day), _SEED and _KILLS choose another season. Half a year of two games a day
takes half an hour and more for each of the two, of fifteen games a day hours.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.pipeline import season as seasons
from tests.pipeline.season import Disturbances, Season

DAYS, GAMES = seasons.chosen("DAYS", 180), seasons.chosen("GAMES", 2)
SEED, KILLS = seasons.chosen("SEED", 1), seasons.chosen("KILLS", 20)
OUTAGES, SLEEPS = (0.2, 0.5, DAYS * 0.12, 0.3, 1.5), 6  # days; of half a year one of three weeks
MOST_MB, GROWTH_MB = 1000, 60

pytestmark = [pytest.mark.real, pytest.mark.timeout(4 * 3600)]


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


def test_memory_is_flat_over_the_season(undisturbed: Path, tell: Callable[[str], None]):
    by_month = seasons.memory_by_month(undisturbed)
    tell(f"memory by month, MB: {by_month}")
    assert max(by_month.values()) <= MOST_MB
    _, *later = by_month.values()  # the first month loads what the others use
    assert not later or max(later) <= later[0] + GROWTH_MB


def test_disturbed_season_equals_an_undisturbed_one(
    disturbed: Path, undisturbed: Path, around: Season, what: Disturbances
):
    seasons.assert_equal_seasons(disturbed, undisturbed, around, what)


def test_nothing_is_lost_where_nothing_is_deleted(undisturbed: Path):
    assert seasons.repairs(undisturbed) == []


def test_alerts_are_as_many_as_causes(disturbed: Path, undisturbed: Path, what: Disturbances):
    assert seasons.job_alerts(undisturbed) == []
    seasons.assert_an_outage_is_a_cause(seasons.job_alerts(disturbed), what.causes())
