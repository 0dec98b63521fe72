"""Candidates are chosen on earlier seasons alone, and only by differences that are no noise."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from evaluation.nested_selection import (
    POOL,
    CandidateLosses,
    candidates,
    choose_candidate,
    other_families,
    select_nested,
    shrunk_difference,
    summarise_selection,
)
from shared.modeling.manifest import Voice
from shared.sports.mlb.targets import BY_NAME
from tests.unit.evaluation.strikeout_starts import made_up_starts

RUNS = BY_NAME["home_score"]


def season(games, first=0, **differences):
    """Return a season whose candidates' losses differ from the pool's by steady amounts."""
    pool = np.full(games, 0.69)
    losses = {POOL: pool} | {name: pool + difference for name, difference in differences.items()}
    return CandidateLosses(first + np.arange(games), losses)


def test_the_lowest_loss_on_past_seasons_is_chosen():
    past = [season(2000, better=-0.001, best=0.001), season(2000, better=-0.001, best=-0.004)]
    assert choose_candidate(past) == "best"


@pytest.mark.parametrize(("seasons", "games"), [(1, 5000), (2, 1700)], ids=["one season", "few games"])
def test_too_little_past_chooses_the_pool(seasons, games):
    assert choose_candidate([season(games, better=-0.1)] * seasons) == POOL


def test_games_count_and_not_rows():
    two_rows_a_game = CandidateLosses(
        np.arange(4000) // 2, {POOL: np.zeros(4000), "better": np.full(4000, -0.1)}
    )
    assert choose_candidate([two_rows_a_game] * 1 + [season(1000, better=-0.1)]) == POOL
    assert choose_candidate([two_rows_a_game, season(1500, better=-0.1)]) == "better"


def test_a_worse_candidate_is_not_chosen():
    assert choose_candidate([season(2000, worse=0.001)] * 2) == POOL


def test_a_difference_is_shrunk_by_its_error():
    """Errors of .0005 on the mean: half of the difference is believed."""
    noise = 0.0005 * np.sqrt(4000)
    differences = -0.001 + noise * np.tile([-1.0, 1.0], 2000)
    assert shrunk_difference(differences, np.arange(4000)) == pytest.approx(-0.0005)


def test_a_noisy_gain_loses_to_a_smaller_steady_one():
    noise = np.random.default_rng(5).normal(0, 1, 4000)
    noise -= noise.mean()
    losses = {POOL: np.zeros(4000), "noisy": noise - 0.002, "steady": np.full(4000, -0.0002)}
    past = [CandidateLosses(np.arange(4000), losses)] * 2
    assert choose_candidate(past) == "steady"


def test_selection_bias_is_hindsight_minus_nested():
    by_season = {2015: season(100, a=-0.01, b=0.02), 2016: season(100, first=100, a=0.01, b=-0.06)}
    found = summarise_selection(by_season, {2015: "a", 2016: POOL})
    assert found["nested"]["log_loss"] == pytest.approx(0.69 - 0.005)
    assert found["pool"]["log_loss"] == pytest.approx(0.69)
    assert found["hindsight"]["candidate"] == "b"
    assert found["hindsight"]["log_loss"] == pytest.approx(0.69 - 0.02)
    assert found["hindsight_minus_nested"]["mean"] == pytest.approx(-0.015)
    # differences .03 and -.06, each 100 times: their mean deviates by .045 in 200 games
    assert found["hindsight_minus_nested"]["se"] == pytest.approx(0.045 / np.sqrt(200))
    assert found["nested_minus_pool"]["mean"] == pytest.approx(-0.005)


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("home_win", ()),
        ("home_score", ("poisson",)),
        ("batter_hits", ("poisson", "binomial")),
        ("batter_doubles", ("tilted", "poisson")),
    ],
)
def test_families_that_a_target_could_have(name, others):
    assert other_families(BY_NAME[name]) == others


def test_candidates_are_the_pool_and_its_parts():
    found = {name: (voices, family) for name, voices, family in candidates(BY_NAME["home_win"])}
    voices = tuple(voice.name for voice in BY_NAME["home_win"].pool)
    assert found[POOL] == (voices, "bernoulli")
    assert found["wide line alone"] == (("wide line",), "bernoulli")
    assert found["the pool without wide line"][0] == tuple(name for name in voices if name != "wide line")
    assert len(found) == 1 + 2 * len(voices)


def test_of_two_voices_the_pool_without_one_is_the_other_alone():
    assert [name for name, _, _ in candidates(RUNS)] == [
        POOL,
        *(f"{voice.name} alone" for voice in RUNS.pool),
        "the pool, poisson",
    ]


def test_a_voice_that_knows_what_counts_follow_is_chosen_and_the_season_itself_does_not_choose():
    """Strikeouts follow a column that one voice reads, until they follow nothing in the last season."""
    seeing = Voice(name="seeing", terms=("called_or_swinging_strike_rate_30",), spread=1.0)
    target = replace(BY_NAME["pitcher_strikeouts"], pool=(seeing, Voice(name="blind")))
    one = made_up_starts(date(2014, 4, 1), 140, driven_by=seeing.terms[0])
    frames = [
        one.with_columns(
            pl.col("game_date", "known_date").dt.offset_by(f"{years}y"),
            pl.col("game_pk", "player_id") + 10_000 * years,
        )
        for years in range(5)
    ]
    noise = np.random.default_rng(4).poisson(5, one.height)
    frames[4] = frames[4].with_columns(strikeouts=pl.Series(noise, dtype=pl.Int64))
    found = select_nested(target, pl.concat(frames), [2015, 2016, 2017, 2018], [2016, 2017, 2018])
    assert found["chosen"] == {"2016": POOL, "2017": "seeing alone", "2018": "seeing alone"}
    assert found["log_loss_by_candidate"]["seeing alone"] < found["log_loss_by_candidate"]["blind alone"]
    assert found["nested"]["log_loss"] > found["hindsight"]["log_loss"]
