"""All seasons 2010–2016 from the wire into the warehouse, every game held against Retrosheet's game logs.

The logs and the warehouse tell the same games in every field compared, but for one of the logs' making: they
count a last half-inning that the rain ended before its first play (`is_uncounted_half_inning`).
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl
import pytest

from shared.storage.views import get_view
from simulator.retrosheet.game_log import GameLog, read_game_log
from simulator.retrosheet.people import load_register
from tests.data import DATA, needs_data
from tests.season_chain import Chain, peak_memory_mb, real_seasons, render
from tests.strikeout_witness import count_season
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


def test_strikeout_rates_equal_counts_of_the_event_files(season: Season):
    year = season.logs[0].on.year
    ids = {code: person.id for code, person in load_register(DATA).items()}
    counted = {(role, ids[code]): counts for (role, code), counts in count_season(DATA, year).items()}
    rates = season.chain.query(get_view("k_rates").sql).iter_rows(named=True)
    columns = (
        "plate_appearances_vs_left",
        "strikeouts_vs_left",
        "plate_appearances_vs_right",
        "strikeouts_vs_right",
    )
    assert {(one["role"], one["player_id"]): tuple(one[name] for name in columns) for one in rates} == counted


def test_strikeouts_of_batters_pitchers_and_clubs_have_one_sum(season: Season):
    sums = {
        (view, *row)
        for view in ("k_rates", "team_k_rates")
        for row in season.chain.query(get_view(view).sql)
        .group_by("role")
        .agg(pl.sum("strikeouts", "strikeouts_vs_left", "strikeouts_vs_right", "plate_appearances", "walks"))
        .iter_rows()
    }
    whole = {(strikeouts, appearances, walks) for _, _, strikeouts, _, _, appearances, walks in sums}
    assert (len(sums), len(whole)) == (4, 1)
    assert all(strikeouts == left + right for _, _, strikeouts, left, right, _, _ in sums)


def test_every_batch_is_graded_a(season: Season):
    assert {report.grade for report in season.chain.reports()} == {"A"}


def test_nothing_is_quarantined_held_back_or_parked(season: Season):
    aside = [one.table for report in season.chain.reports() for one in report.quarantined]
    errors = [
        issue for report in season.chain.reports() for issue in report.issues if issue.severity == "error"
    ]
    assert (aside, errors, season.chain.dead_letters()) == ([], [], [])
