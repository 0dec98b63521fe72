"""The distribution of scores is that of games played out half-inning by half-inning."""

from dataclasses import replace

import numpy as np
import pytest

from shared.sports.mlb.game_runs import SCORING, GameRules, ScoreDistribution
from shared.sports.mlb.game_runs.half_innings import HalfInning, chances_of
from shared.sports.mlb.game_runs.scores import GameScores, ScoringRates
from tests.unit.shared.sports.mlb.game_runs.simulated_games import Simulator

GAMES = 150_000
FOUR_ERRORS = 4 * 0.5 / GAMES**0.5  # of a share, at the most
# The simulator does not know why level games are rarer than those of clubs that score apart
APART = replace(SCORING, level_after_nine=1.0)


def scores(home=0.53, away=0.46, ratio=1.1, season=2013, kind="R", innings=9, constants=APART):
    rates = ScoringRates(np.array([[home, away]]), np.full((1, 2), ratio))
    return GameScores.from_rates(rates, GameRules.of_games([season], [kind], [innings]), constants)


def simulate(made, seed, innings=9, **rules):
    rates = ScoringRates(np.array([[0.53, 0.46]]), np.full((1, 2), 1.1))
    early, late = (np.repeat(block, GAMES, axis=0) for block in rates.blocks())
    return Simulator(seed, made.constants, early, late).play(innings, **rules)


@pytest.mark.parametrize(
    ("season", "kind", "innings", "placed_runner", "level_stands"),
    [(2013, "R", 9, False, False), (2023, "R", 9, True, False), (2021, "R", 7, True, False),
     (2023, "S", 9, False, True), (2023, "D", 9, False, False)],
)  # fmt: skip
def test_scores_are_those_of_games_played_out(season, kind, innings, placed_runner, level_stands):
    made = scores(season=season, kind=kind, innings=innings)
    played = simulate(made, 7, innings, placed_runner=placed_runner, level_stands=level_stands)
    final, happened = ScoreDistribution(made.joint()[0]), played.home - played.away
    assert final.home_leads == pytest.approx((happened > 0).mean(), abs=FOUR_ERRORS)
    assert final.level == pytest.approx((happened == 0).mean(), abs=FOUR_ERRORS)
    for margin in (-3, -2, -1, 1, 2, 3, 4):
        assert final.run_margin[12 + margin] == pytest.approx((happened == margin).mean(), abs=FOUR_ERRORS)
    for runs in range(8):
        assert final.home_runs[runs] == pytest.approx((played.home == runs).mean(), abs=FOUR_ERRORS)
        assert final.away_runs[runs] == pytest.approx((played.away == runs).mean(), abs=FOUR_ERRORS)
    assert final.expected_home_runs == pytest.approx(played.home.mean(), abs=0.035)
    assert final.expected_away_runs == pytest.approx(played.away.mean(), abs=0.035)
    assert made.summary.extra_innings[0] == pytest.approx((played.innings > innings).mean(), abs=FOUR_ERRORS)
    first_five = ScoreDistribution(made.first_five()[0])
    assert first_five.home_leads == pytest.approx(
        (played.home_five > played.away_five).mean(), abs=FOUR_ERRORS
    )
    assert first_five.level == pytest.approx((played.home_five == played.away_five).mean(), abs=FOUR_ERRORS)


@pytest.mark.parametrize(("season", "kind"), [(2013, "R"), (2024, "R"), (2024, "S")])
def test_summary_is_that_of_the_joint_distribution(season, kind):
    made = scores(season=season, kind=kind, constants=SCORING)
    summary, final = made.summary, ScoreDistribution(made.joint())
    assert summary.home_win == pytest.approx(final.home_leads / (1 - final.level), abs=1e-6)
    assert summary.home_runs == pytest.approx(final.expected_home_runs, abs=1e-4)
    assert summary.away_runs == pytest.approx(final.expected_away_runs, abs=1e-4)


def test_a_placed_runner_ends_extra_innings_sooner():
    before, since = (scores(season=season).extra.decides[0] for season in (2019, 2020))
    assert since > before + 0.1


def test_level_games_are_as_much_rarer_as_the_constant_says():
    fewer = scores(constants=replace(APART, level_after_nine=0.9)).summary.extra_innings
    assert fewer == pytest.approx(0.9 * scores().summary.extra_innings, rel=1e-9)


def test_a_half_inning_has_its_mean_and_its_chance_of_a_run():
    inning = HalfInning.from_expected_runs(np.array([0.3, 0.5, 0.8]))
    chances = inning.chances(60)
    assert chances @ np.arange(60) == pytest.approx([0.3, 0.5, 0.8])
    assert 1 - chances[:, 0] == pytest.approx(0.4868 * np.array([0.3, 0.5, 0.8]) ** 0.8175)


def test_transforms_multiply_to_the_sum_of_half_innings():
    one, other = (HalfInning.from_expected_runs(np.array(mean)) for mean in (0.4, 0.7))
    expected = np.convolve(one.chances(32), other.chances(32))[:12]
    assert chances_of(one.transform() * other.transform())[:12] == pytest.approx(expected, abs=1e-9)
