"""The fit finds the constants that games were played with."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from evaluation.game_runs_fit import (
    fit_early_to_late,
    fit_game_spread,
    fit_half_innings,
    scored_games,
)
from shared.sports.mlb.game_runs import SCORING
from shared.sports.mlb.game_runs.scores import ScoringRates
from tests.unit.shared.sports.mlb.game_runs.simulated_games import Simulator

PLANTED = replace(
    SCORING,
    scoring_scale=0.46,
    scoring_exponent=0.75,
    club_spread=0.01,
    top_of_ninth=0.85,
    bottom_when_behind=0.8,
    level_after_nine=1.0,
    walk_off_margins=(0.7, 0.15, 0.1, 0.05),
)
GAMES, SPREAD_GAMES = 60_000, 2_500


@pytest.fixture(scope="module")
def played():
    return play(GAMES, PLANTED)


def play(count, constants):
    """Return half-innings and rows of simulated games whose formula knows the clubs' strengths."""
    random = np.random.default_rng(3)
    strengths = 0.48 * np.exp(random.normal(0, 0.1, (count, 2)))
    early, late = ScoringRates(strengths, np.full((count, 2), 1.2)).blocks()
    games = Simulator(4, constants, early, late).play()
    numbers = np.arange(count)
    halves = [
        pl.DataFrame(
            {"game_pk": numbers[who], "runs": runs[who]},
        ).with_columns(inning=pl.lit(inning, pl.Int64), is_top=pl.lit(value=is_top))
        for inning, is_top, runs, who in games.halves
    ]
    first_run = np.where(random.random(count) < 0.6, 1, 0)
    rows = pl.DataFrame(
        {
            "game_pk": numbers,
            "season": 2012,
            "game_type": "R",
            "game_date": [date(2012, 4, 1) + timedelta(days=int(day)) for day in numbers % 180],
            "home_score": games.home,
            "away_score": games.away,
            "home_expected_runs": strengths[:, 0] * 9,
            "away_expected_runs": strengths[:, 1] * 9,
            "margin_home_win": 1.7 * np.log(strengths[:, 0] / strengths[:, 1]),
            **{
                f"{side}_{column}": value
                for side in ("home", "away")
                for column, value in (
                    ("starter_runs_above_average", random.normal(0, 0.02, count)),
                    ("bullpen_runs_above_average", 0.0),
                    ("starter_expected_batters", 25.0),
                )
            },
        }
    )
    halves = pl.concat(halves).join(
        pl.DataFrame(
            {"game_pk": numbers, "inning": 3, "is_top": True, "runs_with_runner_on_second": first_run}
        ),
        on=["game_pk", "inning", "is_top"],
        how="left",
    )
    return halves, rows


def test_half_innings_give_their_constants(played):
    fitted = fit_half_innings(played[0])
    assert fitted.scoring_exponent == pytest.approx(PLANTED.scoring_exponent, abs=0.04)
    at_half_a_run = fitted.scoring_scale * 0.5**fitted.scoring_exponent
    assert at_half_a_run == pytest.approx(0.46 * 0.5**0.75, rel=0.01)
    assert fitted.top_of_ninth == pytest.approx(0.85, abs=0.04)
    assert fitted.bottom_when_behind == pytest.approx(0.8, abs=0.05)
    assert fitted.walk_off_margins == pytest.approx(PLANTED.walk_off_margins, abs=0.03)


def test_a_placed_runner_scores_in_innings_that_would_have_none(played):
    scoreless = (
        1 - 0.46 * 0.45**0.75
    )  # late half-innings: .48 runs on average, 1.2 times fewer than early ones
    assert fit_half_innings(played[0]).placed_runner_scores == pytest.approx(1 - 0.4 / scoreless, abs=0.02)


def test_early_runs_give_their_ratio_and_starters_who_do_not_matter_none(played):
    ratio, exponent, error = fit_early_to_late(*played)
    assert ratio == pytest.approx(1.2, abs=0.02)
    assert abs(exponent) < 3 * error


def test_spread_of_clubs_is_found_and_level_games_are_as_they_were():
    planted = replace(PLANTED, club_spread=0.06)
    halves, rows = play(SPREAD_GAMES, planted)
    games = scored_games(rows, halves, 1.2, 0.0)
    fitted = fit_game_spread(games, replace(planted, club_spread=0.0), spreads=(0.005, 0.06, 0.2))
    assert fitted.club_spread == planted.club_spread
    assert fitted.level_after_nine == pytest.approx(1.0, abs=0.25)
