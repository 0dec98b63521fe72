"""All seasons 2010–2016 from the wire into the warehouse, every game held against Retrosheet's game logs.

The logs and the warehouse tell the same games in every field compared, but for one of the logs' making: they
count a last half-inning that the rain ended before its first play (`is_uncounted_half_inning`).
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import pytest

from simulator.retrosheet.game_log import GameLog, read_game_log
from tests.data import DATA, needs_data
from tests.season_chain import Chain, peak_memory_mb, real_seasons, render
from tests.warehouse_witness import games_without_their_log, mismatches, starters

pytestmark = [pytest.mark.real, pytest.mark.timeout(1800), needs_data("mlb", "retrosheet")]


@dataclass
class Season:
    """A collected season and its game logs."""

    chain: Chain
    logs: list[GameLog]


@pytest.fixture(scope="module", params=range(2010, 2017))
def season(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tell: Callable[[str], None]
) -> Iterator[Season]:
    year, folder = request.param, tmp_path_factory.mktemp(f"season-{request.param}")
    logs = read_game_log(DATA, year)
    first, last = min(log.on for log in logs), max(log.completed or log.on for log in logs)
    try:
        render(folder / "outside", [year], date(year, 1, 1), date(year, 12, 31))
        with real_seasons(folder, year) as chain:
            chain.collect_by_month(first, last)
            tell(f"{year}: {len(logs)} games, {chain.speed(len(logs))}; peak {peak_memory_mb():,.0f} MB")
            yield Season(chain, logs)
    finally:
        shutil.rmtree(folder)


def test_every_game_stands_and_no_other(season: Season):
    assert games_without_their_log(season.chain.query, season.logs) == []


def test_scores_line_scores_and_batting_equal_the_log(season: Season):
    assert mismatches(season.chain.query, season.logs) == []


def test_starters_strikeouts_equal_their_plate_appearances(season: Season):
    found = starters(season.chain.query)
    assert found.height == 2 * len(season.logs)
    assert found.filter(found["strikeouts_pitched"] != found["by_plays"]).is_empty()


def test_every_batch_is_graded_a(season: Season):
    assert {report.grade for report in season.chain.reports()} == {"A"}


def test_nothing_is_quarantined_held_back_or_parked(season: Season):
    aside = [one.table for report in season.chain.reports() for one in report.quarantined]
    errors = [
        issue for report in season.chain.reports() for issue in report.issues if issue.severity == "error"
    ]
    assert (aside, errors, season.chain.dead_letters()) == ([], [], [])
