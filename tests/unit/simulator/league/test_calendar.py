"""Seasons that begin abroad, whose All-Star Game was moved, and whose October begins in September."""

import json
from datetime import UTC, date, datetime

import pytest

from simulator.league import SimulatedLeague
from simulator.league.calendar import all_star_day
from simulator.responses import WorldApiBackend
from simulator.season_store import SeasonStore

CUBS, DODGERS, YANKEES, TOKYO_DOME = 112, 119, 147, 90002
TOKYO = [date(2025, 3, 18), date(2025, 3, 19)]
ALL_STARS = date(2025, 7, 15)


@pytest.fixture(scope="module")
def league():
    return SimulatedLeague(7, [2025])


@pytest.fixture(scope="module")
def year(league):
    return league.get_season(2025)


def plays(game, club):
    return club in (game.home, game.away)


def test_two_clubs_open_in_tokyo_before_the_others(year):
    abroad = [game for game in year.fixtures if game.venue == TOKYO_DOME]
    assert [game.official_date for game in abroad] == TOKYO == sorted({g.official_date for g in abroad})
    assert {club for game in abroad for club in (game.home, game.away)} == {CUBS, DODGERS}
    assert [game.start.astimezone(UTC).date() for game in abroad] == TOKYO
    others = [game.official_date for game in year.fixtures if game not in abroad]
    assert min(others) == date(2025, 3, 27)


def test_everybody_still_plays_162_games(year):
    for club in (club.id for club in year.clubs):
        assert sum(plays(game, club) for game in year.fixtures) == 162


def test_spring_goes_on_without_the_two(year):
    days = {
        club: {game.official_date for game in year.spring if plays(game, club)} for club in (CUBS, YANKEES)
    }
    away = {date(2025, 3, day) for day in range(15, 23)}
    assert not days[CUBS] & away
    assert len(days[YANKEES] & away) >= 7


def test_the_two_have_named_their_26_before_they_play(league):
    sizes = {
        club: [len(league.get_roster(club, day, "active")) for day in (date(2025, 3, 17), *TOKYO)]
        for club in (DODGERS, YANKEES)
    }
    assert sizes == {DODGERS: [40, 26, 26], YANKEES: [40, 40, 40]}


@pytest.mark.parametrize(("season", "day"), [(2022, 19), (2023, 11), (2024, 16), (2025, 15), (2026, 14)])
def test_the_all_star_game_is_on_the_majors_day(season, day):
    assert all_star_day(season) == date(season, 7, day)


def test_nobody_else_plays_around_the_all_star_game(year):
    around = {date(2025, 7, day) for day in (14, 15, 16, 17)}
    assert year.all_star_game.official_date == ALL_STARS
    assert not {game.official_date for game in year.fixtures} & around


@pytest.fixture
def bodies(league, tmp_path):
    return WorldApiBackend(SeasonStore(league, tmp_path), datetime(2025, 3, 20, tzinfo=UTC))


def test_seasons_tells_what_the_schedule_has(bodies, year):
    [result] = json.loads(bodies.get_seasons({"season": "2025"}).body)["seasons"]
    played = [game.official_date for game in year.fixtures]
    assert result["regularSeasonStartDate"] == min(played).isoformat() == "2025-03-18"
    assert result["regularSeasonEndDate"] == max(played).isoformat() == "2025-09-28"
    assert (result["springStartDate"], result["springEndDate"]) == ("2025-02-20", "2025-03-24")
    assert (result["allStarDate"], result["postSeasonStartDate"]) == ("2025-07-15", "2025-09-30")


def test_schedule_lists_tokyo_and_spring_on_one_day(bodies):
    listed = json.loads(bodies.get_schedule({"date": "2025-03-18"}).body)["dates"][0]["games"]
    [tokyo] = [game for game in listed if game["gameType"] == "R"]
    assert (tokyo["venue"]["name"], tokyo["status"]["detailedState"]) == ("Tokyo Dome", "Final")
    assert {game["gameType"] for game in listed} == {"R", "S"}
    assert (
        tokyo["teams"]["home"]["leagueRecord"]["wins"] + tokyo["teams"]["home"]["leagueRecord"]["losses"] == 1
    )


def test_a_game_log_has_no_spring_in_it(bodies):
    feed = json.loads(bodies.get_schedule({"date": "2025-03-19", "gameType": "S"}).body)
    [spring, *_] = feed["dates"][0]["games"]
    box = json.loads(bodies.get_game_part(spring["gamePk"], "boxscore").body)
    starter = box["teams"]["home"]["pitchers"][0]
    log = bodies.get_person_stats(starter, {"group": "pitching", "season": "2025"})
    assert json.loads(log.body)["stats"][0]["splits"] == []


def test_wild_cards_are_played_in_september(league):
    first, _ = league.season_dates(2025).postseason
    assert first == date(2025, 9, 30)
    assert {game.game_type for game in league.games_on(first, first)} == {"F"}
