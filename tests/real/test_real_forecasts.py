"""What the formulas would have said of 2016, from states that begin in 2015: as good as they can honestly be.

Reference on these seasons: one feature, the expected run value of line-up against starter and pen, gives a log
loss of .6788; nothing known before the first pitch gives less than .672. A shrunk strikeout rate times batters
faced misses a start's strikeouts by 1.84 on average; 1.75 is out of reach.
"""

import shutil
from collections.abc import Callable, Iterator
from datetime import date

import numpy as np
import polars as pl
import pytest

from shared.messaging.events import FeaturesCreated
from tests.data import needs_data
from tests.season_chain import TO_FEATURES, Chain, peak_memory_mb, real_seasons, render

FIRST, LAST = date(2015, 4, 5), date(2016, 10, 2)

pytestmark = [pytest.mark.real, pytest.mark.timeout(3600), needs_data("mlb", "retrosheet")]


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory, tell: Callable[[str], None]) -> Iterator[Chain]:
    folder = tmp_path_factory.mktemp("forecasts")
    try:
        render(folder / "outside", (2015, 2016), FIRST, LAST)
        with real_seasons(folder, 2015, 2016, rooms=TO_FEATURES) as chain:
            chain.collect_by_month(FIRST, LAST)
            tell(f"2015 and 2016: {chain.speed(4857)}; peak {peak_memory_mb():,.0f} MB")
            yield chain
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def games(learnt: Chain) -> pl.DataFrame:
    return learnt.query(
        "select margin_home_win, home_win from mlb_features.game_features_daily "
        "where game_date >= '2016-01-01' and variant = 'confirmed' and home_win is not null"
    )


@pytest.fixture(scope="module")
def starts(learnt: Chain) -> pl.DataFrame:
    return learnt.query(
        "select expected_strikeouts, strikeouts from mlb_features.player_features_daily "
        "where game_date >= '2016-01-01' and variant = 'confirmed' and role = 'starter'"
    )


def test_every_game_and_start_has_a_forecast(games: pl.DataFrame, starts: pl.DataFrame):
    assert games.height == 2427  # one of the 2,428 ended in a tie
    assert (starts.height, sum(starts.null_count().row(0)) + sum(games.null_count().row(0))) == (4856, 0)


def test_home_win_is_as_good_as_it_can_honestly_be(games: pl.DataFrame, tell: Callable[[str], None]):
    margin, won = games["margin_home_win"].to_numpy(), games["home_win"].to_numpy()
    log_loss = np.logaddexp(0, np.where(won == 1, -margin, margin)).mean()
    tell(f"2016: log loss of the formula's home win {log_loss:.4f} over {len(won)} games")
    assert 0.672 <= log_loss <= 0.69


def test_strikeouts_are_as_good_as_they_can_honestly_be(starts: pl.DataFrame, tell: Callable[[str], None]):
    missed = (starts["expected_strikeouts"] - starts["strikeouts"]).abs().mean()
    tell(f"2016: the formula misses a start's strikeouts by {missed:.3f} over {starts.height} starts")
    assert 1.75 <= missed <= 1.9


def test_every_build_proved_that_nothing_leaked(learnt: Chain):
    created = learnt.announced(FeaturesCreated)
    assert len(created) == 14  # months with games
    assert all(event.rows_sampled > 0 and event.mismatches == 0 for event in created)
    assert learnt.dead_letters() == []
