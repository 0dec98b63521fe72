"""Once a year the best of both leagues meet, and nobody's standing changes."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from simulator.league.calendar import all_star_day
from simulator.responses import WorldApiBackend
from simulator.season_store import SeasonStore
from tests.unit.simulator.league.simulated_games import final_score, league

DAY = all_star_day(2026)
LEAGUES = {159: 103, 160: 104}


@pytest.fixture(scope="module")
def game():
    (only,) = league().games_on(DAY, DAY)
    return only


def clubs():
    return {man: club for club in league().get_season(2026).squads.values() for man in club.players}


def test_the_leagues_meet_and_somebody_wins(game):
    assert (game.game_type, {game.home, game.away}) == ("A", LEAGUES.keys())
    score = final_score(game)
    assert score[False] != score[True]


def test_everybody_plays_for_his_own_league(game):
    of = clubs()
    for line in game.appearances:
        assert of[line.player].club.league_id == LEAGUES[game.home if line.is_home else game.away]


def test_sends_the_best_who_are_well(game):
    year = league().get_season(2026)
    starter = clubs()[game.probable_home]
    well = [
        squad.value[slot]
        for squad in year.squads.values()
        for slot in range(5)
        if squad.club.league_id == LEAGUES[game.home] and slot in squad.roster.active_slots(DAY)
    ]
    assert starter.value[starter.players.index(game.probable_home)] > sorted(well)[-20]


def test_starters_leave_early(game):
    thrown = sum(len(play.pitches) for play in game.plays if play.pitcher == game.probable_home)
    assert thrown < 45


def test_stars_are_listed_but_play_for_no_place(tmp_path):
    now = datetime.combine(DAY, datetime.min.time(), UTC) + timedelta(days=2)
    bodies = WorldApiBackend(SeasonStore(OneGame(), tmp_path), now)
    schedule, teams, standings = (
        json.loads(answer.body)
        for answer in (
            bodies.get_schedule({"date": str(DAY)}),
            bodies.get_teams({}),
            bodies.get_standings({}),
        )
    )
    (listed,) = schedule["dates"][0]["games"]
    assert listed["teams"]["home"]["team"]["name"].endswith("League All-Stars")
    ids = {club["id"] for club in teams["teams"]}
    placed = {one["team"]["id"] for record in standings["records"] for one in record["teamRecords"]}
    assert ids == placed == {club.id for club in league().get_season(2026).clubs}
    assert (
        json.loads(bodies.get_feed(listed["gamePk"], {}).decompressed().body)["gameData"]["game"]["type"]
        == "A"
    )


class OneGame:
    """The league with nothing played but the All-Star Game."""

    label = "one game"

    def __getattr__(self, name):
        return getattr(league(), name)

    def games_on(self, first, last):
        return league().games_on(max(first, DAY), min(last, DAY))

    def games_moved_from(self, _first, _last):
        return ()
