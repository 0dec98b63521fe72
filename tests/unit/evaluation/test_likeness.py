"""Seasons are described by the same statistics, whoever played them."""

from collections import Counter

import polars as pl
import pytest

from hankstank.evaluation.likeness import TARGETS, statistics
from hankstank.evaluation.season_rows import rows_of
from hankstank.evaluation.seasons import RealSeason
from tests.unit.standins.league_games import HITS, WALKS, final_score, league, some_games, turns


@pytest.fixture(scope="module")
def told():
    frames = rows_of(iter(some_games()), league().venues())
    people = pl.DataFrame(schema={"person_id": pl.Int64, "bat_side": pl.String, "pitch_hand": pl.String})
    season = RealSeason(2026, **frames, people=people)
    return statistics([season, season], enough=20)


@pytest.fixture(scope="module")
def counted():
    return Counter(play.event_type for game in some_games() for play in turns(game))


def test_every_target_is_measured(told):
    assert told.keys() == TARGETS.keys()


def test_counts_rates_a_plate_appearance(told, counted):
    assert told["strikeout"] == pytest.approx(counted["strikeout"] / counted.total())
    assert told["walk"] == pytest.approx(sum(counted[event] for event in WALKS) / counted.total())


def test_counts_hits_a_ball_in_play(told, counted):
    away = sum(counted[event] for event in (*WALKS, "strikeout", "home_run"))
    hits = sum(counted[event] for event in HITS) - counted["home_run"]
    assert told["hit_in_play"] == pytest.approx(hits / (counted.total() - away))


def test_counts_runs_and_home_wins(told):
    scores = [final_score(game) for game in some_games()]
    assert told["runs"] == pytest.approx(sum(sum(score.values()) for score in scores) / len(scores) / 2)
    assert told["home_wins"] == pytest.approx(sum(s[True] > s[False] for s in scores) / len(scores))


def test_the_same_season_again_lasts_wholly(told):
    assert told["batter_walk_lasts"] == pytest.approx(1)


@pytest.mark.parametrize("name", TARGETS)
def test_bounds_hold_the_majors(name):
    assert TARGETS[name]["from"] < TARGETS[name]["majors"] < TARGETS[name]["to"]
