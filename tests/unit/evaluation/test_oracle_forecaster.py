"""The oracle learns talents by Bayes' rule, and never from the day of the forecast."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from evaluation.oracle_forecaster import TalentPosterior, oracle_forecasts
from evaluation.season_rows import extract_rows
from evaluation.seasons import RealSeason
from tests.unit.simulator.league.simulated_games import league, some_games

REPLAYS = 300


@pytest.fixture(scope="module")
def season():
    people = pl.DataFrame(schema={"person_id": pl.Int64, "bat_side": pl.String, "pitch_hand": pl.String})
    return RealSeason(2026, **extract_rows(iter(some_games()), league().venues_by_id()), people=people)


def without_plays(season, keep):
    return replace(season, plays=season.plays.filter(keep))


def test_plate_appearances_update_the_posterior():
    after = TalentPosterior(np.array([0.0]), np.array([0.25])).updated_with(np.array([6.0]), np.array([12.0]))
    assert (after.mean[0], after.variance[0]) == (pytest.approx(0.375), pytest.approx(1 / 16))


def test_true_talents_give_the_true_probability():
    game_pk = some_games()[0].game_pk
    probability = league().win_probability(game_pk, league().get_season(2026).abilities, 2000)
    assert probability == pytest.approx(league().true_win_probability(game_pk), abs=0.06)


def test_does_not_use_the_day_of_the_forecast(season):
    day = season.games["game_date"].unique().sort()[5]
    games = season.games.filter(pl.col("game_date") == day)["game_pk"].to_list()[:2]
    forecasts = oracle_forecasts(league(), [season], games, REPLAYS)
    assert oracle_forecasts(league(), [without_plays(season, pl.col("game_date") < day)], games, REPLAYS) == (
        pytest.approx(forecasts)
    )


def test_learns_from_the_days_before(season):
    games = season.games.filter(pl.col("game_date") == pl.col("game_date").max())["game_pk"].to_list()[:6]
    forecasts = oracle_forecasts(league(), [season], games, REPLAYS)
    without_history = oracle_forecasts(league(), [without_plays(season, pl.lit(value=False))], games, REPLAYS)
    assert (forecasts != without_history).any()
