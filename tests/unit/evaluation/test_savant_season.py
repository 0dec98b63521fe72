"""Savant's days become rows of the collector's tables: games, line-ups by first appearance, hands."""

import polars as pl
import pytest

from evaluation.savant_plays import find_plays
from evaluation.savant_season import read_savant_starts, savant_rows
from shared.errors import UserError
from tests.unit.evaluation.test_savant_plays import PITCH

YANKEES, RED_SOX, STADIUM = 147, 111, 3313
AWAY, HOME = range(201, 211), range(301, 310)  # the visitors send up a tenth batter
AWAY_STARTER, HOME_STARTER, HOME_RELIEVER, AWAY_CATCHER = 401, 501, 502, 209


def turn(number, batter, pitcher, *, top, **changes):
    return PITCH | {
        "at_bat_number": number, "batter": batter, "pitcher": pitcher, "inning_topbot": "Top" if top else "Bot",
        "fielder_2": 601 if top else AWAY_CATCHER, "events": "single", "post_away_score": 2, "post_home_score": 1,
    } | changes  # fmt: skip


@pytest.fixture(scope="module")
def rows():
    top = [
        turn(1 + n, batter, HOME_STARTER if n < 9 else HOME_RELIEVER, top=True)
        for n, batter in enumerate(AWAY)
    ]
    bottom = [turn(20 + n, batter, AWAY_STARTER, top=False) for n, batter in enumerate(HOME)]
    again = turn(29, HOME[0], AWAY_STARTER, top=False, stand="R", events="strikeout", outs_when_up=2)
    plays = find_plays(pl.DataFrame([*top, *bottom, again], infer_schema_length=None))
    pitch = {"game_pk": 1, "at_bat_index": 0, "pitch_number": 1, "pitcher_id": HOME_STARTER}
    return savant_rows(plays, pl.DataFrame([pitch]))


def test_game_has_clubs_park_score_and_starters(rows):
    (game,) = rows["games_historical"].to_dicts()
    assert (game["home_team_id"], game["away_team_id"], game["venue_id"]) == (YANKEES, RED_SOX, STADIUM)
    assert (game["home_score"], game["away_score"], game["status"]) == (1, 2, "Final")
    assert game["home_probable_pitcher_id"] == HOME_STARTER
    assert game["away_probable_pitcher_id"] == AWAY_STARTER


def test_lineup_is_the_first_nine_batters_and_the_starter(rows):
    away = (
        rows["lineups_historical"].filter(pl.col("team_id") == RED_SOX).sort("batting_slot", nulls_last=True)
    )
    assert away["player_id"].to_list() == [*AWAY[:9], AWAY_STARTER]
    assert away["batting_slot"].to_list() == [*range(1, 10), None]
    assert away["is_starting_pitcher"].to_list() == [False] * 9 + [True]
    assert away.filter(pl.col("position") == "C")["player_id"].to_list() == [AWAY_CATCHER]


def test_plays_have_clubs_and_the_slots_of_the_starting_nine(rows):
    plays = rows["plate_appearances"].sort("at_bat_index")
    assert plays["batting_team_id"].to_list() == [RED_SOX] * 10 + [YANKEES] * 10
    assert plays["fielding_team_id"].to_list() == [YANKEES] * 10 + [RED_SOX] * 10
    assert plays["batting_slot"].to_list() == [*range(1, 10), None, *range(1, 10), 1]


def test_batter_who_used_both_sides_is_a_switch_hitter(rows):
    sides = dict(rows["people"].select("person_id", "bat_side").iter_rows())
    assert (sides[HOME[0]], sides[HOME[1]]) == ("S", "L")


def test_pitches_carry_their_games_day(rows):
    (pitch,) = rows["statcast_pitches"].to_dicts()
    assert (pitch["game_date"], pitch["season"], pitch["game_type"]) == (PITCH["game_date"], 2024, "R")


def test_folder_without_days_is_named(tmp_path):
    with pytest.raises(UserError, match="mlb/savant: expected days of Savant's pitches, got no file"):
        read_savant_starts(tmp_path)
