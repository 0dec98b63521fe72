"""The simulated calendar keeps the majors' facts."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest

from simulator.league.calendar import all_star_day, last_day, opening_day
from tests.unit.simulator.league.simulated_games import league


@pytest.fixture(scope="module")
def calendar():
    return league()._find_season(2026).fixtures


def test_gives_every_club_162_games(calendar):
    played = Counter(club for game in calendar for club in (game.home, game.away))
    assert set(played.values()) == {162}


def test_shares_home_games_evenly(calendar):
    hosted = Counter(game.home for game in calendar)
    assert all(76 <= games <= 86 for games in hosted.values())


def test_opens_and_closes_like_2026(calendar):
    assert (calendar[0].official_date, calendar[-1].official_date) == (date(2026, 3, 26), date(2026, 9, 27))


@pytest.mark.parametrize(("season", "day"), [(2024, 28), (2025, 27), (2026, 26)])
def test_opens_on_the_last_thursday_of_march(season, day):
    assert opening_day(season) == date(season, 3, day)


def test_rests_on_the_all_star_days(calendar):
    assert all_star_day(2026) == date(2026, 7, 14)
    assert not {game.official_date for game in calendar} & {date(2026, 7, day) for day in range(13, 17)}


def test_plays_about_fifteen_games_most_days(calendar):
    games = Counter(game.official_date for game in calendar)
    assert sum(13 <= count <= 18 for count in games.values()) > 140


def test_lets_a_club_play_twice_a_day_only_in_doubleheaders(calendar):
    days = Counter((club, game.official_date) for game in calendar for club in (game.home, game.away))
    doubled = {
        (c, game.official_date)
        for game in calendar
        if game.double_header == "Y"
        for c in (game.home, game.away)
    }
    assert {day for day, games in days.items() if games > 1} == doubled


def test_starts_a_second_game_after_the_first(calendar):
    starts = defaultdict(dict)
    for game in calendar:
        if game.double_header == "Y":
            starts[game.home, game.official_date][game.game_number] = game.start
    assert starts
    assert all(pair[2] - pair[1] >= timedelta(hours=3) for pair in starts.values())


def test_moves_postponed_games_and_keeps_their_number(calendar):
    moved = [game for game in calendar if game.original_date]
    assert 5 <= len(moved) <= 60
    assert all(game.original_date < game.official_date <= last_day(2026) for game in moved)


def test_orders_games_by_date_start_and_number(calendar):
    keys = [(game.official_date, game.start, game.game_pk) for game in calendar]
    assert keys == sorted(keys)
    assert len({game.game_pk for game in calendar}) == len(calendar)


def test_tells_day_from_night_by_the_park_clock(calendar):
    shares = Counter(game.day_night for game in calendar)
    assert 0.2 < shares["day"] / len(calendar) < 0.45


def test_favours_the_own_division(calendar):
    clubs = {club.id: club for club in league().list_clubs(2026)}
    pairs = Counter(frozenset((game.home, game.away)) for game in calendar)
    division = [n for pair, n in pairs.items() if len({clubs[c].division_id for c in pair}) == 1]
    across = [n for pair, n in pairs.items() if len({clubs[c].league_id for c in pair}) == 2]
    assert sum(division) / len(division) > 2.5 * sum(across) / len(across)
