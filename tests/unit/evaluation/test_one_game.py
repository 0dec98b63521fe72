"""The report on one game: shares, scores and lines against numbers worked out by hand."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from evaluation.benchmarks import LineQuote, MatchedBenchmark
from evaluation.one_game import (
    TARGETS,
    ForecastGames,
    independent_sides,
    innings_played,
    line_chances,
    one_game_report,
)
from evaluation.page import _one_game_section
from evaluation.walk_forward import Forecasts
from shared.modeling.distribution import poisson_distribution

SCORES = [(5, 4, 9), (3, 2, 11), (0, 6, 9), (7, 3, 9)]  # home, visitors, innings


def rows():
    return pl.DataFrame(
        [
            {"game_pk": 10 + place, "game_date": date(2014, 5, 1 + place), "season": 2014, "game_type": "R",
             "home_score": home, "away_score": away}
            | {f"{side}_{name}": value for side in ("home", "away") for name, value in
               (("starter_runs_above_average", 0.0), ("bullpen_runs_above_average", 0.0),
                ("starter_expected_batters", 25.0))}
            for place, (home, away, _) in enumerate(SCORES)
        ]
    )  # fmt: skip


def report(lines=None):
    games, four = np.array([13, 12, 11, 10]), np.full(4, 4.3)
    runs = Forecasts(four, poisson_distribution(four, 25))
    wins = Forecasts(np.array([0.6, 0.55, 0.5, 0.45]), np.zeros((4, 2)))
    made = {name: ForecastGames(games, wins if name == "home_win" else runs) for name in TARGETS}
    innings = pl.DataFrame({"game_pk": [10, 11, 12, 13], "innings": [number for *_, number in SCORES]})
    benchmarks = {"lines 2014": MatchedBenchmark(lines=lines or {})}
    return one_game_report(made, rows(), innings, benchmarks)


def test_counts_what_happened():
    shares = report()["shares"]
    assert {name: one["happened"] for name, one in shares.items()} == {
        "one-run games": 0.5,
        "extra innings": 0.25,
        "shutouts": 0.25,
        "odd totals": 0.5,
        "home wins by two or more": 0.25,
    }
    assert shares["shutouts"]["se"] == pytest.approx((0.25 * 0.75 / 4) ** 0.5)


def test_odds_follow_each_games_own_chance():
    consistency = report()["consistency"]
    assert consistency["largest_gap_to_served_chance"] < 1e-4
    assert consistency["games_beyond_gap"] == 0
    assert consistency["clear_favourites"] == 3  # .50 is not one
    assert consistency["favourites_expected_to_score_less"] == 0


def test_lines_are_scored_on_the_same_games_and_pushes_left_out():
    lines = {
        "closing total": {10: LineQuote(9.0, 0.5), 11: LineQuote(8.5, 0.4), 99: LineQuote(7.0, 0.5)},
        "run line": {12: LineQuote(1.5, 0.7), 13: LineQuote(-1.5, 0.45)},
    }
    judged = report(lines)["lines"]
    assert (judged["closing total"]["rows"], judged["closing total"]["pushes"]) == (1, 1)
    assert judged["closing total"]["market"] == pytest.approx(0.4**2)  # five runs: under
    # A home club that gets 1.5 runs loses by six; one that gives 1.5 wins by four
    assert judged["run line"]["market"] == pytest.approx((0.7**2 + 0.55**2) / 2)
    assert 0 < judged["run line"]["ours"] < 0.7


def test_a_push_is_no_part_of_the_chance_over_a_line():
    chances = np.array([[0.1, 0.3, 0.2, 0.4]])
    assert line_chances(chances, 0, np.array([2.0])) == pytest.approx([0.4 / 0.8])
    assert line_chances(chances, -1, np.array([0.5])) == pytest.approx([0.6])


def test_clubs_that_score_apart_are_never_level():
    sides = np.array([[0.5, 0.5]]), np.array([[0.25, 0.75]])
    joint = independent_sides(*sides).joint[0]
    assert joint == pytest.approx(np.array([[0, 0.375], [0.125, 0]]) / 0.5)


def test_innings_are_counted_by_their_tops():
    class Season:
        plays = pl.DataFrame(
            {"game_pk": [1] * 5 + [2], "at_bat_index": [4, 0, 1, 2, 3, 0],
             "is_top": [True, True, True, False, False, True]}
        )  # fmt: skip

    assert innings_played([Season()]).rows() == [(1, 2), (2, 1)]


def test_without_every_target_there_is_no_report():
    innings = pl.DataFrame({"game_pk": [10], "innings": [9]})
    assert one_game_report({}, rows(), innings, {}) == {}


def test_page_shows_shares_scores_and_lines():
    html = _one_game_section(report({"closing total": {11: LineQuote(8.5, 0.4)}}))
    for text in ("One game", "extra innings", "25.00%", "RPS of margins", "closing total"):
        assert text in html
    assert _one_game_section({}) == ""
