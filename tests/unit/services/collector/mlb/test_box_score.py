"""Box score to rows where no recorded body shows it."""

import msgspec
import pytest

from services.collector.mlb.feed import decode_feed, game_rows
from services.collector.mlb.people import height_inches
from tests.unit.services.collector import sample_responses
from tests.unit.services.collector.sample_responses import BATTERS, HOME, play


@pytest.fixture
def traded():
    """A game suspended in June whose visitors' batter finished it in August for the home club."""
    body = sample_responses.feed(1, plays=[play(0), play(1, top=False, outs=1)])
    visitor = body["liveData"]["boxscore"]["teams"]["away"]["players"]["ID1102"]
    home = body["liveData"]["boxscore"]["teams"]["home"]["players"]
    home["ID1102"] = visitor | {"battingOrder": "901"}
    body["liveData"]["plays"]["allPlays"][1]["matchup"]["batter"]["id"] = BATTERS[110]
    return game_rows(decode_feed(msgspec.json.encode(body))).tables


def test_player_of_both_clubs_has_a_line_for_each(traded):
    lines = [row["team_id"] for row in traded["player_stats_historical"] if row["player_id"] == 1102]
    assert lines == [110, 147]


def test_player_of_both_clubs_bats_for_the_club_at_bat(traded):
    turns = traded["plate_appearances"]
    assert [(row["batting_team_id"], row["batting_slot"]) for row in turns] == [(110, 1), (147, 9)]


def test_substitute_is_in_the_lineup_after_him_he_came_for(traded):
    row = next(r for r in traded["lineups_historical"] if (r["team_id"], r["player_id"]) == (HOME, 1102))
    assert (row["batting_slot"], row["sequence"]) == (9, 1)


def test_man_on_the_bench_has_no_line():
    body = sample_responses.feed(1)
    empty = {"batting": {}, "pitching": {}, "fielding": {}}
    bench = {"person": {"id": 5, "fullName": "Five"}, "stats": empty}
    body["liveData"]["boxscore"]["teams"]["home"]["players"]["ID5"] = bench
    rows = game_rows(decode_feed(msgspec.json.encode(body)))
    assert (
        5 in {row["player_id"] for row in rows.tables["player_stats_historical"]},
        rows.players_without_line,
    ) == (
        False,
        [],
    )


def test_pitches_thrown_fall_back_to_the_older_name():
    body = sample_responses.feed(1)
    line = {"gamesPlayed": 1, "numberOfPitches": 88}
    body["liveData"]["boxscore"]["teams"]["home"]["players"]["ID1471"]["stats"]["pitching"] = line
    rows = game_rows(decode_feed(msgspec.json.encode(body))).tables["player_stats_historical"]
    assert next(row["pitches_thrown"] for row in rows if row["player_id"] == 1471) == 88


@pytest.mark.parametrize(("text", "inches"), [("6' 2\"", 74), ("5' 11\"", 71), ("", None), (None, None)])
def test_height_is_given_in_inches(text, inches):
    assert height_inches(text) == inches
