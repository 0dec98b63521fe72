"""Savant's pitches become plate appearances, charged by the rules; strikeouts are compared with a record."""

import gzip
from datetime import date

import polars as pl
import pytest

from evaluation.savant_plays import find_plays, find_starters, read_plays
from evaluation.savant_strikeouts import check_strikeouts, compare_strikeouts
from shared.errors import UserError

STARTER, RELIEVER, BATTER, PINCH_HITTER = 7, 8, 50, 51
PITCH = {
    "game_pk": 1, "game_date": date(2024, 4, 1), "at_bat_number": 1, "pitch_number": 1, "inning": 1,
    "inning_topbot": "Top", "home_team": "NYY", "away_team": "BOS", "batter": BATTER, "pitcher": STARTER,
    "fielder_2": 70, "stand": "L", "p_throws": "R", "balls": 0, "strikes": 0, "outs_when_up": 0,
    "events": None, "des": "", "bat_score": 0, "post_bat_score": 0, "post_home_score": 0, "post_away_score": 0,
}  # fmt: skip


def pitches(*changes):
    return pl.DataFrame([PITCH | change for change in changes], infer_schema_length=None)


def plays(*changes):
    return find_plays(pitches(*changes)).to_dicts()


@pytest.mark.parametrize("event", ["strikeout", "strikeout_double_play"])
def test_every_kind_of_strikeout_counts_even_if_the_third_strike_is_dropped(event):
    (play,) = plays({}, {"pitch_number": 2, "strikes": 2, "events": event})
    assert (play["outcome"], play["pitches"], play["has_event"]) == ("strikeout", 2, True)


@pytest.mark.parametrize(
    ("description", "outcome"),
    [
        ("Bo Naylor strikes out on automatic strike.", "strikeout"),
        ("Keegan Akin intentionally walks Vladimir Guerrero Jr.", "walk"),
        ("Kyle Farmer walks.", "walk"),
        ("With Jo Adell batting, Kevin Pillar picked off and caught stealing 2nd base.", "runner"),
    ],
)
def test_what_ended_without_a_pitch_is_read_from_its_description(description, outcome):
    (play,) = plays({"des": description})
    assert (play["outcome"], play["has_event"]) == (outcome, False)
    assert play["is_plate_appearance"] is (outcome != "runner")


@pytest.mark.parametrize(
    ("balls", "event", "charged"),
    [
        (3, "walk", STARTER),
        (1, "walk", RELIEVER),
        (3, "strikeout", RELIEVER),
        (3, "single", RELIEVER),
    ],
)
def test_a_reliever_is_charged_except_with_a_walk_that_the_other_began(balls, event, charged):
    """Rule 9.16(h): whoever left behind in the count is charged with the walk, and with nothing else."""
    relieved = {"pitch_number": 2, "pitcher": RELIEVER, "balls": balls, "strikes": 1, "events": event}
    (play,) = plays({}, relieved)
    assert play["pitcher_id"] == charged


@pytest.mark.parametrize(("strikes", "charged"), [(2, BATTER), (1, PINCH_HITTER)])
def test_a_strikeout_is_charged_to_the_batter_who_left_with_two_strikes(strikes, charged):
    """Rule 9.15(b)."""
    entered = {"pitch_number": 2, "batter": PINCH_HITTER, "strikes": strikes}
    (play,) = plays({}, entered, entered | {"pitch_number": 3, "strikes": 2, "events": "strikeout"})
    assert play["batter_id"] == charged


def test_outs_are_those_before_the_next_plate_appearance_and_three_at_the_end_of_a_half():
    rows = plays(
        {"events": "field_out"},
        {"at_bat_number": 2, "outs_when_up": 1, "events": "grounded_into_double_play"},
        {"at_bat_number": 3, "inning_topbot": "Bot", "events": "home_run", "post_home_score": 1},
    )
    assert [row["outs_after"] - row["outs_before"] for row in rows] == [1, 2, 0]  # the last ends the game


def test_a_starter_relieved_before_the_first_out_remains_the_starter():
    relieved = {"pitch_number": 2, "pitcher": RELIEVER, "events": "single"}
    assert find_starters(find_plays(pitches({}, relieved)))["pitcher_id"].to_list() == [STARTER]


def recorded(strikeouts, game_pk=1):
    return pl.DataFrame({"game_pk": [game_pk], "pitcher_id": [STARTER], "strikeouts": [strikeouts]})


def test_starts_that_agree_are_counted():
    struck_out = pitches(
        {"events": "strikeout"}, {"at_bat_number": 2, "pitcher": RELIEVER, "events": "strikeout"}
    )
    check = compare_strikeouts(find_plays(struck_out), recorded(1))
    assert (check.starts, check.agreeing, check.differing, check.unexplained) == (1, 1, (), ())


def test_a_strikeout_without_a_pitch_is_the_reason():
    automatic = {"at_bat_number": 2, "des": "Tom Murphy strikes out  on automatic strike."}
    check = compare_strikeouts(find_plays(pitches({"events": "strikeout"}, automatic)), recorded(2))
    (start,) = check.differing
    assert (start.counted, start.recorded) == (1, 2)
    assert start.reason == "no pitch ended it: Tom Murphy strikes out on automatic strike."


def test_another_difference_stays_unexplained():
    check = compare_strikeouts(find_plays(pitches({"events": "strikeout"})), recorded(3))
    assert [start.counted for start in check.unexplained] == [1]


def test_starts_in_one_source_only_are_counted_apart():
    played = find_plays(pitches({}, {"at_bat_number": 2, "inning_topbot": "Bot", "pitcher": 9}))
    record = pl.concat([recorded(0), recorded(5, game_pk=2)])
    check = compare_strikeouts(played, record)
    assert (check.starts, check.only_counted, check.only_recorded) == (1, 1, 0)  # game 2 was not pitched here


def test_missing_record_is_named(tmp_path):
    with pytest.raises(UserError, match=r"starts_2024-2025.csv: expected what starters did"):
        check_strikeouts(tmp_path)


@pytest.mark.parametrize(
    "corrupt",
    [b"<html>blocked</html>", gzip.compress(b"pitch_type\nFF\n", mtime=0)],
    ids=["no gzip", "other columns"],
)
def test_corrupt_day_is_rejected_by_name(tmp_path, corrupt):
    (tmp_path / "mlb" / "savant").mkdir(parents=True)
    (tmp_path / "mlb" / "savant" / "2024-04-01.csv.gz").write_bytes(corrupt)
    with pytest.raises(UserError, match=r"2024-04-01.csv.gz: expected a day of Savant's pitches"):
        read_plays(tmp_path)
