"""The box score of a game written by hand, added up from its plays."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from simulator.wire.feed import render_feed
from simulator.wire.reference_data import ReferenceData
from tests.unit.simulator.tiny_world import (
    BOSTON,
    NEW_YORK,
    RELIEVER,
    TinyWorld,
    batter,
    eventful_game,
    pitcher,
    suspended_game,
)

Body = Mapping[str, Any]


def almanac() -> ReferenceData:
    world = TinyWorld()
    return ReferenceData(
        2025, {club.id: club for club in world.list_clubs(2025)}, world.venues_by_id(), world.people_by_id()
    )


@pytest.fixture(scope="module")
def body() -> Body:
    return render_feed(eventful_game(), almanac())


def stats(body: Body, side: str, player: int, group: str) -> Body:
    return body["liveData"]["boxscore"]["teams"][side]["players"][f"ID{player}"]["stats"][group]


def test_walk_is_no_at_bat(body: Body) -> None:
    line = stats(body, "away", batter(BOSTON, 1), "batting")
    walked = {
        name: line[name] for name in ("plateAppearances", "atBats", "baseOnBalls", "stolenBases", "runs")
    }
    assert walked == {"plateAppearances": 4, "atBats": 3, "baseOnBalls": 1, "stolenBases": 1, "runs": 1}


def test_hit_by_pitch_is_no_at_bat(body: Body) -> None:
    line = stats(body, "home", batter(NEW_YORK, 7), "batting")
    assert (line["plateAppearances"], line["atBats"], line["hitByPitch"]) == (3, 2, 1)


def test_summary_reads_like_a_box_score(body: Body) -> None:
    assert stats(body, "home", batter(NEW_YORK, 8), "batting")["summary"] == "1-3 | HR, 2 K, 2 RBI, R"


def test_double_play_is_charged_to_its_batter(body: Body) -> None:
    line = stats(body, "away", batter(BOSTON, 4), "batting")
    assert (line["groundIntoDoublePlay"], line["groundOuts"], line["leftOnBase"]) == (1, 1, 1)


def test_run_counts_against_who_let_the_runner_on(body: Body) -> None:
    starter = stats(body, "away", pitcher(BOSTON), "pitching")
    reliever = stats(body, "away", pitcher(BOSTON, RELIEVER), "pitching")
    assert (starter["runs"], reliever["runs"]) == (1, 1)
    assert (reliever["inheritedRunners"], reliever["inheritedRunnersScored"]) == (1, 1)


def test_outs_become_innings_pitched(body: Body) -> None:
    line = stats(body, "away", pitcher(BOSTON), "pitching")
    assert (line["outs"], line["inningsPitched"], line["battersFaced"], line["strikeOuts"]) == (
        24,
        "8.0",
        25,
        24,
    )


def test_every_thrown_pitch_is_ball_or_strike(body: Body) -> None:
    line = stats(body, "home", pitcher(NEW_YORK), "pitching")
    assert (line["pitchesThrown"], line["balls"], line["strikes"]) == (12 + 24 * 3, 6, 6 + 24 * 3)


def test_decisions_are_credited(body: Body) -> None:
    assert stats(body, "home", pitcher(NEW_YORK), "pitching")["wins"] == 1
    assert body["liveData"]["decisions"]["loser"]["id"] == pitcher(BOSTON, RELIEVER)


@pytest.mark.parametrize("side", ["away", "home"])
@pytest.mark.parametrize("count", ["runs", "hits", "homeRuns", "strikeOuts", "baseOnBalls", "atBats", "rbi"])
def test_players_add_up_to_their_club(body: Body, side: str, count: str) -> None:
    team = body["liveData"]["boxscore"]["teams"][side]
    batted = (player["stats"]["batting"] for player in team["players"].values())
    assert sum(line.get(count, 0) for line in batted) == team["teamStats"]["batting"][count]


def test_line_score_agrees_with_the_plays(body: Body) -> None:
    teams = body["liveData"]["linescore"]["teams"]
    assert {side: (line["runs"], line["hits"]) for side, line in teams.items()} == {
        "home": (2, 1),
        "away": (1, 1),
    }


def test_half_that_was_not_played_has_no_runs() -> None:
    body = render_feed(suspended_game(), almanac())
    assert "runs" not in body["liveData"]["linescore"]["innings"][8]["home"]


def test_walk_off_half_has_its_runs(body: Body) -> None:
    assert body["liveData"]["linescore"]["innings"][8]["home"]["runs"] == 2


def test_steal_is_an_event_between_pitches(body: Body) -> None:
    play = body["liveData"]["plays"]["allPlays"][1]
    event = play["playEvents"][play["actionIndex"][0]]
    assert (event["details"]["eventType"], event["isPitch"]) == ("stolen_base_2b", False)
    assert [runner["details"]["playIndex"] for runner in play["runners"]] == [3, 4]


def test_count_follows_the_pitches(body: Body) -> None:
    events = body["liveData"]["plays"]["allPlays"][0]["playEvents"]
    assert [(event["count"]["balls"], event["count"]["strikes"]) for event in events] == [
        (1, 0), (2, 0), (3, 0), (3, 1), (4, 1)
    ]  # fmt: skip


def test_batted_ball_carries_its_measurements(body: Body) -> None:
    hit = body["liveData"]["plays"]["allPlays"][-1]["playEvents"][-1]["hitData"]
    assert (hit["launchSpeed"], hit["launchAngle"], hit["totalDistance"], hit["location"]) == (
        104.2,
        27.0,
        412.0,
        "7",
    )


def test_who_sits_is_on_the_bench() -> None:
    world = TinyWorld()
    rosters = [world.get_roster(club, eventful_game().official_date, "active") for club in (BOSTON, NEW_YORK)]
    team = render_feed(eventful_game(), almanac(), rosters=(rosters[0], rosters[1]))["liveData"]["boxscore"][
        "teams"
    ]["home"]
    assert (team["bench"], team["bullpen"]) == ([2012], [2011])
    assert team["players"]["ID2012"]["gameStatus"]["isOnBench"]


def test_game_under_way_tells_no_more_than_was_seen() -> None:
    body = render_feed(eventful_game(), almanac(), datetime(2025, 5, 1, 23, 15, tzinfo=UTC))
    assert body["gameData"]["status"]["detailedState"] == "In Progress"
    assert len(body["liveData"]["plays"]["allPlays"]) == 3
    assert "decisions" not in body["liveData"]
    assert stats(body, "home", pitcher(NEW_YORK), "pitching")["battersFaced"] == 3
