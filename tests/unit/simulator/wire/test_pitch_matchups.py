"""Turns that change hands in their middle, and placed runners: as MLB tells them, as the collector reads them."""

from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.collector.mlb.feed import decode_feed, game_rows
from simulator.game_record import GameRecord
from simulator.retrosheet import RetrosheetWorld
from simulator.wire.feed import render_feed
from simulator.wire.reference_data import Body, ReferenceData
from simulator.wire.savant import pitch_rows
from tests.data import DATA, needs_data
from tests.unit.simulator.retrosheet.season_files import player, write_season
from tests.unit.simulator.retrosheet.test_since_2020 import PLACED, modern, seven_innings

CHANGED = """play,1,0,visit001,20,BB,NP
sub,homer011,"Homer Eleven",1,0,1
play,1,0,visit001,30,BB.BB,W
play,1,0,visit002,02,CS,NP
sub,visit012,"Visit Twelve",0,2,11
play,1,0,visit012,02,CS.S,K
play,1,0,visit003,10,B.X,S7
"""
STARTER, RELIEVER = player("homer010"), player("homer011")
LED_OFF, REPLACED, PINCH_HITTER = player("visit001"), player("visit002"), player("visit012")


class Told:
    """A season's first game as the stand-in tells it."""

    def __init__(self, folder: Path, plays: str) -> None:
        world = RetrosheetWorld(write_season(folder, modern(plays), year=2021), [2021])
        self.game: GameRecord = next(iter(world.iter_games(2021)))
        self.almanac = almanac_of(world, 2021)
        self.body = render_feed(self.game, self.almanac)
        self.plays: list[Body] = self.body["liveData"]["plays"]["allPlays"]

    def rows(self, name: str) -> list[dict[str, Any]]:
        return game_rows(decode_feed(msgspec.json.encode(self.body))).tables[name]

    def line(self, who: int, what: str) -> dict[str, Any]:
        teams = self.body["liveData"]["boxscore"]["teams"].values()
        return next(
            team["players"][f"ID{who}"]["stats"][what] for team in teams if f"ID{who}" in team["players"]
        )


def almanac_of(world: RetrosheetWorld, season: int) -> ReferenceData:
    clubs = {club.id: club for club in world.list_clubs(season)}
    return ReferenceData(season, clubs, world.venues_by_id(), world.people_by_id())


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return Told(tmp_path_factory.mktemp("data"), CHANGED)


@pytest.fixture(scope="module")
def extra(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return Told(tmp_path_factory.mktemp("data"), seven_innings() + PLACED)


def events(play: Body) -> list[str]:
    return [event["details"].get("eventType") or event["details"]["code"] for event in play["playEvents"]]


def test_substitutions_stand_between_the_pitches(changed: Told) -> None:
    assert [events(play) for play in changed.plays[:2]] == [
        ["B", "B", "pitching_substitution", "B", "B"],
        ["C", "S", "offensive_substitution", "S"],
    ]


def test_pitcher_who_comes_between_turns_is_told_before_his_first_pitch(extra: Told) -> None:
    """The home club's second pitcher begins the eighth."""
    eighth = [play for play in extra.plays if play["about"]["inning"] == 8 and play["about"]["isTopInning"]]
    assert events(eighth[0])[:2] == ["runner_placed", "pitching_substitution"]
    assert [name for play in eighth[1:] for name in events(play) if "substitution" in name] == []


def test_pitching_substitution_is_told_as_the_recorded_one(changed: Told) -> None:
    """Game 718594, at-bat 21."""
    event = changed.plays[0]["playEvents"][2]
    assert event["details"]["description"] == "Pitching Change: Homer Player11 replaces Homer Player10."
    assert (event["details"]["event"], event["position"]["code"]) == ("Pitching Substitution", "1")
    assert (event["player"]["id"], event["isSubstitution"], event["type"]) == (RELIEVER, True, "action")
    assert event["count"] == {"balls": 2, "strikes": 0, "outs": 0}
    assert changed.plays[0]["actionIndex"] == [2]
    assert changed.plays[0]["pitchIndex"] == [0, 1, 3, 4]


def test_pinch_hitter_is_told_with_whom_he_replaced(changed: Told) -> None:
    event = changed.plays[1]["playEvents"][2]
    assert (event["player"]["id"], event["replacedPlayer"]["id"]) == (PINCH_HITTER, REPLACED)
    assert event["position"]["abbreviation"] == "PH"


def test_match_up_names_who_ended_the_turn(changed: Told) -> None:
    first, second, _ = (play["matchup"] for play in changed.plays)
    assert (first["pitcher"]["id"], second["batter"]["id"]) == (RELIEVER, PINCH_HITTER)


def test_box_score_gives_everybody_his_pitches_and_his_turns(changed: Told) -> None:
    lines = {who: changed.line(who, "pitching") for who in (STARTER, RELIEVER)}
    result = {
        who: (line["numberOfPitches"], line["battersFaced"], line["baseOnBalls"])
        for who, line in lines.items()
    }
    assert result == {STARTER: (2, 1, 1), RELIEVER: (7, 2, 0)}
    assert changed.line(REPLACED, "batting")["strikeOuts"] == 1
    assert changed.line(PINCH_HITTER, "batting")["plateAppearances"] == 0


def test_collector_gives_pitches_to_who_threw_and_who_faced_them(changed: Told) -> None:
    rows = changed.rows("statcast_pitches")
    assert Counter(row["pitcher_id"] for row in rows) == {STARTER: 2, RELIEVER: 7}
    assert Counter(row["batter_id"] for row in rows[:7]) == {LED_OFF: 4, REPLACED: 2, PINCH_HITTER: 1}


def test_collector_charges_whom_the_box_score_charges(changed: Told) -> None:
    walk, strikeout, _ = changed.rows("plate_appearances")
    assert (walk["batter_id"], walk["pitcher_id"]) == (LED_OFF, STARTER)
    assert (strikeout["batter_id"], strikeout["pitcher_id"]) == (REPLACED, RELIEVER)


def test_savant_tells_the_same_pitches(changed: Told) -> None:
    ours = [(row["batter_id"], row["pitcher_id"]) for row in changed.rows("statcast_pitches")]
    assert [(row["batter"], row["pitcher"]) for row in pitch_rows(changed.game, changed.almanac)] == ours


def test_placed_runner_is_an_event_and_no_leg(extra: Told) -> None:
    first = next(play for play in extra.plays if play["about"]["inning"] == 8)
    event = first["playEvents"][0]
    details = event["details"]
    assert (details["eventType"], details["event"]) == ("runner_placed", "Runner Placed On Base")
    assert details["description"] == "Visit Player12 starts inning at 2nd base."
    assert (event["player"]["id"], event["base"], event["isPitch"]) == (PINCH_HITTER, 2, False)
    legs = [leg for play in extra.plays for leg in play["runners"]]
    assert all(leg["details"]["eventType"] != "runner_placed" for leg in legs)
    assert first["runners"][0]["movement"]["originBase"] == "2B"
    assert first["runnerIndex"] == list(range(len(first["runners"])))


def test_collector_knows_the_bases_of_every_extra_turn(extra: Told, caplog: pytest.LogCaptureFixture) -> None:
    rows = extra.rows("plate_appearances")
    assert [row["bases_before"] for row in rows if row["inning"] == 8] == [2, 1, 0, 2, 4, 0]
    assert not caplog.records


def test_savant_tells_the_placed_runner(extra: Told) -> None:
    thrown = [row for row in pitch_rows(extra.game, extra.almanac) if row["inning"] == 8]
    top, bottom = ([row for row in thrown if row["inning_topbot"] == half] for half in ("Top", "Bot"))
    assert (top[0]["on_2b"], bottom[0]["on_2b"]) == (PINCH_HITTER, player("homer009"))


@needs_data("mlb", "retrosheet", "2016eve.zip")
def test_real_games_agree_with_their_box_scores(caplog: pytest.LogCaptureFixture) -> None:
    world = RetrosheetWorld(DATA, [2016])
    almanac, changes = almanac_of(world, 2016), 0
    for game in islice(world.iter_games(2016), 300):
        changes += sum(len(play.changes) for play in game.plays)
        tables = game_rows(decode_feed(msgspec.json.encode(render_feed(game, almanac)))).tables
        turns = [row for row in tables["plate_appearances"] if row["is_plate_appearance"]]
        thrown = Counter(row["pitcher_id"] for row in tables["statcast_pitches"])
        faced, batted = (Counter(row[who] for row in turns) for who in ("pitcher_id", "batter_id"))
        for line in tables["player_stats_historical"]:
            who = line["player_id"]
            if line["pitches_thrown"] is not None:
                assert (thrown[who], faced[who]) == (line["pitches_thrown"], line["batters_faced"])
            if line["plate_appearances"] is not None:
                assert batted[who] == line["plate_appearances"]
    assert changes
    assert not caplog.records
