from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from simulator.game_record import SeasonDates
from simulator.retrosheet import RetrosheetWorld
from simulator.retrosheet.game_log import parse_line_score
from simulator.retrosheet.people import synthetic_person_id
from tests.unit.simulator.retrosheet.season_files import GAME, player, write_season


def later(text: str, day: str, site: str = "BOS07") -> str:
    moved = text.replace("BOS201605011", f"BOS201605{day}1").replace("2016/05/01", f"2016/05/{day}")
    return moved.replace("info,site,BOS07", f"info,site,{site}")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> RetrosheetWorld:
    second = GAME.replace("BOS201605011", "BOS201605012").replace("info,number,1", "info,number,2")
    evening = second.replace("1:35PM", "7:05PM")
    games = (later(GAME, "09", site="XYZ01"), evening, GAME)
    return RetrosheetWorld(write_season(tmp_path_factory.mktemp("data"), *games), [2016])


def test_games_come_in_playing_order(world: RetrosheetWorld) -> None:
    order = [(game.official_date.day, game.game_number) for game in world.iter_games(2016)]
    assert order == [(1, 1), (1, 2), (9, 1)]


def test_single_days_are_played_without_the_season(world: RetrosheetWorld) -> None:
    played = world.games_on(date(2016, 4, 1), date(2016, 5, 8))
    assert [game.game_number for game in played] == [1, 2]
    assert list(world.games_on(date(2016, 5, 9), date(2017, 5, 9))) == list(world.iter_games(2016))[2:]


def test_games_are_told_apart(world: RetrosheetWorld) -> None:
    assert len({game.game_pk for game in world.iter_games(2016)}) == 3


def test_games_are_parsed_one_at_a_time(world: RetrosheetWorld) -> None:
    games: Iterable[object] = world.iter_games(2016)
    assert next(iter(games)) is not None
    assert len(list(games)) == 2


def test_everybody_who_plays_is_known(world: RetrosheetWorld) -> None:
    people = world.people_by_id()
    for game in world.iter_games(2016):
        assert {one.player for one in game.appearances} | set(game.officials.values()) <= people.keys()


def test_people_have_register_ids_and_roster_hands(world: RetrosheetWorld) -> None:
    switch_hitter = world.people_by_id()[player("visit008")]
    assert (switch_hitter.full_name, switch_hitter.bats, switch_hitter.throws) == ("Visit Player8", "S", "R")


def test_stranger_is_given_a_stable_id() -> None:
    assert (
        synthetic_person_id("umpsa901") == synthetic_person_id("umpsa901") != synthetic_person_id("umpsa902")
    )


def test_unknown_ballpark_is_given_a_stable_id(world: RetrosheetWorld) -> None:
    played_in = {game.venue for game in world.iter_games(2016)}
    assert played_in <= world.venues_by_id().keys()
    assert max(played_in) >= 90_000


def test_active_roster_holds_who_played_nearest(world: RetrosheetWorld) -> None:
    roster = world.get_roster(111, date(2016, 5, 2), "active")
    assert len(roster) == 25
    assert {player(f"homer{n:03}") for n in range(1, 13)} <= set(roster[:14])


def test_forty_man_roster_is_not_known(world: RetrosheetWorld) -> None:
    assert list(world.get_roster(111, date(2016, 5, 2), "40Man")) == []


def test_transactions_are_not_known(world: RetrosheetWorld) -> None:
    assert list(world.list_transactions(date(2016, 1, 1), date(2016, 12, 31))) == []


def test_season_dates_are_those_of_its_games(world: RetrosheetWorld) -> None:
    days = [game.official_date for game in world.iter_games(2016)]
    assert world.season_dates(2016) == SeasonDates(regular=(min(days), max(days)))
    assert min(days) < max(days)


def test_label_names_the_seasons(tmp_path: Path) -> None:
    assert RetrosheetWorld(tmp_path, [2016, 2015]).label == "Retrosheet 2015, 2016"


@pytest.mark.parametrize(
    ("text", "innings"),
    [("010000000", (0, 1, 0, 0, 0, 0, 0, 0, 0)), ("00(10)2x", (0, 0, 10, 2)), ("(11)0", (11, 0)), ("", ())],
)
def test_line_score_is_read_by_inning(text: str, innings: tuple[int, ...]) -> None:
    assert parse_line_score(text) == innings


@pytest.mark.parametrize(
    ("season", "abbreviation", "division"),
    [(2011, "FLA", 204), (2012, "MIA", 204), (2012, "HOU", 205), (2013, "HOU", 200)],
)
def test_clubs_are_as_their_season_knew_them(
    world: RetrosheetWorld, season: int, abbreviation: str, division: int
) -> None:
    clubs = {club.abbreviation: club.division_id for club in world.list_clubs(season)}
    assert (clubs[abbreviation], len(clubs)) == (division, 30)
