"""Pitches belong to who threw and who faced them, though others end the turn."""

from collections import Counter

import msgspec
import pytest

from services.collector.mlb.feed import decode_feed, game_rows
from tests.data import needs_data
from tests.unit.services.collector import recorded, sample_responses
from tests.unit.services.collector.sample_responses import change, pitch, play

STARTER, RELIEVER, THIRD = sample_responses.PITCHERS[sample_responses.HOME], 1479, 1480
BATTER, PINCH_HITTER = sample_responses.BATTERS[sample_responses.AWAY], 1109
BALLS = [pitch("B", (1, 0, 0)), pitch("B", (2, 0, 0))]
STRIKES = [pitch("C", (0, 1, 0)), pitch("S", (0, 2, 0))]


def relief(count, player=RELIEVER):
    return change("pitching_substitution", player, "P", count)


def pinch(count, position="PH", player=PINCH_HITTER, replaced=BATTER):
    return change("offensive_substitution", player, position, count, replaced)


def rows_of(*plays, hands=None, name="statcast_pitches"):
    body = sample_responses.feed(1, plays=list(plays))
    for number, (bats, throws) in (hands or {}).items():
        body["gameData"]["players"][f"ID{number}"] = {
            "id": number,
            "fullName": "A B",
            "batSide": {"code": bats},
            "pitchHand": {"code": throws},
        }
    return game_rows(decode_feed(msgspec.json.encode(body))).tables[name]


def turn(events, ended_by=(BATTER, RELIEVER), event="single", is_out=False):
    one = play(0, event, 0, pitches=events, is_out=is_out)
    one["matchup"] |= {"batter": {"id": ended_by[0]}, "pitcher": {"id": ended_by[1]}}
    return one


def faced(*plays):
    return [(row["batter_id"], row["pitcher_id"]) for row in rows_of(*plays)]


def test_pitches_before_a_change_belong_to_who_threw_them():
    assert faced(turn([*BALLS, relief((2, 0)), pitch("X", (2, 0, 0))])) == [
        (BATTER, STARTER),
        (BATTER, STARTER),
        (BATTER, RELIEVER),
    ]


def test_pitches_before_a_pinch_hitter_belong_to_whom_he_replaced():
    ended = (PINCH_HITTER, STARTER)
    assert faced(turn([*STRIKES, pinch((0, 2)), pitch("X", (0, 2, 0))], ended)) == [
        (BATTER, STARTER),
        (BATTER, STARTER),
        (PINCH_HITTER, STARTER),
    ]


def test_both_may_be_replaced_in_one_turn_and_more_than_once():
    events = [
        BALLS[0],
        relief((1, 0)),
        pitch("B", (2, 0, 0)),
        pinch((2, 0)),
        relief((2, 0), THIRD),
        pitch("X"),
    ]
    assert faced(turn(events, (PINCH_HITTER, THIRD))) == [
        (BATTER, STARTER),
        (BATTER, RELIEVER),
        (PINCH_HITTER, THIRD),
    ]


def test_pitcher_of_the_last_turn_is_who_threw_last():
    first = turn([pitch("B", (1, 0, 0)), relief((1, 0)), pitch("X")])
    second = turn([*BALLS, relief((2, 0), THIRD), pitch("X")], (BATTER, THIRD))
    assert [pitcher for _, pitcher in faced(first, second)] == [STARTER, RELIEVER, RELIEVER, RELIEVER, THIRD]


def test_each_club_has_a_mound_of_its_own():
    other = play(1, top=False)
    third = turn([pitch("B", (1, 0, 0)), relief((1, 0)), pitch("X")])
    assert [pitcher for _, pitcher in faced(play(0), other, third)][2:] == [STARTER, RELIEVER]


def test_a_fielder_who_comes_to_the_mound_throws():
    switch = change("defensive_switch", RELIEVER, "P", (1, 0))
    assert [pitcher for _, pitcher in faced(turn([BALLS[0], switch, pitch("X")]))] == [STARTER, RELIEVER]


@pytest.mark.parametrize(
    "event",
    [
        pinch((2, 0), position="PR"),
        pinch((2, 0), replaced=999),
        change("defensive_switch", 999, "SS", (2, 0)),
        change("defensive_substitution", 999, "SS", (2, 0)),
    ],
    ids=["pinch runner", "for another batter", "switch", "fielder"],
)
def test_other_changes_change_nobody(event):
    ended = (BATTER, STARTER)
    assert faced(turn([*BALLS, event, pitch("X")], ended)) == [ended] * 3


def charged(one, **more):
    (row,) = rows_of(one, name="plate_appearances", **more)
    return row["batter_id"], row["pitcher_id"]


@pytest.mark.parametrize("count", [(2, 0), (2, 1), (3, 0), (3, 1), (3, 2)])
@pytest.mark.parametrize("told", [STARTER, RELIEVER], ids=["told as charged", "told as ended"])
def test_walk_counts_to_who_left_behind_in_the_count(count, told):
    walked = turn([*BALLS, relief(count), pitch("B")], (BATTER, told), "walk")
    assert charged(walked) == (BATTER, STARTER)


@pytest.mark.parametrize(("count", "event"), [((1, 0), "walk"), ((2, 2), "walk"), ((3, 1), "hit_by_pitch")])
def test_anything_else_counts_to_who_ended_it(count, event):
    assert charged(turn([*BALLS, relief(count), pitch("B")], event=event)) == (BATTER, RELIEVER)


def test_change_before_the_first_pitch_charges_nobody_else():
    assert charged(turn([relief((0, 0)), *BALLS], event="walk")) == (BATTER, RELIEVER)


@pytest.mark.parametrize("told", [BATTER, PINCH_HITTER], ids=["told as charged", "told as ended"])
def test_strikeout_counts_to_who_left_with_two_strikes(told):
    hit = turn([*STRIKES, pinch((0, 2)), pitch("S")], (told, STARTER), "strikeout", is_out=True)
    assert charged(hit) == (BATTER, STARTER)


@pytest.mark.parametrize(("count", "event", "is_out"), [((0, 1), "strikeout", True), ((0, 2), "walk", False)])
def test_other_turns_count_to_the_pinch_hitter(count, event, is_out):
    one = turn([*STRIKES, pinch(count), pitch("S")], (PINCH_HITTER, STARTER), event, is_out)
    assert charged(one) == (PINCH_HITTER, STARTER)


@pytest.mark.parametrize(
    ("bats", "throws", "sides"),
    [("S", "L", ("R", "L")), ("S", "R", ("L", "R")), ("R", "L", ("R", "L")), ("X", "S", ("L", "R"))],
)
def test_sides_are_those_of_who_stood_there(bats, throws, sides):
    """The match-up's sides, L against R, are of those who ended the turn."""
    hands = {BATTER: (bats, "R"), STARTER: ("R", throws)}
    first, last = rows_of(turn([BALLS[0], relief((1, 0)), pitch("X")]), hands=hands)
    assert ((first["bat_side"], first["pitch_hand"]), (last["bat_side"], last["pitch_hand"])) == (
        sides,
        ("L", "R"),
    )


FINAL = ["718322", "718594", "744914", "745927", "824322", "824806"]


@needs_data("mlb", "statsapi", "feed_live")
@pytest.mark.parametrize("game", FINAL)
def test_pitches_and_batters_faced_are_the_box_scores(game):
    tables = game_rows(decode_feed(recorded.read("feed_live", f"{game}_Final.json.gz"))).tables
    thrown = Counter(row["pitcher_id"] for row in tables["statcast_pitches"])
    faced = Counter(row["pitcher_id"] for row in tables["plate_appearances"] if row["is_plate_appearance"])
    lines = [row for row in tables["player_stats_historical"] if row["pitches_thrown"] is not None]
    assert {row["player_id"]: (row["pitches_thrown"], row["batters_faced"]) for row in lines} == {
        pitcher: (thrown[pitcher], faced[pitcher]) for pitcher in thrown
    }


@needs_data("mlb", "statsapi", "feed_live")
@pytest.mark.parametrize("game", FINAL)
def test_runners_and_match_ups_agree_on_who_is_on_base(game, caplog):
    game_rows(decode_feed(recorded.read("feed_live", f"{game}_Final.json.gz")))
    assert not caplog.records


@needs_data("mlb", "statsapi", "feed_live")
def test_springs_threw_his_41_and_cleavinger_his_25():
    rows = game_rows(decode_feed(recorded.read("feed_live", "718594_Final.json.gz"))).tables[
        "statcast_pitches"
    ]
    thrown = Counter(row["pitcher_id"] for row in rows)
    assert (thrown[605488], thrown[664076]) == (41, 25)
    turn = [row["pitcher_id"] for row in rows if row["at_bat_index"] == 21]
    assert turn == [605488] * 4 + [664076]
