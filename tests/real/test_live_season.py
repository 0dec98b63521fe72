"""Half a year that the live service runs, disturbed and undisturbed: equal stores, complete days, flat memory.

The two are lived at the same time, each with a stand-in of its own. HANKSTANK_SEASON_DAYS, _GAMES (a day),
_SEED, _KILLS and _DELETIONS choose another season. Half a year of two games a day takes half an hour, of
fifteen games a day hours.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.pipeline import season as seasons
from tests.pipeline.season import Disturbances, Season

DAYS, GAMES = seasons.chosen("DAYS", 180), seasons.chosen("GAMES", 2)
SEED, KILLS, DELETIONS = (seasons.chosen(*one) for one in (("SEED", 1), ("KILLS", 20), ("DELETIONS", 10)))
OUTAGES, SLEEPS = (0.2, 0.5, DAYS * 0.12, 0.3, 1.5), 6  # days; of half a year one of three weeks
MOST_MB, GROWTH_MB = 1000, 60

pytestmark = [pytest.mark.real, pytest.mark.timeout(4 * 3600)]


@dataclass(frozen=True)
class Lived:
    """The homes of a disturbed and an undisturbed season, and what disturbed the one."""

    around: Season
    what: Disturbances
    disturbed: Path
    undisturbed: Path


def live(folder: Path, what: Disturbances) -> Path:
    """Live a season with a stand-in of its own, and return its home."""
    home = folder / "home"
    with seasons.season(folder / "outside", DAYS, GAMES) as around:
        assert seasons.live_through(home, around, what) == len(what.kills)
    return home


@pytest.fixture(scope="module")
def lived(tmp_path_factory) -> Lived:
    around = seasons.of_days(DAYS)
    what = seasons.draw_disturbances(
        SEED, around, kills=KILLS, outage_days=OUTAGES, sleeps=SLEEPS, deletions=DELETIONS
    )
    with ThreadPoolExecutor(2) as both:
        disturbed = both.submit(live, tmp_path_factory.mktemp("disturbed"), what)
        undisturbed = both.submit(live, tmp_path_factory.mktemp("undisturbed"), Disturbances(around.last))
        return Lived(around, what, disturbed.result(), undisturbed.result())


def test_memory_is_flat_over_the_season(lived: Lived, tell: Callable[[str], None]):
    for home in (lived.undisturbed, lived.disturbed):
        by_month = seasons.memory_by_month(home)
        tell(f"memory by month, MB: {by_month}")
        assert max(by_month.values()) <= MOST_MB
        _, *later = by_month.values()  # the first month loads what the others use
        assert not later or max(later) <= later[0] + GROWTH_MB


def test_disturbed_season_equals_an_undisturbed_one(lived: Lived, tell: Callable[[str], None]):
    share = seasons.assert_equal_seasons(lived.disturbed, lived.undisturbed, lived.around, lived.what)
    tell(f"{share:.1%} of the forecasts of timely days are by the models of the undisturbed season")


def test_what_was_lost_is_made_again_and_nothing_else(lived: Lived, tell: Callable[[str], None]):
    assert seasons.repairs(lived.undisturbed) == []
    repairs = seasons.repairs(lived.disturbed)
    tell("\n".join(repairs))
    assert bool(repairs) == bool(lived.what.deletions)
    assert [one for one in repairs if "(healed)" not in one] == []


def test_alerts_are_as_many_as_causes(lived: Lived, tell: Callable[[str], None]):
    assert seasons.job_alerts(lived.undisturbed) == []
    seasons.assert_an_outage_is_a_cause(seasons.job_alerts(lived.disturbed), lived.what.causes())
    assert seasons.critical_alerts(lived.undisturbed) == []
    critical = seasons.critical_alerts(lived.disturbed)
    tell(f"critical alerts: {critical}")
    assert len(critical) <= lived.what.causes() + len(lived.what.deletions)
