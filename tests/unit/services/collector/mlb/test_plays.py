"""Play by play to rows: outcomes, bases, outs and counts."""

import logging

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collector.mlb.event_types import OUTCOMES, classify_event, is_at_bat, is_plate_appearance
from services.collector.mlb.feed import decode_feed, game_rows
from shared.storage.tables import get_table
from tests.unit.services.collector import sample_responses
from tests.unit.services.collector.sample_responses import leg, pitch, placed, play


def rows_of(plays, name="plate_appearances"):
    body = sample_responses.feed(1, plays=plays)
    return game_rows(decode_feed(msgspec.json.encode(body))).tables[name]


def bases_before(plays):
    return [row["bases_before"] for row in rows_of(plays)]


def test_runner_stays_for_the_next_batter():
    assert bases_before([play(0, "single", 0, legs=[leg(1, None, "1B")]), play(1)]) == [0, 1]


def test_runner_out_leaves_no_base():
    steals = leg(1, "1B", None, "caught_stealing_2b", out=True)
    plays = [play(0, "single", 0, legs=[leg(1, None, "1B")]), play(1, legs=[steals]), play(2)]
    assert bases_before(plays) == [0, 1, 0]


def test_two_legs_of_one_runner_count_as_one_way():
    legs = [leg(1, "1B", "2B"), leg(1, "2B", "3B"), leg(2, None, "1B")]
    plays = [play(0, "single", 0, legs=[leg(1, None, "1B")]), play(1, "single", 0, legs=legs), play(2)]
    assert bases_before(plays) == [0, 1, 5]


def test_bases_are_empty_in_a_new_half():
    plays = [play(0, "single", 0, legs=[leg(1, None, "1B")]), play(1, outs=1, top=False)]
    assert bases_before(plays) == [0, 0]


def test_placed_runner_stands_on_second():
    as_leg = leg(1, None, "2B", "runner_placed")
    assert bases_before([play(0, inning=10, legs=[as_leg]), play(1, inning=10)]) == [2, 2]


@pytest.mark.parametrize(("base", "mask"), [(1, 1), (2, 2), (3, 4)])
def test_placed_runner_is_told_by_an_event(base, mask):
    first = play(0, inning=10, pitches=[placed(1, base), pitch("X")])
    assert bases_before([first, play(1, inning=10)]) == [mask, mask]


def test_placed_runner_who_leaves_at_once_stood_there():
    first = play(0, inning=10, pitches=[placed(1), pitch("X")], legs=[leg(1, "2B", "score")])
    assert bases_before([first, play(1, inning=10)]) == [2, 0]


def test_placed_runner_told_in_both_forms_stands_once():
    first = play(0, inning=10, pitches=[placed(1), pitch("X")], legs=[leg(1, None, "2B", "runner_placed")])
    assert bases_before([first, play(1, inning=10)]) == [2, 2]


def on_second(one):
    one["matchup"]["postOnSecond"] = {"id": 1}
    return one


def test_match_up_that_agrees_on_who_is_on_base_is_no_news(caplog):
    rows_of([on_second(play(0, inning=10, pitches=[placed(1), pitch("X")]))])
    assert not caplog.records


def test_match_up_that_disagrees_on_who_is_on_base_is_named(caplog):
    assert bases_before([on_second(play(0, "double", 0)), play(1)]) == [0, 0]
    assert "game 1: after plays [0] runners and match-up disagree" in caplog.text


def test_placed_runner_is_known_by_his_leaving():
    assert bases_before([play(0, inning=10, legs=[leg(1, "2B", "3B")]), play(1, inning=10)]) == [2, 4]


def test_outs_carry_within_a_half():
    rows = rows_of([play(0, outs=1), play(1, outs=3), play(2, outs=1, top=False)])
    assert [(row["outs_before"], row["outs_after"]) for row in rows] == [(0, 1), (1, 3), (0, 1)]


def test_runs_are_those_who_came_home():
    legs = [leg(1, "3B", "score"), leg(2, None, "score", "home_run")]
    assert rows_of([play(0, "home_run", 0, legs=legs)])[0]["runs_scored"] == 2


def test_advisory_is_no_plate_appearance():
    rows = rows_of([play(0, "game_advisory"), play(1)])
    assert [row["at_bat_index"] for row in rows] == [1]


def test_unfinished_play_gives_pitches_and_no_plate_appearance():
    plays = [play(0), play(1, complete=False, pitches=[pitch()])]
    assert (len(rows_of(plays)), len(rows_of(plays, "statcast_pitches"))) == (1, 2)


def test_play_of_type_action_is_no_plate_appearance_but_moves_runners():
    plays = [play(0, "stolen_base_2b", 0, kind="action", legs=[leg(1, None, "2B")], pitches=[]), play(1)]
    assert bases_before(plays) == [2]


def test_count_is_that_before_the_pitch():
    thrown = [pitch("B", (1, 0, 0)), pitch("S", (1, 1, 0)), pitch("X", (1, 1, 0))]
    counts = [
        (row["balls"], row["strikes"]) for row in rows_of([play(0, pitches=thrown)], "statcast_pitches")
    ]
    assert counts == [(0, 0), (1, 0), (1, 1)]


def test_automatic_ball_without_a_pitch_moves_the_count():
    violation = pitch("V", (1, 0, 0)) | {"isPitch": False}
    rows = rows_of([play(0, pitches=[violation, pitch("X", (1, 0, 0))])], "statcast_pitches")
    assert [(row["pitch_number"], row["balls"]) for row in rows] == [(1, 1)]


def test_ball_in_play_is_a_strike():
    assert rows_of([play(0, pitches=[pitch("X")])], "statcast_pitches")[0]["is_strike"]


def test_movement_is_given_in_feet():
    measured = {"coordinates": {"pfxX": -6.0, "pfxZ": 12.0}}
    row = rows_of([play(0, pitches=[pitch("X", pitchData=measured)])], "statcast_pitches")[0]
    assert (row["pfx_x"], row["pfx_z"]) == (-0.5, 1.0)


def test_hit_is_measured_on_the_last_pitch():
    hit = {"launchSpeed": 101.5, "trajectory": "fly_ball", "totalDistance": 390.0}
    row = rows_of([play(0, pitches=[pitch("B"), pitch("X", hitData=hit)])])[0]
    assert (row["launch_speed"], row["trajectory"], row["hit_distance"]) == (101.5, "fly_ball", 390.0)


def test_slot_comes_from_the_box_score():
    assert rows_of([play(0)])[0]["batting_slot"] == 1


@pytest.mark.parametrize(("is_out", "counted"), [(True, "out"), (False, "error")])
def test_new_event_type_counts_by_its_out_and_is_named(is_out, counted, caplog):
    with caplog.at_level(logging.WARNING):
        assert classify_event("moon_ball", is_out=is_out) == counted
    assert "moon_ball" in caplog.text


def test_every_outcome_is_one_the_table_knows():
    known = next(f.values for f in get_table("plate_appearances").fields if f.name == "outcome")
    assert set(OUTCOMES.values()) - set(known) == {"no_play"}


def test_at_bats_are_plate_appearances():
    assert all(is_plate_appearance(counted) for counted in OUTCOMES.values() if is_at_bat(counted))


@pytest.mark.parametrize(
    "walk", ["walk", "intent_walk", "hit_by_pitch", "sac_fly", "sac_bunt", "catcher_interf"]
)
def test_walks_and_sacrifices_are_no_at_bats(walk):
    counted = classify_event(walk, is_out=False)
    assert (is_plate_appearance(counted), is_at_bat(counted)) == (True, False)


BASES = st.sampled_from([None, "1B", "2B", "3B", "score"])
LEGS = st.lists(st.builds(leg, st.integers(1, 4), BASES, BASES, out=st.booleans()), max_size=5)


@given(st.lists(st.tuples(LEGS, st.integers(0, 3), st.booleans()), max_size=8))
def test_any_runners_leave_bases_and_outs_in_range(given_plays):
    plays = [play(n, outs=outs, top=top, legs=legs) for n, (legs, outs, top) in enumerate(given_plays)]
    rows = rows_of([*plays, play(99)])
    assert all(0 <= row["bases_before"] <= 7 and 0 <= row["outs_before"] <= 3 for row in rows)
