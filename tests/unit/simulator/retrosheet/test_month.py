"""April 2016, as Retrosheet's event files and its game logs tell it."""

from collections import Counter
from itertools import takewhile

import pytest

from simulator.game_record import GameRecord
from simulator.retrosheet import RetrosheetWorld
from simulator.retrosheet.game_log import read_game_log
from tests.data import DATA, needs_data
from tests.retrosheet_witness import differences, key_of, keyed

pytestmark = needs_data("mlb", "retrosheet", "2016eve.zip")
_STRIKEOUTS = ("strikeout", "strikeout_double_play")


@pytest.fixture(scope="module")
def world() -> RetrosheetWorld:
    return RetrosheetWorld(DATA, [2016])


@pytest.fixture(scope="module")
def april(world: RetrosheetWorld) -> list[GameRecord]:
    return list(takewhile(lambda game: game.official_date.month == 4, world.iter_games(2016)))


def test_april_agrees_with_the_game_log(april: list[GameRecord]) -> None:
    logs = keyed(read_game_log(DATA, 2016))
    assert [(key_of(game), found) for game in april for found in differences(game, logs[key_of(game)])] == []
    assert len(april) == sum(log.on.month == 4 for log in logs.values())


def test_strikeouts_take_three_strikes(april: list[GameRecord]) -> None:
    strikes = Counter()
    for play in (play for game in april for play in game.plays if play.event_type in _STRIKEOUTS):
        strikes[_strikes([pitch.call for pitch in play.pitches])] += 1
    assert strikes.keys() == {3}


def _strikes(calls: list[str]) -> int:
    """Count strikes by the rule that a foul makes no third."""
    count = 0
    for call in calls:
        count += call in "CSWTLMOQ" or (call in "FR" and count < 2)
    return count


def test_pitchers_of_record_pitched(april: list[GameRecord]) -> None:
    for game in april:
        pitched = {one.player for one in game.appearances if "P" in one.positions}
        assert {game.winner, game.loser, game.save} - {None} <= pitched


def test_runs_are_charged_as_officially_earned(april: list[GameRecord]) -> None:
    for game in april:
        scored = [runner for play in game.plays for runner in play.runners if runner.end == "score"]
        charged = Counter(runner.responsible_pitcher for runner in scored if runner.earned)
        official = {one.player: one.earned_runs for one in game.appearances if one.earned_runs}
        assert charged == official


def test_starters_bat_once_each_in_order(april: list[GameRecord]) -> None:
    nine = {str(slot * 100) for slot in range(1, 10)}
    for game in april:
        for is_home in (False, True):
            orders = [one.batting_order for one in game.appearances if one.is_home is is_home]
            assert nine <= set(orders)
            assert all(count == 1 for order, count in Counter(orders).items() if order)
