"""The first two weeks of a real season from the wire into the warehouse, held against Retrosheet's game logs."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from simulator.retrosheet.game_log import GameLog, read_game_log
from tests.data import DATA, needs_data
from tests.season_chain import Chain, real_seasons, render
from tests.warehouse_witness import games_without_their_log, mismatches, starters

FIRST, LAST = date(2016, 4, 3), date(2016, 4, 16)

pytestmark = needs_data("mlb", "retrosheet")


@pytest.fixture(scope="module")
def logs() -> list[GameLog]:
    return [log for log in read_game_log(DATA, 2016) if FIRST <= log.on <= LAST]


@pytest.fixture(scope="module")
def fortnight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    folder: Path = tmp_path_factory.mktemp("fortnight")
    render(folder / "outside", [2016], FIRST, LAST)
    with real_seasons(folder, 2016) as chain:
        chain.collect_by_month(FIRST, LAST)
        yield chain


def test_every_game_stands_and_no_other(fortnight: Chain, logs: list[GameLog]):
    assert games_without_their_log(fortnight.query, logs) == []


def test_scores_line_scores_and_batting_equal_the_log(fortnight: Chain, logs: list[GameLog]):
    assert mismatches(fortnight.query, logs) == []


def test_starters_strikeouts_equal_their_plate_appearances(fortnight: Chain, logs: list[GameLog]):
    found = starters(fortnight.query)
    assert found.height == 2 * len(logs)
    assert found.filter(found["strikeouts_pitched"] != found["by_plays"]).is_empty()


def test_fortnight_is_graded_a_and_nothing_parked(fortnight: Chain):
    assert ([report.grade for report in fortnight.reports()], fortnight.dead_letters()) == (["A"], [])
