"""The realism statistics agree with an independent count of the same games."""

from collections import Counter

import polars as pl
import pytest

from evaluation.season_rows import extract_rows
from evaluation.seasons import RealSeason
from evaluation.simulator_realism import TARGETS, realism_statistics
from tests.unit.simulator.league.simulated_games import HITS, WALKS, final_score, league, some_games, turns


@pytest.fixture(scope="module")
def season():
    frames = extract_rows(iter(some_games()), league().venues_by_id())
    people = pl.DataFrame(schema={"person_id": pl.Int64, "bat_side": pl.String, "pitch_hand": pl.String})
    return RealSeason(2026, **frames, people=people)


@pytest.fixture(scope="module")
def statistics(season):
    return realism_statistics([season, season], min_appearances=20)


@pytest.fixture(scope="module")
def counted():
    return Counter(play.event_type for game in some_games() for play in turns(game))


def test_every_target_is_measured(statistics):
    assert statistics.keys() == TARGETS.keys()


def test_counts_rates_per_plate_appearance(statistics, counted):
    assert statistics["strikeout"] == pytest.approx(counted["strikeout"] / counted.total())
    assert statistics["walk"] == pytest.approx(sum(counted[event] for event in WALKS) / counted.total())


def test_counts_hits_per_ball_in_play(statistics, counted):
    away = sum(counted[event] for event in (*WALKS, "strikeout", "home_run"))
    hits = sum(counted[event] for event in HITS) - counted["home_run"]
    assert statistics["hit_in_play"] == pytest.approx(hits / (counted.total() - away))


def test_counts_runs_and_home_wins(statistics):
    scores = [final_score(game) for game in some_games()]
    assert statistics["runs"] == pytest.approx(sum(sum(score.values()) for score in scores) / len(scores) / 2)
    assert statistics["home_wins"] == pytest.approx(sum(s[True] > s[False] for s in scores) / len(scores))


def test_counts_how_starters_leave(season):
    statistics = realism_statistics([season], min_appearances=20)
    starts = [
        [play for play in game.plays if play.pitcher == starter]
        for game in some_games()
        for starter in (game.probable_away, game.probable_home)
    ]
    outs = [sum(play.outs_after - play.outs_before for play in start) for start in starts]
    assert statistics["starter_ends_inning"] == pytest.approx(
        sum(start[-1].outs_after == 3 for start in starts) / len(starts)
    )
    assert statistics["starter_six_innings"] == pytest.approx(outs.count(18) / len(starts))
    assert statistics["starter_seven_innings"] == pytest.approx(outs.count(21) / len(starts))


def test_measures_the_home_clubs_margin(statistics):
    margins = [score[True] - score[False] for score in map(final_score, some_games())]
    assert statistics["home_margin"] == pytest.approx(sum(margins) / len(margins))


def test_a_repeated_season_correlates_perfectly(statistics):
    assert statistics["batter_walk_lasts"] == pytest.approx(1)


@pytest.mark.parametrize("name", TARGETS)
def test_bounds_include_the_majors(name):
    assert TARGETS[name]["from"] < TARGETS[name]["majors"] < TARGETS[name]["to"]
