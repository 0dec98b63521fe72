"""What the simulated league is like, against the majors' statistics recomputed from Retrosheet's files."""

from collections.abc import Callable

import pytest

from evaluation.seasons import read_seasons
from evaluation.simulator_realism import TARGETS, realism_statistics
from evaluation.true_probability import league_seasons
from simulator.league import SimulatedLeague
from tests.data import DATA, needs_data

SEEDS, YEARS = (1, 2, 3), range(2014, 2017)

pytestmark = [pytest.mark.real, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def leagues() -> dict[str, float]:
    """Statistics of several leagues, averaged."""
    result = [realism_statistics(league_seasons(SimulatedLeague(seed, YEARS), YEARS)) for seed in SEEDS]
    return {name: sum(one[name] for one in result) / len(result) for name in TARGETS}


@needs_data("mlb", "retrosheet")
def test_targets_are_the_majors(tmp_path_factory: pytest.TempPathFactory):
    majors = realism_statistics(read_seasons(DATA, range(2010, 2017), tmp_path_factory.mktemp("seasons")))
    assert {name: round(value, 4) for name, value in majors.items()} == {
        name: target["majors"] for name, target in TARGETS.items()
    }


@pytest.mark.parametrize("name", TARGETS)
def test_leagues_are_like_the_majors(name: str, leagues: dict[str, float], tell: Callable[[str], None]):
    target = TARGETS[name]
    tell(f"{target['description']}: {leagues[name]:.4f}, in the majors {target['majors']:.4f}")
    assert target["from"] <= leagues[name] <= target["to"]
