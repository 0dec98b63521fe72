"""Every recorded feed, in whatever state, read to numbers that are counted in the body itself."""

import json
from itertools import pairwise

import msgspec
import pytest

from services.collector.mlb.event_types import OUTCOMES
from services.collector.mlb.feed import decode_feed, game_rows
from services.collector.mlb.wire.feed import DECODER as FEEDS
from services.collector.mlb.wire.plays import Play
from tests.data import list_data_files, needs_data
from tests.unit.services.collector.recorded import misfits, name, read

OVER = list_data_files("mlb/statsapi/feed_live", "*Final*.gz")
NOT_OVER = [path for path in list_data_files("mlb/statsapi/feed_live", "*.gz") if path not in OVER]

pytestmark = needs_data("mlb", "statsapi")


@pytest.fixture(params=OVER, ids=name, scope="module")
def over(request):
    body = read(str(request.param))
    return json.loads(body), game_rows(decode_feed(body))


@pytest.fixture(params=NOT_OVER, ids=name, scope="module")
def not_over(request):
    body = read(str(request.param))
    return json.loads(body), game_rows(decode_feed(body))


def plays_of(body):
    return body["liveData"]["plays"]["allPlays"]


def clubs_of(body):
    return body["liveData"]["boxscore"]["teams"].values()


def test_every_pitch_is_a_row(over):
    body, rows = over
    thrown = sum(event["isPitch"] for play in plays_of(body) for event in play["playEvents"])
    assert len(rows.tables["statcast_pitches"]) == thrown


def test_every_turn_at_bat_is_a_row(over):
    body, rows = over
    assert [row["at_bat_index"] for row in rows.tables["plate_appearances"]] == [
        play["about"]["atBatIndex"] for play in plays_of(body) if play["about"]["isComplete"]
    ]


@pytest.mark.parametrize(
    ("counted", "theirs"),
    [("is_plate_appearance", "plateAppearances"), ("is_at_bat", "atBats"), ("rbi", "rbi")],
)
def test_plate_appearances_add_up_to_the_box_score(over, counted, theirs):
    body, rows = over
    result = [club["teamStats"]["batting"][theirs] for club in clubs_of(body)]
    assert sum(row[counted] for row in rows.tables["plate_appearances"]) == sum(result)


@pytest.mark.parametrize(
    ("outcomes", "theirs"),
    [
        ({"strikeout"}, "strikeOuts"),
        ({"walk"}, "baseOnBalls"),
        ({"home_run"}, "homeRuns"),
        ({"double"}, "doubles"),
        ({"single", "double", "triple", "home_run"}, "hits"),
    ],
)
def test_outcomes_add_up_to_the_box_score(over, outcomes, theirs):
    body, rows = over
    result = sum(club["teamStats"]["batting"][theirs] for club in clubs_of(body))
    assert sum(row["outcome"] in outcomes for row in rows.tables["plate_appearances"]) == result


def test_runs_scored_are_the_final_score(over):
    body, rows = over
    runs = sum(row["runs_scored"] for row in rows.tables["plate_appearances"])
    assert runs == rows.game_row["home_score"] + rows.game_row["away_score"]
    line = body["liveData"]["linescore"]["teams"]
    assert runs == line["home"]["runs"] + line["away"]["runs"]


def test_bases_are_those_the_body_names_after_the_play_before(over):
    body, rows = over
    before = {row["at_bat_index"]: row["bases_before"] for row in rows.tables["plate_appearances"]}
    posts = {"postOnFirst": 1, "postOnSecond": 2, "postOnThird": 4}
    recorded = {
        following["about"]["atBatIndex"]: sum(base for post, base in posts.items() if post in play["matchup"])
        for play, following in pairwise(plays_of(body))
        if play["about"]["halfInning"] == following["about"]["halfInning"]
    }
    compared = recorded.keys() & before.keys()  # other plays are no plate appearances
    assert len(compared) > 0.9 * len(recorded)
    assert {index: before[index] for index in compared} == {index: recorded[index] for index in compared}


def test_everybody_who_played_has_a_line(over):
    body, rows = over
    played = [
        p["person"]["id"] for club in clubs_of(body) for p in club["players"].values() if "allPositions" in p
    ]
    assert sorted(row["player_id"] for row in rows.tables["player_stats_historical"]) == sorted(played)
    assert rows.players_without_line == []


def test_players_add_up_to_their_club(over):
    _, rows = over
    for club in rows.tables["team_stats_historical"]:
        mine = [r for r in rows.tables["player_stats_historical"] if r["team_id"] == club["team_id"]]
        for stat in ("at_bats", "hits", "runs", "strikeouts", "outs_recorded", "strikeouts_pitched"):
            assert sum(row[stat] or 0 for row in mine) == club[stat], stat


def test_two_men_start_on_the_mound_and_eighteen_bat(over):
    _, rows = over
    starters = [row for row in rows.tables["lineups_historical"] if row["sequence"] == 0]
    assert sum(row["is_starting_pitcher"] for row in rows.tables["player_stats_historical"]) == 2
    assert sorted(row["batting_slot"] for row in starters if row["batting_slot"]) == sorted(
        [*range(1, 10)] * 2
    )


def test_final_rows_fit_their_tables(over):
    _, rows = over
    assert [misfits(name, rows.game_columns, own) for name, own in rows.tables.items() if own] == [[]] * 6


def test_unfinished_rows_fit_their_tables(not_over):
    _, rows = not_over
    found = [misfits(name, rows.game_columns, own) for name, own in rows.tables.items() if own]
    assert not any(found)


def test_unfinished_game_has_neither_plays_nor_lines(not_over):
    body, rows = not_over
    assert set(rows.tables) == {"games_historical", "lineups_historical"}
    assert rows.game_row["status"] == body["gameData"]["status"]["abstractGameState"]


def test_posted_lineups_are_there_before_the_game(not_over):
    body, rows = not_over
    posted = sum(len(club["battingOrder"]) for club in clubs_of(body))
    at_least = sum(row["batting_slot"] is not None for row in rows.tables["lineups_historical"])
    assert at_least >= posted


def test_hand_counted_game():
    game = game_rows(decode_feed(read("feed_live", "824322_Final.json.gz"))).game_row
    expected = {
        "away_team_id": 139,
        "away_score": 4,
        "away_hits": 5,
        "home_team_id": 115,
        "home_score": 0,
        "home_hits": 6,
        "attendance": 21100,
        "duration_minutes": 157,
        "innings": 9,
        "temperature_f": 69,
        "wind": "10 mph, In From CF",
        "winning_pitcher_id": 607259,
        "losing_pitcher_id": 608372,
        "save_pitcher_id": None,
    }
    assert {name: game[name] for name in expected} == expected


def test_hand_counted_first_batter():
    rows = game_rows(decode_feed(read("feed_live", "824322_Final.json.gz")))
    first = rows.tables["plate_appearances"][0]
    assert (first["outcome"], first["batter_id"], first["batting_slot"], first["bases_before"]) == (
        "triple",
        683748,
        1,
        0,
    )
    assert (rows.tables["plate_appearances"][1]["bases_before"], first["pitches"]) == (4, 4)


def test_same_body_gives_the_same_hash():
    body = read(str(OVER[0]))
    assert game_rows(decode_feed(body)).digest() == game_rows(decode_feed(body)).digest()


def test_season_figures_fetched_later_do_not_change_the_hash():
    body = json.loads(read(str(OVER[0])))
    again = json.loads(read(str(OVER[0])))
    for club in clubs_of(again):
        for player in club["players"].values():
            player["seasonStats"] = {}
    assert digest(body) == digest(again)


def test_removed_play_changes_the_hash():
    body = json.loads(read(str(OVER[0])))
    before = digest(body)
    plays_of(body).pop()
    assert digest(body) != before


def digest(body):
    return game_rows(decode_feed(msgspec.json.encode(body))).digest()


def test_play_with_a_nameless_pitch_type_is_read_to_what_it_says():
    play = msgspec.json.decode(read("play_by_play", "malformed_play_events.json.gz"), type=Play)
    body = FEEDS.decode(read(str(OVER[0])))
    body.live_data.plays.all_plays = [play]
    rows = game_rows(body).tables
    assert [row["pitch_type"] for row in rows["statcast_pitches"]] == ["EP", None]
    turn = rows["plate_appearances"][0]
    assert (turn["outcome"], turn["runs_scored"], turn["bases_before"], turn["rbi"]) == ("out", 1, 7, 1)


def test_every_event_type_on_record_is_known():
    plays = (play for path in OVER for play in plays_of(json.loads(read(str(path)))))
    events = {play["result"].get("eventType") for play in plays}
    assert events <= set(OUTCOMES)
