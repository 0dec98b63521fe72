"""Pitches agree with what they led to, and their measurements with the majors'."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.league.people import draw_arsenal
from simulator.league.pitches import draw_batted_ball, draw_calls, draw_unfinished_calls
from simulator.league.statcast import PitchSequence, measure_pitches, pitch_zones
from tests.unit.simulator.league.simulated_games import some_games, turns

BALLS, STRIKES = {"B", "*B", "I"}, {"C", "S", "W", "F"}


def count(calls):
    """Balls and strikes by the rules: a foul is no third strike."""
    balls = strikes = 0
    for call in calls:
        if call in BALLS:
            balls += 1
        elif call in STRIKES and not (call == "F" and strikes == 2):
            strikes += 1
    return balls, strikes


def last_count(play):
    return count(pitch.call for pitch in play.pitches)


def test_walks_on_the_fourth_ball():
    walks = [
        play for game in some_games() for play in turns(game) if play.event_type in {"walk", "intent_walk"}
    ]
    assert all(last_count(play)[0] == 4 and last_count(play)[1] <= 2 for play in walks)


def test_strikes_out_on_the_third_strike():
    outs = [play for game in some_games() for play in turns(game) if play.event_type == "strikeout"]
    assert all(last_count(play)[1] == 3 and last_count(play)[0] <= 3 for play in outs)


def test_never_goes_on_after_ball_four_or_strike_three():
    for game in some_games():
        for play in game.plays:
            balls, strikes = count([pitch.call for pitch in play.pitches][:-1])
            assert balls <= 3
            assert strikes <= 2


def test_puts_the_ball_in_play_with_the_last_pitch_alone():
    for game in some_games():
        for play in game.plays:
            *lead, last = [pitch.call for pitch in play.pitches]
            assert not set(lead) & {"X", "D", "E", "H"}
            assert (last in {"X", "D", "E"}) == (play.trajectory is not None)


def test_measures_batted_balls_and_no_others():
    for game in some_games():
        for pitch in (pitch for play in game.plays for pitch in play.pitches):
            assert (pitch.launch_speed is not None) == (pitch.call in {"X", "D", "E"})


@pytest.mark.parametrize(
    ("field", "low", "high"),
    [
        ("start_speed", 70, 102),
        ("spin_rate", 800, 3400),
        ("extension", 4.5, 8),
        ("launch_speed", 40, 118),
        ("launch_angle", -90, 90),
        ("hit_distance", 0, 490),
    ],
)
def test_measures_within_the_majors_ranges(field, low, high):
    thrown = (pitch for game in some_games() for play in game.plays for pitch in play.pitches)
    assert all(low <= getattr(pitch, field) <= high for pitch in thrown if getattr(pitch, field) is not None)


def test_throws_about_290_pitches_a_game():
    thrown = [sum(len(play.pitches) for play in game.plays) for game in some_games()]
    assert 275 < sum(thrown) / len(thrown) < 310


@pytest.mark.parametrize(
    ("x", "z", "expected"),
    [(-0.5, 3.2, 1), (0, 2.5, 5), (0.5, 1.7, 9), (-2, 4, 11), (2, 4, 12), (-2, 1, 13), (2, 1, 14)],
)
def test_numbers_the_zones_from_the_top_left(x, z, expected):
    assert pitch_zones(np.array([x]), np.array([z])) == expected


@given(st.integers(0, 10_000), st.sampled_from(["strikeout", "walk", "hit_by_pitch", "single", "field_out"]))
def test_any_turn_counts_right(seed, event):
    balls, strikes = count(draw_calls(Random(seed), event))
    assert (balls == 4) == (event == "walk")
    assert (strikes == 3) == (event == "strikeout")


@given(st.integers(0, 10_000))
def test_a_turn_cut_short_ends_nothing(seed):
    balls, strikes = count(draw_unfinished_calls(Random(seed)))
    assert balls <= 3
    assert strikes <= 1


@given(st.integers(0, 10_000))
def test_home_runs_carry(seed):
    hit = draw_batted_ball(Random(seed), "home_run", None)
    turn = PitchSequence(draw_arsenal(1, seed, 0), ["B", "E"], "home_run", hit)
    measure_pitches(np.random.default_rng(seed), [turn])
    assert turn.pitches[-1].hit_distance >= 335
    assert turn.pitches[-1].launch_speed >= 92
    assert hit.location in {7, 8, 9}


@given(
    st.lists(st.tuples(st.sampled_from(["strikeout", "walk", "intent_walk"]), st.integers(0, 99)), min_size=1)
)
def test_measures_every_turn_of_any_game(turns):
    thrown = [
        PitchSequence(draw_arsenal(1, seed, 0), draw_calls(Random(seed), event), event, None)
        for event, seed in turns
    ]
    measure_pitches(np.random.default_rng(1), thrown)
    assert [[pitch.call for pitch in turn.pitches] for turn in thrown] == [turn.calls for turn in thrown]
