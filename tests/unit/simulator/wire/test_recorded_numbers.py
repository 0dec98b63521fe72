"""Recorded real games, read into the scorebook and rendered again, give the recorded numbers."""

import gzip
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from simulator.wire.feed import render_feed
from tests.data import needs_data
from tests.unit.simulator.wire.recorded_games import FINAL_FEEDS, game_of

pytestmark = needs_data("mlb", "statsapi")
NOT_IN_THE_SCOREBOOK = {"holds", "stolenBases", "caughtStealing", "passedBall", "stolenBasePercentage"}
PITCHES_OF_A_SPLIT_TURN = {"numberOfPitches", "pitchesThrown", "strikes", "balls", "strikePercentage"}


@cache
def recorded(path: Path) -> Any:
    return json.loads(gzip.decompress(path.read_bytes()))


def feed_id(path: Path) -> str:
    return path.name.split("_", maxsplit=1)[0]


each_final_feed = pytest.mark.parametrize("path", FINAL_FEEDS, ids=feed_id)


def lines(body: Any, group: str) -> dict[str, Any]:
    teams = body["liveData"]["boxscore"]["teams"].values()
    return {who: player["stats"][group] for team in teams for who, player in team["players"].items()}


def differences(ours: dict[str, Any], real: dict[str, Any], but: set[str]) -> list[tuple[Any, ...]]:
    return [
        (who, name, real[who][name], value)
        for who, line in ours.items()
        for name, value in line.items()
        if name in real[who] and name not in but and real[who][name] != value
    ]


@each_final_feed
def test_batting_lines_equal_the_recorded_ones(path: Path) -> None:
    real = recorded(path)
    ours = render_feed(*game_of(real))
    assert differences(lines(ours, "batting"), lines(real, "batting"), {"summary"}) == []


@each_final_feed
def test_pitching_lines_equal_the_recorded_ones(path: Path) -> None:
    """One feed has a pitcher relieved in mid-turn, which the scorebook gives to one of the two."""
    real = recorded(path)
    ours = render_feed(*game_of(real))
    but = {"holds"} | (PITCHES_OF_A_SPLIT_TURN if feed_id(path) == "718594" else set())
    assert differences(lines(ours, "pitching"), lines(real, "pitching"), but) == []


@each_final_feed
def test_fielding_lines_equal_the_recorded_ones(path: Path) -> None:
    real = recorded(path)
    ours = render_feed(*game_of(real))
    assert differences(lines(ours, "fielding"), lines(real, "fielding"), NOT_IN_THE_SCOREBOOK) == []


@each_final_feed
def test_line_score_equals_the_recorded_one(path: Path) -> None:
    real = recorded(path)
    ours, theirs = render_feed(*game_of(real))["liveData"]["linescore"], real["liveData"]["linescore"]
    errors_apart = json.loads(re.sub(r'"errors": \d+', '"errors": 0', json.dumps(theirs["innings"])))
    ours_apart = json.loads(re.sub(r'"errors": \d+', '"errors": 0', json.dumps(ours["innings"])))
    assert ours["teams"] == theirs["teams"]
    assert ours_apart == errors_apart


@each_final_feed
def test_play_results_equal_the_recorded_ones(path: Path) -> None:
    real = recorded(path)
    ours = render_feed(*game_of(real))
    result = [(play["result"], play["count"]) for play in ours["liveData"]["plays"]["allPlays"]]
    theirs = [(play["result"], play["count"]) for play in real["liveData"]["plays"]["allPlays"]]
    different = [
        pair for pair in zip(result, theirs, strict=True) if without_outs(pair[0]) != without_outs(pair[1])
    ]
    assert different == []


def without_outs(result: tuple[dict[str, Any], Any]) -> tuple[dict[str, Any], Any]:
    """`isOut` of a single on which a runner was thrown out is sometimes true, sometimes not."""
    return {name: value for name, value in result[0].items() if name != "isOut"}, result[1]
